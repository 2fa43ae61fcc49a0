import { absurdMs, parseHttpDate } from './named-wait.ts';

/** `X-RateLimit-Limit`, `-Remaining` and `-Reset`, which most of Bob's endpoints send with any answer. */
export interface RateLimitSeen {
  /** Requests in a window; null if it was not said. */
  readonly limit: number | null;
  /** Null unless both the rest and the reset can be believed. */
  readonly window: {
    readonly remaining: number;
    /** As written: epoch seconds of the vendor's clock. */
    readonly reset: number;
    /** The same on our clock, epoch milliseconds. */
    readonly resetAt: number;
  } | null;
}

/** @param headers names in lower case @param receivedAt when the answer arrived, epoch milliseconds */
export function rateLimitSeen(headers: Readonly<Record<string, string>>, receivedAt: number): RateLimitSeen {
  const limit = wholeNumber(headers['x-ratelimit-limit']);
  const remaining = wholeNumber(headers['x-ratelimit-remaining']);
  const reset = wholeNumber(headers['x-ratelimit-reset']);
  if (remaining === null || reset === null) return { limit, window: null };
  const answeredAt = parseHttpDate(headers['date']) ?? receivedAt;
  const wait = reset * 1000 - answeredAt;
  // A reset that is past or far away is a mistake, or given in another unit.
  if (wait < 0 || wait > absurdMs) return { limit, window: null };
  return { limit, window: { remaining, reset, resetAt: receivedAt + wait } };
}

function wholeNumber(value: string | undefined): number | null {
  const text = value?.trim() ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
