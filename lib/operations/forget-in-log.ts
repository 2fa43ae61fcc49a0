import { recordDigest } from '../changes/forgotten.ts';
import { changesOf } from '../changes/object-key.ts';
import type { ForgottenRecords, LogEraser } from '../changes/ports.ts';
import { settledAfterMs } from '../changes/read-changes.ts';
import type { Clock } from '../sync/ports.ts';
import { LogSearch, type Bounds, type Looked } from './erase-from-log.ts';
import type { Erased } from './forget.ts';

/** How far what works on the log may be out of step with whoever forgets. */
export interface Pace {
  /** Between the clocks of S3, DynamoDB and the functions. */
  readonly skewMs: number;
  /** After this time a function that was at work is over. */
  readonly settleMs: number;
}

export const paceOfFunctions: Pace = { skewMs: 2000, settleMs: settledAfterMs };
/** Where no function runs. */
export const paceOfNobody: Pace = { skewMs: 0, settleMs: 0 };

export interface LogForgetting {
  readonly log: LogEraser;
  readonly forgotten: ForgottenRecords;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly pace: Pace;
  /** Told what is waited for. */
  readonly tell: (sentence: string) => void | Promise<void>;
}

/** S3 tells its time in whole seconds, and so does the table of each of its writes. */
const second = 1000;

/**
 * Erases a record where there is a change log, and takes what it was out of the log. It can be repeated, and goes on then; until
 * it has come to its end the log may hold something of the record, or lack what the vendor has given anew.
 *
 * @param erase what is in the tables
 */
export async function forgetInLog(
  record: { readonly stream: string; readonly id: string },
  erase: () => Promise<Erased>,
  deps: LogForgetting,
  signal: AbortSignal,
): Promise<{ readonly erased: Erased; readonly looked: Looked }> {
  const { log, pace, tell } = deps;
  const { erased, bounds } = await eraseForGood(record, erase, deps, signal);
  const search = new LogSearch(record, log);
  await tell('Looking through the change log.');
  await search.erase(bounds, 0);
  if (pace.settleMs > 0) {
    const wait = Math.ceil(pace.settleMs / second);
    await tell(
      `Waiting up to ${wait} s for functions that began before, and may still write what they have read.`,
    );
    const since = bounds.publishedUntil - pace.settleMs;
    await waitUntil(bounds.until + pace.settleMs, record.stream, deps, signal);
    await search.erase(bounds, since);
  }
  return { erased, looked: search.looked };
}

/**
 * Erases it in the tables at a moment that the log agrees with: up to it every write of the record is left out of the log, and
 * once that second is over the record is not there. What a run stores again until then nobody would hear of, so it is erased, too.
 */
async function eraseForGood(
  { stream, id }: { readonly stream: string; readonly id: string },
  erase: () => Promise<Erased>,
  deps: LogForgetting,
  signal: AbortSignal,
): Promise<{ readonly erased: Erased; readonly bounds: Bounds }> {
  const { log, forgotten, pace } = deps;
  const digest = recordDigest(stream, id);
  const now = () => log.now(changesOf(stream));
  // Whoever may not ask it shall hear so before anything is held back.
  await now();
  let erased: Erased = { wasListed: false, wasStored: false };
  for (;;) {
    await forgotten.hold(digest);
    const publishedUntil = (await now()) + second + pace.skewMs;
    erased = either(erased, await erase());
    // Behind what was published without knowing, by the slowest of the clocks.
    const until = (await now()) + second + 3 * pace.skewMs;
    const isReleased = await forgotten.release(digest, until);
    await waitUntil(Math.floor(until / second) * second + second + pace.skewMs, stream, deps, signal);
    const again = await erase();
    erased = either(erased, again);
    if (isReleased && !again.wasStored) {
      return { erased, bounds: { publishedUntil, until } };
    }
  }
}

function either(one: Erased, other: Erased): Erased {
  return {
    wasListed: one.wasListed || other.wasListed,
    wasStored: one.wasStored || other.wasStored,
  };
}

/** By the clock of the log. */
async function waitUntil(
  moment: number,
  stream: string,
  { log, clock }: Pick<LogForgetting, 'log' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const left = moment - (await log.now(changesOf(stream)));
    if (left <= 0) return;
    await clock.sleep(left, signal);
  }
}

/** @returns what was done to the log, in sentences */
export function lookedInWords({ objects, bytes, rewritten, rewrittenBytes, unreadable }: Looked): string {
  const done =
    rewritten === 0
      ? 'none of them held it'
      : `${rewritten} of them (${sizeInWords(rewrittenBytes)}) ${haveOf(rewritten)} been written again without it`;
  const left =
    unreadable === 0
      ? ''
      : ` ${unreadable} of them could not be read, and may still hold it: look at them by hand, those of failed batches are under aws/lambda/.`;
  return (
    `${objects} ${objects === 1 ? 'object' : 'objects'} (${sizeInWords(bytes)}) of the change log ${haveOf(objects)} been looked through, and ${done}.${left} ` +
    'Out of reach are copies that people have exported, and old versions of objects where somebody has switched versioning on.'
  );
}

function haveOf(count: number): string {
  return count === 1 ? 'has' : 'have';
}

function sizeInWords(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let [size, unit] = [bytes, 0];
  for (; size >= 1000 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit] ?? ''}`;
}
