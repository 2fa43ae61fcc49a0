import { isThrottled } from './answers.ts';
import type { Breaker } from './breaker.ts';
import type { Checkpoint, Stop } from './checkpoint.ts';
import type { Stream } from './settings.ts';

/**
 * The stored state as a number. Alarms watch it rather than events, so an alarm lasts as long as its cause: an invocation that
 * changes what is wrong with a stream publishes the number at once, and the watchdog repeats it.
 *
 * CloudWatch bills by the metric, so all that is wrong with a connection and its streams is one number: the sum of the flags of all
 * of them, below the time at which they were read. The highest number of a minute is so the one that was read last, and each alarm
 * takes its own flags out of it. Who has changed something reads after that, so the last number of all says what is stored.
 */

/** What can be wrong, each a bit of the number. The values are a format: alarms know them. */
export const troubleFlags = {
  /** 401, and not every stream that it stopped has had a good answer since. */
  unauthorized: 1,
  /** 404. */
  missing: 2,
  /** 403 or another 4xx, or a checkpoint that cannot be read. */
  halted: 4,
  /** No complete run within its freshness target, and no other page that says why. */
  stale: 8,
  /** The attempt cap was reached, and no page has succeeded since. */
  exhausted: 16,
  /** The vendor says "later" more often than it answers. */
  throttled: 32,
  /** Waits for a person without harm: deletions held back, a run in circles or over its budget, walks that never vouch. */
  held: 64,
  /** The secret has not been filled in. */
  unconfigured: 128,
} as const;

/** What the time is multiplied by: above all flags. */
const aboveFlags = 256;

export type Trouble = keyof typeof troubleFlags;
export type ConnectionTrouble = 'unauthorized' | 'throttled' | 'unconfigured';
export type StreamTrouble = Exclude<Trouble, ConnectionTrouble>;

export const metricNamespace = 'Pagekeeper';

/** Its dimensions are `deployment` and `connection`. */
export const metricName = 'Troubles';

export interface Measurements {
  /** @param readAt when what is stored began to be read, epoch milliseconds */
  troubles(connection: string, troubles: ReadonlySet<Trouble>, readAt: number): void;
}

/** @param readAt epoch milliseconds @returns a number that a double holds exactly until the year 2500 */
export function numberOf(troubles: ReadonlySet<Trouble>, readAt: number): number {
  return [...troubles].reduce((sum, trouble) => sum + troubleFlags[trouble], readAt * aboveFlags);
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

function troubleOf({ stopped }: Checkpoint): StreamTrouble | null {
  return stopped === null ? null : troubleOfStop[stopped.by];
}

/** None of one that a person has paused: nobody waits for its pages. */
export function troublesOfStream(checkpoint: Checkpoint, around: Circumstances): StreamTrouble[] {
  const { state, heldDeletions, doubtedSince, cutShortRuns } = checkpoint;
  if (state === 'paused') return [];
  const stop = troubleOf(checkpoint);
  const inDoubt = doubtedSince !== null && around.now - doubtedSince >= maxDoubtMs;
  const is: Readonly<Record<StreamTrouble, boolean>> = {
    stale: isStale(checkpoint, around),
    held: heldDeletions !== null || stop === 'held' || inDoubt || cutShortRuns >= maxCutShort,
    exhausted: stop === 'exhausted',
    halted: stop === 'halted',
    missing: stop === 'missing',
  };
  return raised(is);
}

/** What follows from something that has an alarm of its own, or that a person wants, is not reported a second time. */
function isStale(checkpoint: Checkpoint, around: Circumstances): boolean {
  const { freshFrom, state, stopped, outcome } = checkpoint;
  if (outcome === 'unconfigured') return false;
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

/** What is stored of a connection. */
export interface Stored {
  readonly streams: readonly Stream[];
  /** By name, without those that were never stored. */
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** Streams whose checkpoint is damaged. */
  readonly damaged: ReadonlySet<string>;
  readonly breaker: Pick<Breaker, 'state'>;
}

/** All that is wrong with a connection and its streams. @param now epoch milliseconds */
export function troublesOf({ streams, checkpoints, damaged, breaker }: Stored, now: number): Set<Trouble> {
  const connectionHalted = breaker.state !== 'closed';
  const ofStreams = streams.flatMap((stream): StreamTrouble[] => {
    if (damaged.has(stream.name)) return ['halted'];
    const checkpoint = checkpoints.get(stream.name);
    return checkpoint === undefined ? [] : troublesOfStream(checkpoint, { now, stream, connectionHalted });
  });
  const ofConnection = troublesOfConnection(breaker, [...checkpoints.values()], now);
  return new Set<Trouble>([...ofStreams, ...ofConnection]);
}

export function troublesOfConnection(
  breaker: Pick<Breaker, 'state'>,
  checkpoints: readonly Checkpoint[],
  now: number,
): ConnectionTrouble[] {
  return raised<ConnectionTrouble>({
    // Half-open is still unauthorized: only a page that got through proves that the key is accepted.
    unauthorized:
      (breaker.state !== 'closed' && !isAllPaused(checkpoints)) || checkpoints.some(isUnauthorized),
    throttled: isThrottled(
      checkpoints.map(({ answers }) => answers),
      now,
    ),
    unconfigured: isUnconfigured(checkpoints),
  });
}

function isAllPaused(checkpoints: readonly Checkpoint[]): boolean {
  return checkpoints.length > 0 && checkpoints.every(({ state }) => state === 'paused');
}

/** Stopped by a 401 that was about the key, and no page has succeeded since. */
function isUnauthorized({ stopped, state }: Checkpoint): boolean {
  return stopped?.by === 'unauthorized' && state !== 'paused';
}

/** Each stream notices with its own next tick that the secret has been filled in; the first one speaks for all. */
function isUnconfigured(streams: readonly Pick<Checkpoint, 'outcome' | 'outcomeAt'>[]): boolean {
  const latest = (of: typeof streams): number => Math.max(-1, ...of.map(({ outcomeAt }) => outcomeAt ?? -1));
  const unconfigured = streams.filter(({ outcome }) => outcome === 'unconfigured');
  const others = streams.filter(({ outcome }) => outcome !== 'unconfigured');
  return unconfigured.length > 0 && latest(unconfigured) >= latest(others);
}

function raised<Flag extends string>(is: Readonly<Record<Flag, boolean>>): Flag[] {
  return (Object.keys(is) as Flag[]).filter((flag) => is[flag]);
}
