import { digestOfPage } from './digest.ts';
import type { OffsetPosition } from './position.ts';

/**
 * Walks a list by offset while rows are inserted and deleted in front of it.
 *
 * Each page overlaps the one before by a row. If that row has been seen in this run, nothing between the two pages was
 * missed: at most rows were inserted before it, and some are seen twice. If it has not, rows were deleted before it and
 * others have slipped past the offset: the walk steps back until it meets a row that it has seen. This holds as long as
 * the vendor keeps the order of the rows that stay.
 */

export interface OffsetPage {
  /** Digests of the rows that came, in their order. */
  readonly digests: readonly string[];
  /** What the vendor says there is in all; null if it does not. */
  readonly total: number | null;
}

export type OffsetStep =
  | { readonly kind: 'more'; readonly position: OffsetPosition }
  /** @property claimed where the list ends, if only the vendor's total says so; else null */
  | { readonly kind: 'end'; readonly claimed: OffsetPosition | null }
  /** Rows have gone: this page may lie beyond some that were not seen, so it does not count. */
  | { readonly kind: 'step back'; readonly position: OffsetPosition | null }
  /** The same rows came again for another offset. */
  | { readonly kind: 'looping' }
  /** The answer contradicts itself: it may be better next time. */
  | { readonly kind: 'unbelievable'; readonly reason: string };

/** The first row is not the expected one: what to do depends on whether this run has seen it. */
export interface LookUp {
  readonly kind: 'look up';
}

/** The offset to ask for. */
export function askedOffset(position: OffsetPosition | null): number {
  if (position === null || position.offset === 0) return 0;
  return position.blind ? position.offset : position.offset - 1;
}

/** The rows to ask for: where there is an overlap, at least one beyond it. */
export function askedLimit(position: OffsetPosition | null, pageSize: number, max: number): number {
  const overlaps = position !== null && position.offset > 0 && !position.blind;
  return overlaps ? Math.min(Math.max(2, pageSize), max) : pageSize;
}

/**
 * @param position what was asked for
 * @param seen digests of all rows that this run has seen; null where they have not been looked up
 */
export function offsetStep(
  position: OffsetPosition | null,
  page: OffsetPage,
  pageSize: number,
  seen: ReadonlySet<string>,
): OffsetStep;
export function offsetStep(
  position: OffsetPosition | null,
  page: OffsetPage,
  pageSize: number,
  seen: ReadonlySet<string> | null,
): OffsetStep | LookUp;
export function offsetStep(
  position: OffsetPosition | null,
  page: OffsetPage,
  pageSize: number,
  seen: ReadonlySet<string> | null,
): OffsetStep | LookUp {
  if (position?.confirming === true) return confirmStep(position, page, pageSize, seen);
  const { digests, total } = page;
  const first = digests[0];
  const beginning = position === null || position.offset === 0;
  if (first === undefined && total !== null && total > askedOffset(position)) {
    return { kind: 'unbelievable', reason: `no rows, where the vendor counts ${total} in all` };
  }
  if (beginning) return first === undefined ? noMore : onward(position, page);
  if (position.blind) {
    // Nothing overlaps here, so only the total can tell that rows have gone.
    if (total !== null && position.total !== undefined && total < position.total) {
      return stepBack(position, pageSize);
    }
    if (first === undefined) return noMore;
    return onward(position, page);
  }
  if (first === undefined) return stepBack(position, pageSize);
  if (first !== position.anchor) {
    if (seen === null) return { kind: 'look up' };
    if (!seen.has(first)) return stepBack(position, pageSize);
  }
  if (digests.length === 1 && !isEnd(position, page)) {
    // The overlap alone: the end, or a server that gives one row at a time. The row behind it decides.
    const { again } = position;
    const next = { ...positionAt(position.offset, page), blind: true, ...(again && { again }) } as const;
    return { kind: 'more', position: next };
  }
  return onward(position, page);
}

const noMore: OffsetStep = { kind: 'end', claimed: null };

/** The last row again, and nothing behind it: so the list does end there. Whatever else comes is walked on from. */
function confirmStep(
  { confirming, ...position }: OffsetPosition,
  { digests, total }: OffsetPage,
  pageSize: number,
  seen: ReadonlySet<string> | null,
): OffsetStep | LookUp {
  // With rows in front of it that were inserted meanwhile, or alone.
  const behindIt = digests.at(-1) === position.anchor;
  const denied = total !== null && total > askedOffset(position) + digests.length;
  // From a server that is known to give more rows at a time, and does not itself say that there are more.
  if (confirming === true && behindIt && !denied && (position.rows ?? 0) > digests.length) {
    const [first] = digests;
    if (first === position.anchor) return noMore;
    if (seen === null) return { kind: 'look up' };
    if (first !== undefined && seen.has(first)) return noMore;
  }
  return offsetStep(position, { digests, total: null }, pageSize, seen);
}

function onward(position: OffsetPosition | null, page: OffsetPage): OffsetStep {
  const { digests } = page;
  if (isEnd(position, page)) {
    const end = positionAt(askedOffset(position) + digests.length, page);
    return { kind: 'end', claimed: { ...end, confirming: true } };
  }
  const next = positionAt(askedOffset(position) + digests.length, page);
  const again = position !== null && position.page === next.page && position.total === next.total;
  if (!again) return { kind: 'more', position: next };
  // Once may be chance: as many rows were inserted as the page has, and as many have gone elsewhere.
  return position.again === true ? { kind: 'looping' } : { kind: 'more', position: { ...next, again: true } };
}

/** A total that is smaller than what has come is none: then only an empty page is the end. */
function isEnd(position: OffsetPosition | null, { digests, total }: OffsetPage): boolean {
  return total === askedOffset(position) + digests.length;
}

function positionAt(offset: number, { digests, total }: OffsetPage): OffsetPosition {
  const anchor = digests.at(-1);
  return {
    kind: 'offset',
    offset,
    ...(anchor !== undefined && { anchor }),
    page: digestOfPage(digests),
    rows: digests.length,
    ...(total !== null && { total }),
  };
}

/** A page first, then twice as far each time, to the beginning at most. */
function stepBack(position: OffsetPosition, pageSize: number): OffsetStep {
  const rows = position.stepBack ?? Math.max(1, pageSize);
  const offset = position.offset - rows;
  return {
    kind: 'step back',
    position: offset <= 0 ? null : { kind: 'offset', offset, stepBack: rows * 2 },
  };
}
