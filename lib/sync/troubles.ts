import type { Breaker } from './breaker.ts';
import type { Checkpoint, Stop } from './checkpoint.ts';
import type { Stream } from './settings.ts';

/**
 * The stored state as numbers. Alarms watch these rather than events, so an alarm lasts as long as its cause: an invocation that
 * changes a state publishes its number at once, and the watchdog repeats them all.
 *
 * CloudWatch bills by the metric, so all that can be wrong with a stream is one number, the sum of its flags, and each alarm
 * takes its own flag out of it.
 */

/** What can be wrong with a stream, each a bit of its number. The values are a format: alarms know them. */
export const streamFlags = {
  /** No complete run within its freshness target, and no other page that says why. */
  stale: 1,
  /** Waits for a person without harm: deletions held back, a run in circles or over its budget, walks that never vouch. */
  held: 2,
  /** The attempt cap was reached, and no page has succeeded since. */
  exhausted: 4,
  /** 403 or another 4xx. */
  halted: 8,
  /** 404. */
  missing: 16,
} as const;

/** What can be wrong with a connection as a whole. */
export const connectionFlags = {
  /** 401. */
  unauthorized: 1,
  /** The secret has not been filled in. */
  unconfigured: 2,
} as const;

export type StreamTrouble = keyof typeof streamFlags;
export type ConnectionTrouble = keyof typeof connectionFlags;

export const metricNamespace = 'Pagekeeper';

/** The dimensions beside `deployment` are `stream` for the first, `connection` for the next two. */
export const metricNames = {
  stream: 'StreamTrouble',
  connection: 'ConnectionTrouble',
  /** One value for each request to the vendor: 1 if the answer was to come later (429, 503), else 0. */
  throttled: 'Throttled',
  /** Of the deployment as a whole: fields whose type has come to be another one, when a run has shown it. */
  misfits: 'SchemaMisfits',
} as const;

export interface Measurements {
  /** @param troubles in the order of the flags; none if all is well */
  stream(stream: string, troubles: readonly StreamTrouble[]): void;
  connection(connection: string, troubles: readonly ConnectionTrouble[]): void;
  /** One request has been made. */
  request(connection: string, throttled: boolean): void;
  /** So many fields have values that a table which was made before does not take. */
  misfits(fields: number): void;
}

/** One number for a set of flags; a flag that is given twice counts once. */
export function sumOf<Flag extends string>(
  flags: Readonly<Record<Flag, number>>,
  raised: readonly NoInfer<Flag>[],
): number {
  return [...new Set(raised)].reduce((sum, flag) => sum + flags[flag], 0);
}

/** Runs that never vouch for all rows are worth a look after so long. */
export const maxDoubtMs = 2 * 86_400_000;

/** A list that a vendor cuts short so many runs in a row will not come whole by itself. */
export const maxCutShort = 2;

export interface Circumstances {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly stream: Pick<Stream, 'freshnessMs' | 'pageAfterMs' | 'gapSeconds'>;
  /** The whole connection stands still, and its own alarm says so. */
  readonly connectionHalted: boolean;
}

/** What a stop raises; null where its connection's own flag says it, and not once more for each stream. */
const troubleOfStop: Readonly<Record<Stop['by'], StreamTrouble | null>> = {
  unauthorized: null,
  forbidden: 'halted',
  missing: 'missing',
  rejected: 'halted',
  // What runs in circles, or on and on, has stored what it was given: there is no hurry.
  looping: 'held',
  runaway: 'held',
  exhausted: 'exhausted',
  malformed: 'exhausted',
};

/** Null for a stream that a person has paused: nobody waits for its pages. */
function troubleOf({ stopped, state }: Checkpoint): StreamTrouble | null {
  return stopped === null || state === 'paused' ? null : troubleOfStop[stopped.by];
}

export function troublesOfStream(checkpoint: Checkpoint, around: Circumstances): StreamTrouble[] {
  const { heldDeletions, doubtedSince, cutShortRuns } = checkpoint;
  const stop = troubleOf(checkpoint);
  const inDoubt = doubtedSince !== null && around.now - doubtedSince >= maxDoubtMs;
  const is: Readonly<Record<StreamTrouble, boolean>> = {
    stale: isStale(checkpoint, around),
    held: heldDeletions !== null || stop === 'held' || inDoubt || cutShortRuns >= maxCutShort,
    exhausted: stop === 'exhausted',
    halted: stop === 'halted',
    missing: stop === 'missing',
  };
  return raised(streamFlags, is);
}

/** What follows from something that has an alarm of its own, or that a person wants, is not reported a second time. */
function isStale(checkpoint: Checkpoint, around: Circumstances): boolean {
  const { freshFrom, state, stopped, outcome } = checkpoint;
  if (state === 'paused' || outcome === 'unconfigured') return false;
  // It goes on as soon as the key is known to be good again.
  if (state === 'halted' && stopped?.by === 'unauthorized') return false;
  const isLate = freshFrom !== null && around.now - freshFrom > around.stream.freshnessMs;
  switch (troubleOf(checkpoint)) {
    case 'missing':
    case 'halted':
      return false;
    case 'exhausted':
      // What is tried again and soon over is a ticket. That it lasts is worth a page.
      return stopped !== null && (isLate || isLasting(stopped, checkpoint, around));
    default:
      // A run in circles is a ticket: that its records grow old as well is worth a page.
      return isLate && !around.connectionHalted;
  }
}

/** A tick that finds it still so, and not in the first minutes, has lost its run. */
const lostTickMs = 5 * 60_000;

function isLasting({ since }: Stop, { lastTick }: Checkpoint, { now, stream }: Circumstances): boolean {
  if (now - since >= stream.pageAfterMs) return true;
  // A tick that finds it so makes no call and is not stored: how many there have been by then is counted.
  const ticksBy = (at: number): number => Math.floor((at - (lastTick ?? at)) / (stream.gapSeconds * 1000));
  return ticksBy(now) > ticksBy(Math.min(now, since + lostTickMs));
}

/** @param streams of the connection; those that were never stored may be left out */
export function troublesOfConnection(
  breaker: Pick<Breaker, 'state'>,
  streams: readonly Pick<Checkpoint, 'outcome' | 'outcomeAt'>[],
): ConnectionTrouble[] {
  return raised(connectionFlags, {
    // Half-open is still unauthorized: only a page that got through proves that the key is accepted.
    unauthorized: breaker.state !== 'closed',
    unconfigured: isUnconfigured(streams),
  });
}

/** Each stream notices with its own next tick that the secret has been filled in; the first one speaks for all. */
function isUnconfigured(streams: readonly Pick<Checkpoint, 'outcome' | 'outcomeAt'>[]): boolean {
  const latest = (of: typeof streams): number => Math.max(-1, ...of.map(({ outcomeAt }) => outcomeAt ?? -1));
  const unconfigured = streams.filter(({ outcome }) => outcome === 'unconfigured');
  const others = streams.filter(({ outcome }) => outcome !== 'unconfigured');
  return unconfigured.length > 0 && latest(unconfigured) >= latest(others);
}

function raised<Flag extends string>(
  flags: Readonly<Record<Flag, number>>,
  is: Readonly<Record<Flag, boolean>>,
): Flag[] {
  return (Object.keys(flags) as Flag[]).filter((flag) => is[flag]);
}
