import { readLimitHeaders, type Headers, type LimitSaid } from './limit-headers.ts';
import { absurdMs, isWait, justPassedMs } from './time-forms.ts';

/**
 * How long the vendor wants us to stay away, if it said so in a way that can be believed.
 *
 * Both vendors' pages name `Retry-After`; Bob's also `X-RateLimit-Reset` ("given in Unix epoch time"). Where more is said
 * the longest wins: calling too early is the one thing that makes a limit worse. A value that is unreadable or absurd is
 * not fatal, and no page waits for it; but it is reported.
 */
export interface NamedWait {
  /** Milliseconds from the answer on; null if nothing usable was said. */
  readonly ms: number | null;
  /** What a person should hear of it, as a part of a sentence; null where there is nothing strange. */
  readonly remark: string | null;
}

/** Longer than this is believed, and surprises people. */
const surprisingMs = 24 * 3600 * 1000;

/**
 * @param status of the answer: a 429, and another 4xx with a `Retry-After`, has to wait for the reset; of others Bob
 * sends the reset along with every one, and it counts where nothing remains until then
 * @param receivedAt when the answer arrived, epoch milliseconds
 */
export function namedWait(status: number, headers: Headers, receivedAt: number): NamedWait {
  const { limits, retryAfter, isUnreadable } = readLimitHeaders(headers, receivedAt);
  const isLimited = status === 429 || (mayBeLimit(status) && retryAfter.length > 0);
  const resets = limitsThatCount(limits, isLimited, status >= 500).flatMap(({ resets }) => resets);
  const waits = [...retryAfter, ...resets].map(({ wait }) => wait);
  const believed = waits.filter(isWait);
  const ms = believed.length === 0 ? null : Math.max(...believed);
  const remark = remarkOnLong(waits, ms) ?? (status < 400 ? null : remarkOnOdd(waits, ms, isUnreadable));
  return { ms, remark };
}

/** A 4xx may be how a vendor says that a limit was met. A 401 and a 404 are what they say. */
function mayBeLimit(status: number): boolean {
  return status >= 400 && status < 500 && status !== 401 && status !== 404;
}

/**
 * Whether an answer that is no 429 says that a limit was met: it asks to come again later, or nothing is left, which says
 * less; null if it does not.
 */
export function limitMet(status: number, headers: Headers): 'come later' | 'nothing left' | null {
  if (!mayBeLimit(status)) return null;
  const { limits, hasRetryAfter } = readLimitHeaders(headers, 0);
  if (hasRetryAfter) return 'come later';
  return limits.some(({ remaining }) => remaining === 0) ? 'nothing left' : null;
}

/** A limit that has something left is not the one that was met, if there is another. */
function limitsThatCount(
  limits: readonly LimitSaid[],
  isLimited: boolean,
  isUnwell: boolean,
): readonly LimitSaid[] {
  const isUsedUp = limits.some(({ remaining }) => remaining === 0);
  if (isLimited && !isUsedUp) return limits;
  return limits.filter(({ remaining }) => remaining === 0 || (remaining === null && (isLimited || isUnwell)));
}

function remarkOnLong(waits: readonly number[], believed: number | null): string | null {
  const max = Math.max(...waits);
  if (max > absurdMs)
    return `the vendor asks for a wait of ${inSeconds(max)} s, which is not believed: it is over 7 days`;
  return (believed ?? 0) > surprisingMs ? `the vendor asks for a wait of ${inSeconds(max)} s` : null;
}

/** Only of an answer that something follows from. */
function remarkOnOdd(
  waits: readonly number[],
  believed: number | null,
  isUnreadable: boolean,
): string | null {
  if (believed !== null) return null;
  const max = Math.max(...waits);
  if (waits.length > 0 && max < -justPassedMs)
    return `the vendor asks to wait for a moment that was ${inSeconds(-max)} s ago`;
  return isUnreadable ? 'the vendor asks for a wait in a form that is not understood' : null;
}

function inSeconds(ms: number): string {
  return Math.ceil(ms / 1000).toLocaleString('en-US');
}
