import { createLogUpdate } from 'log-update';

import { colorsFor } from '../../terminal/colors.ts';
import { printableText } from '../../terminal/printable.ts';
import { clock } from '../../terminal/words.ts';
import type { LocalEvent } from '../run/local-run.ts';
import { liveBlock } from './live-block.ts';
import { plainLine } from './plain-line.ts';
import type { Progress } from './progress.ts';

/** Shows a run while it goes on. */
export interface Screen {
  /** Something that happens before the streams start, such as "reading the stack". */
  note(text: string): void;
  /** From here on the streams are shown. */
  begin(progress: Progress): void;
  show(event: LocalEvent, before: Progress, after: Progress): void;
  /** Leaves nothing moving behind; what is written afterwards stands below. */
  end(): void;
}

const redrawMs = 200;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * A block that is drawn anew on a terminal, else one line for each event that is worth one. A terminal that says 0 columns
 * or rows (`script` without one around it, some CI) does not know where a line is broken, so nothing can be drawn over.
 *
 * @param foot what stands below the block while there is nothing else to be said there.
 */
export function createScreen(stream: NodeJS.WriteStream, variables: Variables, foot?: string): Screen {
  const canDraw = stream.isTTY && stream.columns > 0 && stream.rows > 0 && variables['TERM'] !== 'dumb';
  return canDraw
    ? liveScreen(stream, variables, foot)
    : plainScreen((line) => stream.write(`${printableText(line, false)}\n`));
}

export function plainScreen(write: (line: string) => unknown, now: () => number = Date.now): Screen {
  const startedAt = now();
  const line = (text: string): void => {
    write(`${((now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  };
  return {
    note: line,
    begin: (progress) => {
      line(`syncing ${[...progress.streams.keys()].join(', ')}`);
    },
    show: (event, before, after) => {
      const text = plainLine(event, before, after);
      if (text !== null) line(text);
    },
    end: () => undefined,
  };
}

/** All of them show the same. */
export function screens(...all: readonly Screen[]): Screen {
  return {
    note: (text) => all.forEach((screen) => screen.note(text)),
    begin: (progress) => all.forEach((screen) => screen.begin(progress)),
    show: (event, before, after) => all.forEach((screen) => screen.show(event, before, after)),
    end: () => all.forEach((screen) => screen.end()),
  };
}

function liveScreen(stream: NodeJS.WriteStream, variables: Variables, foot: string | undefined): Screen {
  const colors = colorsFor(stream, variables);
  const log = createLogUpdate(stream);
  const startedAt = Date.now();
  let progress: Progress | undefined;
  let note: string | undefined;
  const lowest = (): { readonly foot?: string } => {
    const text = note ?? foot;
    return text === undefined ? {} : { foot: text };
  };
  const draw = (): void => {
    const viewport = { columns: stream.columns, rows: stream.rows };
    const block =
      progress === undefined
        ? `${colors.bold('Pagekeeper')}  ${colors.dim(`${clock(Date.now() - startedAt)}   ${spinnerAt(Date.now())} ${note ?? ''}`)}`
        : liveBlock(progress, { startedAt, now: Date.now(), ...lowest() }, viewport, colors);
    log(printableText(block, true));
  };
  // Countdowns and the clock move without any event.
  const timer = setInterval(draw, redrawMs);
  return {
    note: (text) => {
      note = text;
      draw();
    },
    begin: (first) => {
      progress = first;
      note = undefined;
      draw();
    },
    show: (event, before, after) => {
      progress = after;
      const lasting =
        event.kind === 'function-failed' || event.kind === 'log' ? plainLine(event, before, after) : null;
      if (lasting !== null) log.persist(colors.yellow(printableText(lasting, false)));
    },
    end: () => {
      clearInterval(timer);
      log.clear();
      log.done();
    },
  };
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** @param now epoch milliseconds */
function spinnerAt(now: number): string {
  return spinner[Math.floor(now / redrawMs) % spinner.length] ?? '';
}

/** For `--json`: what goes wrong is told on stderr, and nothing else. */
export function silentScreen(stream: NodeJS.WriteStream): Screen {
  return {
    note: () => undefined,
    begin: () => undefined,
    show: (event, before, after) => {
      if (event.kind !== 'function-failed' && event.kind !== 'log') return;
      const text = plainLine(event, before, after);
      if (text !== null) stream.write(`${printableText(text, false)}\n`);
    },
    end: () => undefined,
  };
}
