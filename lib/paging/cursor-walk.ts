import { digestOf, digestOfPage } from './digest.ts';
import type { CursorPosition, Mark } from './position.ts';

export type CursorStep =
  | { readonly kind: 'more'; readonly position: CursorPosition }
  | { readonly kind: 'end' }
  /** A cursor or a page came again: going on would never end. */
  | { readonly kind: 'looping' };

/**
 * Where a cursor leads.
 *
 * Circles of any length (A-B-A as well as A-A) are noticed without remembering every cursor, by Brent's method: one earlier
 * cursor is kept for 2, 4, 8 … pages, and a circle meets it again within three rounds at most.
 *
 * @param cursor of the next page; null if there is none
 * @param digests of the rows that came
 * @param isEmpty nothing came at all: some vendors then repeat the requested cursor, and that is the end
 */
export function cursorStep(
  position: CursorPosition | null,
  cursor: string | null,
  digests: readonly string[],
  isEmpty: boolean,
): CursorStep {
  if (cursor === null || (isEmpty && position?.cursor === cursor)) return { kind: 'end' };
  const page = digestOfPage(digests);
  const digest = digestOf(cursor);
  const sameRows = digests.length > 0 && position?.page === page;
  if (position?.cursor === cursor || position?.mark?.cursor === digest || sameRows) {
    return { kind: 'looping' };
  }
  const mark = markAfter(position?.mark, digest);
  return { kind: 'more', position: { kind: 'cursor', cursor, mark, page } };
}

/** @param digest of the cursor that comes next */
export function markAfter(kept: Mark | undefined, digest: string): Mark {
  const pages = 2 * (kept?.pages ?? 1);
  return kept !== undefined && kept.left > 1
    ? { ...kept, left: kept.left - 1 }
    : { cursor: digest, pages, left: pages };
}
