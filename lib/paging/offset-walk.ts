import { digestOfPage, type Seen } from './digest.ts';
import {
  noMore,
  noneButMore,
  positionAfter,
  rowsHaveGone,
  type LookUp,
  type OffsetContext,
  type OffsetPage,
  type OffsetStep,
  type Refusal,
  type RefusedStep,
  type StepBack,
} from './offset-step.ts';
import type { OffsetPosition, WalkPosition } from './position.ts';
import { minRowsToJudge, stepsBehind, tried } from './steps-walk.ts';
import type { Totals } from './totals.ts';

/**
 * Walks a list by offset while rows are inserted and deleted in front of it.
 *
 * Each page overlaps the one before by a row. If that row has been seen in this run, nothing between the two pages was
 * missed: at most rows were inserted before it, and some are seen twice. If it has not, rows were deleted before it and
 * others have slipped past the offset: the walk steps back until it meets a row that it has seen. This holds as long as
 * the vendor keeps the order of the rows that stay.
 */

/** What to request at any place of a list that is walked by offset. */
export function askedRows(
  walk: WalkPosition | null,
  pageSize: number,
  max: number,
): { readonly offset: number; readonly limit: number } {
  // Where the vendor takes multiples alone, nothing overlaps.
  if (walk?.kind === 'steps') return { offset: walk.offset, limit: pageSize };
  const position = walk?.kind === 'offset' ? walk : null;
  return { offset: askedOffset(position), limit: askedLimit(position, pageSize, max) };
}

/** The offset to request. */
export function askedOffset(position: OffsetPosition | null): number {
  if (position === null || position.offset === 0) return 0;
  return position.blind ? position.offset : position.offset - 1;
}

/** The rows to request: where there is an overlap, at least one beyond it. */
export function askedLimit(position: OffsetPosition | null, pageSize: number, max: number): number {
  const overlaps = position !== null && position.offset > 0 && !position.blind;
  return overlaps ? Math.min(Math.max(2, pageSize), max) : pageSize;
}

/** @param position what was requested @returns 'look up' only where nothing has been looked up */
export function offsetStep(
  position: OffsetPosition | null,
  page: OffsetPage,
  context: OffsetContext & { readonly seen: Seen },
): OffsetStep;
export function offsetStep(
  position: OffsetPosition | null,
  page: OffsetPage,
  context: OffsetContext,
): OffsetStep | LookUp;
export function offsetStep(
  position: OffsetPosition | null,
  page: OffsetPage,
  context: OffsetContext,
): OffsetStep | LookUp {
  return position?.confirming === true
    ? confirmStep(position, page, context)
    : walkStep(position, page, context);
}

function walkStep(
  position: OffsetPosition | null,
  page: OffsetPage,
  context: OffsetContext,
): OffsetStep | LookUp {
  if (context.seen === null && mayBeOld(position, page, context)) return { kind: 'look up' };
  if (position === null || position.offset === 0) {
    return page.digests.length === 0
      ? (contradictionOf(position, page) ?? noMore)
      : onward(position, page, context);
  }
  return position.blind ? blindStep(position, page, context) : overlappingStep(position, page, context);
}

/** Nothing overlaps here, so only the total can show that rows have gone. */
function blindStep(position: OffsetPosition, page: OffsetPage, context: OffsetContext): OffsetStep {
  const { digests, total } = page;
  const contradiction = digests.length === 0 ? contradictionOf(position, page) : null;
  if (contradiction !== null) return contradiction;
  const hasShrunk = total !== null && total < (position.total ?? 0);
  if (hasShrunk && context.totals !== 'too low') return stepBack(position, context.pageSize);
  // From the multiple below: the first page, if it was short.
  if (position.second && isSame(position, page, context))
    return tried(position, context.asked, context.counts);
  return digests.length === 0 ? noMore : onward(position, page, context);
}

