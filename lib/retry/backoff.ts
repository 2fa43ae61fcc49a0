/**
 * When to try again. Mobaro's page advises "exponential backoff (e.g., 1s, 2s, 4s, 8s) with jitter", and to stop after 3 to 6
 * tries; Bob's for the same on 429 and 500. It begins at 4 s, so that five tries last for a minute: most storms are over by then.
 */

/** Injected, so that tests and simulations decide it: from 0 up to but not including 1. */
export type Random = () => number;

/** 4, 8, 16, 32 s and so on, and up to a quarter of it at random. @param attempt from 1 @returns milliseconds */
export function backoff(attempt: number, random: Random): number {
  const base = 4000 * 2 ** (Math.min(attempt, 20) - 1);
  return Math.round(base + (base / 4) * random());
}

/**
 * The vendor's own wait and a little more, so that all calls with the same answer do not come back in the same instant. Never
 * less. @returns milliseconds
 */
export function spread(waitMs: number, random: Random): number {
  const margin = Math.min(Math.max(waitMs / 10, 250), 5000);
  return Math.ceil(waitMs + margin * random());
}
