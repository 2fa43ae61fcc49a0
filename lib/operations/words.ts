import type { Part, Position, WalkPosition } from '../paging/position.ts';
import { isHalted, type Checkpoint } from '../sync/checkpoint.ts';
import type { StreamOutcome } from '../sync/outcome.ts';

/** What an outcome means for a person who has not read the documentation. */
const outcomes: Readonly<Record<StreamOutcome, string>> = {
  complete: 'synced to its end',
  partial: 'synced to its end, but the vendor left something out',
  waiting: 'waits for its next try',
  running: 'under way',
  exhausted: 'gave up for now after too many tries; goes on at the same place when the vendor answers again',
  malformed: 'no answer could be understood; goes on at the same place when one can be',
  unauthorized: 'the vendor refused the key (401)',
  forbidden: 'the key may not read this stream (403)',
  missing: 'the vendor knows no such stream (404)',
  rejected: 'the request or its answer could not be accepted',
  drifted: 'its end was not reached: rows moved during the walk, or its cursor expired twice',
  looping: 'the vendor gave the same page twice',
  suspicious: 'a mass deletion waits for a person',
  runaway: 'more pages or hours than one run may have',
  paused: 'paused by a person',
  unconfigured: 'the secret still holds its placeholder',
};

export function outcomeInWords(outcome: StreamOutcome): string {
  return outcomes[outcome];
}

/** Why a stream makes no call, one that is halted. */
export function haltInWords(checkpoint: Checkpoint): string {
  return isHalted(checkpoint) ? outcomes[checkpoint.halt.outcome] : 'why is not stored';
}

/** Null where the reason is no more than the status that the words have told already. */
export function reasonBeside(words: string, reason: string | null, status: number | null): string | null {
  return reason === `HTTP ${String(status)}` && words.includes(`(${String(status)})`) ? null : reason;
}

const sweepInWords = 'its search for deleted records';

/** `null` is the beginning of the stream. */
export function positionInWords(position: Position | null): string {
  switch (position?.kind) {
    case undefined:
      return 'the beginning';
    case 'offset':
    case 'steps':
      return `offset ${position.offset}`;
    case 'cursor':
      return 'its stored cursor';
    case 'answer':
      return 'the middle of its answer';
    case 'file':
      return 'the file that the vendor writes';
    case 'part':
      return partInWords(position.part, position.walk);
    case 'sweep':
      return sweepInWords;
  }
}

/** Whose rows they are is not said: the parent's id is personal data. */
function partInWords(part: Part, walk: WalkPosition | null): string {
  const within = walk === null ? '' : `, ${positionInWords(walk)}`;
  switch (part.kind) {
    case 'ids':
      return 'the list of its ids';
    case 'batch':
      return `batch ${part.index + 1} of ${part.of}${within}`;
    case 'slice': {
      const { window } = part;
      const time = window === null ? [] : [`${dateOf(window.since)} to ${dateOf(window.until)}`];
      const parent = part.parent === null ? [] : ['one of its parents'];
      return `${[...time, ...parent].join(' of ')}${within}`;
    }
  }
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** What syncs on this machine, as it is typed: in this project, or where it is a package of another one. */
export const startCommand = import.meta.filename.endsWith('.ts') ? 'npm start' : 'npx pagekeeper start';

/** The same with options behind it, which npm would take for its own. @param options as they are typed; none for '' */
export function startWith(options: string): string {
  if (options === '') return startCommand;
  return `${startCommand}${startCommand === 'npm start' ? ' --' : ''} ${options}`;
}

/** How streams are set going in the place that a command works on. */
export interface TickSource {
  /** What starts a stream, as a person says it: `the next tick`, `the next npm start`. */
  readonly tick: string;
  /** The watchdog comes by every five minutes. */
  readonly watched: boolean;
}

export const ofDeployments: TickSource = { tick: 'the next tick', watched: true };

/** When a stream goes on that is due, and that nothing carries. */
export function whenDue({ tick, watched }: TickSource): string {
  return `with ${tick}${watched ? ', or when the watchdog comes by' : ''}`;
}

/** `3 s`, `2 min 5 s`, `11 h 20 min`: never shorter than it is. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined([minutes, 'min'], [seconds % 60, 's']);
  return joined([Math.floor(minutes / 60), 'h'], [minutes % 60, 'min']);
}

/** `3 s`, `2 min`, `11 h`, `4 d`: the largest unit alone, never longer than it is. */
export function roughly(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400).toLocaleString('en-US')} d`;
}

function joined(...parts: readonly (readonly [number, string])[]): string {
  return parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}

/** As `roughly`, with the word behind it. */
export function ago(at: number, now: number): string {
  return `${roughly(now - at)} ago`;
}

/** `16:54 UTC`, with its day where that is another one. */
export function clockInWords(at: number, now: number): string {
  const [day = '', time = ''] = new Date(at).toISOString().slice(0, 16).split('T');
  return `${new Date(now).toISOString().startsWith(day) ? '' : `${day} `}${time} UTC`;
}