function overlappingStep(
  position: OffsetPosition,
  page: OffsetPage,
  context: OffsetContext,
): OffsetStep | LookUp {
  const { digests } = page;
  const [first] = digests;
  if (first === undefined) {
    if (position.second) return tried(position, 1);
    return contradictionOf(position, page) ?? stepBack(position, context.pageSize);
  }
  if (first !== position.anchor) {
    if (context.seen === null) return { kind: 'look up' };
    if (!context.seen.has(first)) {
      return position.second ? tried(position, 1) : stepBack(position, context.pageSize);
    }
    if (position.second && isSame(position, page, context))
      return tried(position, position.offset, context.counts);
  }
  if (digests.length === 1 && page.isLast !== true && !isEnd(position, page, context.totals)) {
    // The overlap alone: the end, or a server that gives one row at a time. The row behind it decides.
    const { again, second, reached } = position;
    const next = { ...positionAfter(position.offset, page, position), blind: true } as const;
    const kept = { ...(again && { again }), ...(second && { second }), ...(reached && { reached }) };
    return { kind: 'more', position: { ...next, ...kept } };
  }
  return onward(position, page, context);
}

/** No rows, where the vendor itself says that there are some from here on. */
function contradictionOf(
  position: OffsetPosition | null,
  { total, isLast = null }: OffsetPage,
): OffsetStep | null {
  if ((total ?? 0) > askedOffset(position))
    return { kind: 'contradictory', reason: `no rows, where the vendor counts ${total} in all` };
  return isLast === false ? noneButMore : null;
}

/**
 * The vendor refuses this offset. It is believed that nothing is there only behind all rows that were seen, and behind a page
 * that looked like the last one: a full page may be followed by others that the vendor does not give. Where as many rows have come
 * as it counts, its refusal is one word more that there are no others.
 *
 * A refused overlap may mean that its row has gone. Where stepping back leads to the same refusal again and again, the row is
 * there, and the vendor goes no deeper.
 */
export function refusedStep(
  position: OffsetPosition,
  refused: Refusal,
  { pageSize, setbacks, counts }: Pick<OffsetContext, 'pageSize' | 'setbacks' | 'counts'>,
): RefusedStep {
  // It may take other offsets than this one.
  if (position.second && !position.blind)
    return tried(position, refused === 'no deeper' ? position.offset : 1, counts);
  if (position.second && refused === 'no deeper') return tried(position, pageSize, counts);
  if (refused === 'no deeper') return { kind: 'cut short' };
  if (position.reached && position.blind) return { kind: 'end' };
  // Rows behind all rows are requested only where the page before brought nothing new.
  if (position.blind) return { kind: 'nothing here' };
  const { rows = 0, fullest = rows } = position;
  const mayBeLast = position.stepBack !== undefined || rows < fullest;
  return mayBeLast && setbacks <= maxSetbacksToJudge ? stepBack(position, pageSize) : { kind: 'cut short' };
}

/** The last row again, and nothing behind it: so the list does end there. From any other page the walk goes on. */
function confirmStep(
  position: OffsetPosition,
  page: OffsetPage,
  context: OffsetContext,
): OffsetStep | LookUp {
  const { digests, total } = page;
  // With rows in front of it that were inserted meanwhile, or alone.
  const behindIt = digests.at(-1) === position.anchor;
  const denied = (total ?? 0) > askedOffset(position) + digests.length || page.isLast === false;
  // Some vendors give their last page for any offset behind it. A row alone may be all that one gives at a time.
  const isLastAgain = digests.length > 1 && digestOfPage(digests) === position.page;
  if (!position.second && !denied && isLastAgain) {
    // Once may be chance: as many rows were inserted before it as lie before the offset.
    return position.again ? noMore : { kind: 'more', position: { ...position, blind: true, again: true } };
  }
  // From a server that is known to give more rows at a time, and does not itself say that there are more.
  if (behindIt && !denied && (position.rows ?? 0) > digests.length) {
    const [first] = digests;
    if (first === position.anchor) return noMore;
    if (context.seen === null) return { kind: 'look up' };
    if (first !== undefined && context.seen.has(first)) return noMore;
  }
  return walkStep(position, { ...page, total: null }, context);
}

function onward(position: OffsetPosition | null, page: OffsetPage, context: OffsetContext): OffsetStep {
  if (page.isLast === true) return noMore;
  const after = positionAfter(askedOffset(position) + page.digests.length, page, position);
  const next = position === null && showsOffsets(page, context) ? { ...after, second: true as const } : after;
  if (isEnd(position, page, context.totals)) {
    if (!isDoubtful(position, page, context))
      return { kind: 'end', claimed: { ...next, confirming: true, reached: true } };
    return (
      inSteps(position, next, context) ?? {
        kind: 'more',
        position: { ...next, confirming: true, reached: true },
      }
    );
  }
  const steps = inSteps(position, next, context);
  if (steps !== null) return steps;
  if (!isSame(position, page, context)) {
    const isInDoubt = position?.again === true && areOld(page, context);
    return { kind: 'more', position: isInDoubt ? { ...next, again: true } : next };
  }
  // Once may be chance: as many rows were inserted as the page has, and as many have gone elsewhere.
  if (position?.again !== true) return { kind: 'more', position: { ...next, again: true } };
  return context.setbacks === 0 ? { kind: 'looping' } : stepBack(next, context.pageSize);
}

