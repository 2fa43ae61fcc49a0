import { readLimitHeaders, type Headers, type LimitSaid } from './limit-headers.ts';
import { isWait } from './time-forms.ts';

/** What an answer says of a limit, with any status: most of Bob's endpoints say it with any answer. */
export interface RateLimitSeen {
  /** Requests in a window; null if it was not said. */
  readonly limit: number | null;
  /** What is left of it; null if it was not said. */
  readonly remaining: number | null;
  /** How long a window is, in milliseconds; null where no policy says so, which is usual. */
  readonly windowMs: number | null;
  /** Null unless both the rest and the reset can be believed. */
  readonly window: {
    readonly remaining: number;
    /** Epoch seconds: of the vendor's clock where it named a moment, of ours where it named a wait. */
    readonly reset: number;
    /** The same on our clock, epoch milliseconds. */
    readonly resetAt: number;
  } | null;
}

export const nothingSeen: RateLimitSeen = { limit: null, remaining: null, windowMs: null, window: null };

/** Of several limits the one that is reset first. @param receivedAt when the answer arrived, epoch milliseconds */
export function rateLimitSeen(headers: Headers, receivedAt: number): RateLimitSeen {
  return rateLimitsSeen(headers, receivedAt)[0] ?? nothingSeen;
}

/** Of each limit, the one that is reset first before the others. @param receivedAt when the answer arrived, epoch milliseconds */
export function rateLimitsSeen(headers: Headers, receivedAt: number): readonly RateLimitSeen[] {
  const { limits } = readLimitHeaders(headers, receivedAt);
  const seen = limits.map((said) => seenOf(said, receivedAt));
  const resetOf = ({ window }: RateLimitSeen): number => window?.resetAt ?? Number.MAX_VALUE;
  return seen.toSorted((a, b) => resetOf(a) - resetOf(b));
}

function seenOf({ limit, remaining, resets, windowMs }: LimitSaid, receivedAt: number): RateLimitSeen {
  // A reset that is past or far away is a mistake.
  const times = resets.filter(({ wait }) => isWait(wait));
  const [last] = times.toSorted((a, b) => b.wait - a.wait);
  if (remaining === null || last === undefined) return { limit, remaining, windowMs, window: null };
  const resetAt = receivedAt + last.wait;
  return { limit, remaining, windowMs, window: { remaining, reset: (last.at ?? resetAt) / 1000, resetAt } };
}
