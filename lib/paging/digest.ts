import { createHash } from 'node:crypto';

/** 64 bits of an id, in 11 characters. Two ids of one stream share one with a chance of 1 in 10^13 for a million rows. */
export function digestOf(id: string): string {
  return createHash('sha256').update(id).digest().subarray(0, 8).toString('base64url');
}

/** Of the rows of a page, in their order. */
export function digestOfPage(digests: readonly string[]): string {
  return digestOf(digests.join(' '));
}

/** Rows that can be looked up by their digests. */
export interface Seen {
  /** How many different ones. */
  readonly size: number;
  /** @param digest as `digestOf` gives it */
  has(digest: string): boolean;
}