/** Behind the first page of a list whose vendor has shown with another one what it means by an offset. */
function inSteps(
  position: OffsetPosition | null,
  next: OffsetPosition,
  { offsets }: OffsetContext,
): OffsetStep | null {
  if (position !== null || (offsets !== 'multiples' && offsets !== 'pages')) return null;
  return { kind: 'more', position: stepsBehind(next, offsets === 'pages' ? 1 : next.offset) };
}

/** A run that steps back more often is disturbed by rows that move. */
const maxSetbacksToJudge = 3;

/** Whether the page behind this first one can show that the vendor does not take any offset. A short one may be the only one. */
function showsOffsets({ digests }: OffsetPage, { asked, setbacks, offsets }: OffsetContext): boolean {
  if (setbacks > maxSetbacksToJudge || offsets !== null) return false;
  // Of few rows the same ones come again by chance, once rows are known to move.
  return digests.length >= minRowsToJudge || (digests.length < asked && setbacks === 0);
}

/** The rows of the page before, and as many in all as then. Of pages of other sizes, rows that have come before. */
function isSame(position: OffsetPosition | null, page: OffsetPage, context: OffsetContext): boolean {
  const { digests, total } = page;
  const hasOtherTotal = total !== null && position?.total !== undefined && position.total !== total;
  // Where the walk has stepped back they are old, too, and so are a few with the row that was to come first.
  const isAside = position?.anchor !== undefined && digests.length > 0 && !overlaps(position, page);
  const isKnown = position?.page === digestOfPage(digests) || (isAside && areOld(page, context));
  return isKnown && !hasOtherTotal;
}

/** Pages that are counted differ in their sizes, so that the first one is not known again by its rows alone. */
function mayBeOld(position: OffsetPosition | null, page: OffsetPage, { counts }: OffsetContext): boolean {
  const { anchor = '', blind, again } = position ?? {};
  const isRepeated = again === true || (blind === true && page.digests.includes(anchor));
  return counts === 'pages' && isRepeated && page.digests.length > 0;
}

/** It has the row that it was to begin with; a page that was requested from behind that row is not to have it. */
function overlaps({ anchor = '', blind }: OffsetPosition, { digests }: OffsetPage): boolean {
  return blind !== true && digests.includes(anchor);
}

/** Rows that have all come before, where pages are counted. */
function areOld({ digests }: OffsetPage, { counts, seen }: OffsetContext): boolean {
  return counts === 'pages' && seen !== null && digests.every((digest) => seen.has(digest));
}

/** A total that is smaller than what has come is none: then only an empty page is the end. */
function isEnd(
  position: OffsetPosition | null,
  { digests, total, isLast }: OffsetPage,
  totals: Totals,
): boolean {
  return total === askedOffset(position) + digests.length && totals !== 'too low' && isLast !== false;
}

/**
 * A total that ends the list on a full page may be where the vendor stops counting; one that ends it on its first page may count
 * that page alone, as long as it has not been right on a later one. One more request confirms the end then.
 */
function isDoubtful(
  position: OffsetPosition | null,
  { digests }: OffsetPage,
  { asked, totals }: OffsetContext,
): boolean {
  const isFirst = position === null || position.offset === 0;
  const isFull = digests.length >= Math.min(asked, position?.fullest ?? asked);
  return isFull || (isFirst && totals === null);
}

/** A page first, then twice as far each time, to the beginning at most. */
function stepBack(position: OffsetPosition, pageSize: number): StepBack {
  const rows = position.stepBack ?? Math.max(1, pageSize);
  const offset = position.offset - rows;
  const { fullest } = position;
  const back = {
    kind: 'offset',
    offset,
    stepBack: rows * 2,
    ...(fullest !== undefined && { fullest }),
  } as const;
  return {
    kind: 'step back',
    position: offset <= 0 ? null : back,
    reason: rowsHaveGone,
  };
}
