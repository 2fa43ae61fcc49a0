import type { Colors } from '../../terminal/colors.ts';
import { waitInWords, type Phase, type Progress, type StreamProgress } from './progress.ts';
import { clock, count, oneLine, truncated } from '../../terminal/words.ts';

export interface Viewport {
  readonly columns: number;
  readonly rows: number;
}

/** Lines around the streams: the heading, what does not fit, the foot, and one that the terminal needs for itself. */
const otherLines = 5;

/** The block that is drawn anew while the run goes on: one line a stream, none wider than the screen. Pure. */
export function liveBlock(
  progress: Progress,
  at: { readonly startedAt: number; readonly now: number; readonly foot?: string },
  { columns, rows }: Viewport,
  colors: Colors,
): string {
  const all = [...progress.streams.values()];
  const room = Math.max(3, rows - otherLines);
  const shown = all.length <= room ? all : mostUrgent(all, room);
  const done = all.filter(({ phase }) => phase.kind === 'ended').length;
  const lines = [
    `${colors.bold('Pagekeeper')}  ${colors.dim(`${clock(at.now - at.startedAt)}   ${String(done)} of ${String(all.length)} streams done`)}`,
    ...streamLines(shown, at.now, columns, colors),
  ];
  if (shown.length < all.length) lines.push(colors.dim(`  and ${String(all.length - shown.length)} more`));
  const alarms = progress.alarms.size;
  if (alarms > 0) lines.push(colors.red(`  ${count(alarms)} ${alarms === 1 ? 'alarm' : 'alarms'} in ALARM`));
  lines.push(colors.dim(truncated(at.foot ?? footOf(done === all.length), columns)));
  return lines.join('\n');
}

function footOf(isOver: boolean): string {
  return isOver ? 'Evaluating the alarms.' : 'Ctrl-C stops; the next start goes on where this one stopped.';
}

/** Those that still move come before those that are done, each in the order of the stack. */
function mostUrgent(all: readonly StreamProgress[], room: number): readonly StreamProgress[] {
  const isOpen = ({ phase }: StreamProgress): boolean => phase.kind !== 'ended';
  const chosen = new Set([...all.filter(isOpen), ...all.filter((one) => !isOpen(one))].slice(0, room));
  return all.filter((one) => chosen.has(one));
}

function streamLines(
  streams: readonly StreamProgress[],
  now: number,
  columns: number,
  colors: Colors,
): readonly string[] {
  const isAnyDeleted = streams.some(({ deleted }) => deleted > 0);
  const cells = streams.map(({ stream, pages, records, written, deleted }) => [
    stream,
    `${count(pages)} ${pages === 1 ? 'page ' : 'pages'}`,
    `${count(records)} records`,
    `${count(written)} written`,
    ...(isAnyDeleted ? [`${count(deleted)} deleted`] : []),
  ]);
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return streams.map(({ phase }, index) => {
    const [name = '', ...numbers] = (cells[index] ?? []).map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    const left = `  ${symbolOf(phase)} ${name}  ${numbers.join('  ')}`;
    const words = wordsOf(phase, now);
    if (left.length >= columns) return truncated(left, columns);
    const right = truncated(words, columns - left.length - 3);
    return `  ${colorOf(phase, colors)(symbolOf(phase))} ${name}  ${colors.dim(numbers.join('  '))}   ${colorOf(phase, colors)(right)}`;
  });
}

export function symbolOf(phase: Phase): string {
  switch (phase.kind) {
    case 'new':
      return '·';
    case 'going':
      return '▸';
    case 'waiting':
      return '…';
    case 'ended':
      return phase.outcome === 'complete' ? '✓' : '✗';
  }
}

function colorOf(phase: Phase, colors: Colors): (text: string) => string {
  switch (phase.kind) {
    case 'new':
      return colors.dim;
    case 'going':
      return colors.cyan;
    case 'waiting':
      return colors.yellow;
    case 'ended':
      return phase.outcome === 'complete' ? colors.green : colors.red;
  }
}

function wordsOf(phase: Phase, now: number): string {
  switch (phase.kind) {
    case 'new':
      return 'waits for its tick';
    case 'going':
      return phase.sweeping ? 'looks for deleted records' : 'under way';
    case 'waiting':
      return waitInWords(phase, now);
    case 'ended':
      return phase.why === null ? phase.outcome : `${phase.outcome}: ${oneLine(phase.why)}`;
  }
}
