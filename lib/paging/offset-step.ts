import { digestOfPage, type Seen } from './digest.ts';
import type { OffsetPosition, StepsPosition } from './position.ts';
import type { Totals } from './totals.ts';

/** What both ways of walking by offset (offset-walk.ts, steps-walk.ts) are given, and what they come to. */

export interface OffsetPage {
  /** Digests of the rows that came, in their order. */
  readonly digests: readonly string[];
  /** What the vendor says there is in all; null if it does not. */
  readonly total: number | null;
  /** The vendor's own word: nothing follows (true), or more does (false); null, or absent, where it says neither. */
  readonly isLast?: boolean | null;
}

/** Why an offset is refused: nothing is there (404, 416), or the vendor goes no deeper (400, 422). */
export type Refusal = 'nothing here' | 'no deeper';

/** What an offset has turned out to be in this run: any row, only multiples of a page's rows, or pages; null before it shows. */
export type Offsets = 'any' | 'multiples' | 'pages' | null;

/** What is known beside the page itself. */
export interface OffsetContext {
  /** Rows of a page, as the settings have it. */
  readonly pageSize: number;
  /** Rows that were requested. */
  readonly asked: number;
  readonly totals: Totals;
  /** What the vendor counts by: so the definition says. Absent: rows. */
  readonly counts?: 'pages';
  /** How often the run has had to step back: where rows move, a page that comes again shows nothing of the vendor. */
  readonly setbacks: number;
  readonly offsets: Offsets;
  /** The rows that this run has seen; null where they have not been looked up. */
  readonly seen: Seen | null;
}

/** The page does not count: it may lie beyond rows that were not seen. */
export interface StepBack {
  readonly kind: 'step back';
  readonly position: OffsetPosition | StepsPosition | null;
  readonly reason: string;
  /** Nothing has moved: what the vendor means by an offset is tried out. */
  readonly isTrial?: true;
}

export type OffsetStep =
  | { readonly kind: 'more'; readonly position: OffsetPosition | StepsPosition }
  /** @property claimed where the list ends, if only the vendor's total says so; else null */
  | { readonly kind: 'end'; readonly claimed: OffsetPosition | null }
  | StepBack
  /** The same rows came again for another offset. */
  | { readonly kind: 'looping' }
  /** The answer contradicts itself: it may be better next time. */
  | { readonly kind: 'contradictory'; readonly reason: string };

/** Where a refused offset leads. */
export type RefusedStep =
  | StepBack
  /** The list ends here, and its total says so, too. */
  | { readonly kind: 'end' }
  /** The list ends here, by the status that the vendor has for a list that does not exist, too. */
  | { readonly kind: 'nothing here' }
  /** What lies behind is not known. */
  | { readonly kind: 'cut short' };

/** What to do depends on what this run has seen. */
export interface LookUp {
  readonly kind: 'look up';
}

export const noMore: OffsetStep = { kind: 'end', claimed: null };

export const noneButMore = {
  kind: 'contradictory',
  reason: 'no rows, where the vendor says that more follow',
} as const;

/** Why a walk steps back. */
export const rowsHaveGone = 'rows have gone from before the page';

/** @param offset of the next row @param before the position of the page; null is the beginning */
export function positionAfter(
  offset: number,
  { digests, total }: OffsetPage,
  before: Pick<OffsetPosition, 'fullest'> | null,
): OffsetPosition {
  const anchor = digests.at(-1);
  return {
    kind: 'offset',
    offset,
    ...(anchor !== undefined && { anchor }),
    page: digestOfPage(digests),
    rows: digests.length,
    fullest: Math.max(before?.fullest ?? 0, digests.length),
    ...(total !== null && { total }),
  };
}
