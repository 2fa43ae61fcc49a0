import { digestOfPage } from './digest.ts';
import {
  noMore,
  noneButMore,
  rowsHaveGone,
  type LookUp,
  type OffsetContext,
  type OffsetPage,
  type OffsetStep,
  type Refusal,
  type RefusedStep,
  type StepBack,
} from './offset-step.ts';
import type { OffsetPosition, StepsPosition } from './position.ts';

/**
 * Walks a list whose vendor does not take any offset: it answers from the multiple of `Limit` below, or counts pages where it
 * should count rows. The second page shows it, for the row before its offset is not the last one of the first page. Pages cannot
 * overlap there, so nothing but a smaller total shows that rows have gone, and such a run deletes nothing.
 */

const notTaken =
  'the answer does not begin at the requested offset: the vendor may not take any offset, or size of a page';

/** With fewer rows a page may come again, or go as a whole, by chance: rows are inserted and deleted meanwhile. */
export const minRowsToJudge = 6;

/**
 * The second page of a walk was not what was requested: the next request tries how the vendor means an offset.
 *
 * @param position of that page @param step rows to the second page, or 1 for a vendor that counts pages
 */
export function tried(position: OffsetPosition, step: number, counts?: OffsetContext['counts']): StepBack {
  return trial({ ...stepsBehind(position, counts === 'pages' ? 1 : step), stage: 'trying' });
}

/** @param position behind the first page @param step rows to the second page, or 1 for a vendor that counts pages */
export function stepsBehind(
  { page = '', rows = 0, total, reached }: OffsetPosition,
  step: number,
): StepsPosition {
  return {
    ...{ kind: 'steps', offset: step, step, stage: 'walking', walked: rows, page, rows, fullest: rows },
    // A total that was put to the test is not reported with the page that tests it.
    ...(total === undefined ? reached && { total: rows } : { total }),
  };
}

function trial(position: StepsPosition): StepBack {
  return { kind: 'step back', position, reason: notTaken, isTrial: true };
}

/** The vendor takes any offset after all: rows have come or gone meanwhile. */
const atAnyOffset: StepBack = {
  kind: 'step back',
  position: null,
  reason: rowsHaveGone,
};

/** @returns 'look up' only where nothing has been looked up */
export function stepsStep(
  position: StepsPosition,
  page: OffsetPage,
  context: OffsetContext,
): OffsetStep | LookUp {
  switch (position.stage) {
    case 'trying':
      return tryingStep(position, page, context);
    case 'proving':
      return provingStep(position, page);
    case 'walking':
      return page.digests.length === 0
        ? (contradictionOf(position, page) ?? noMore)
        : onward(position, page, context);
  }
}

/** None of these rows has been seen, or there are none: it may be such a vendor. */
function tryingStep(position: StepsPosition, page: OffsetPage, context: OffsetContext): OffsetStep | LookUp {
  const { digests } = page;
  const { offset, step } = position;
  if (digests.length === 0) {
    // The second page of a list that had one when its rows were counted, and of which some have moved.
    const contradiction = context.counts === 'pages' ? null : contradictionOf(position, page);
    return contradiction ?? toBeProved(position);
  }
  if (digestOfPage(digests) === position.page) return againTried(position, context);
  const { seen } = context;
  if (seen === null) return { kind: 'look up' };
  if (position.rows < minRowsToJudge || digests.some((digest) => seen.has(digest))) return atAnyOffset;
  const walked = position.walked + digests.length;
  const { position: proof } = toBeProved(position);
  return { kind: 'more', position: { ...proof, walked, next: offset + strideOf(step, context) } };
}

/** The first page once more: pages may count from 1, with 0 for the same; and multiples be those of the requested number. */
function againTried(position: StepsPosition, { asked, setbacks, counts }: OffsetContext): OffsetStep {
  const { offset, step, rows } = position;
  if (offset === 1) return trial({ ...position, offset: 2 });
  if (step === rows && step < asked && counts !== 'pages')
    return trial({ ...position, offset: asked, step: asked });
  // The vendor gives this page for every request. As many rows as it counts are all.
  if (hasWalkedAll(position)) return noMore;
  return setbacks === 0 ? { kind: 'looping' } : atAnyOffset;
}

/** As many rows have come as the vendor counts. */
export function hasWalkedAll({ walked, total }: StepsPosition): boolean {
  return walked >= (total ?? Infinity);
}

/** Before its second page such a vendor gives the first one for any offset, and one that takes any offset does not. */
function toBeProved(position: StepsPosition): StepBack & { readonly position: StepsPosition } {
  const { step, rows } = position;
  const proof = { ...position, offset: Math.min(step - 1, rows), stage: 'proving' } as const;
  return { ...trial(proof), position: proof };
}

function provingStep(position: StepsPosition, { digests }: OffsetPage): OffsetStep {
  if (digestOfPage(digests) !== position.page) return atAnyOffset;
  // A few rows come again by chance where as many are inserted before them, and then they are not at the beginning.
  if (position.rows < minRowsToJudge && position.offset > 0) return trial({ ...position, offset: 0 });
  return proved(position) ?? noMore;
}

/** It is such a vendor: the walk goes on at its next page. @returns null where there is none */
function proved({ next, ...position }: StepsPosition): StepBack | null {
  return next === undefined ? null : trial({ ...position, offset: next, stage: 'walking', page: '' });
}

function contradictionOf(
  { walked, offset }: StepsPosition,
  { total, isLast = null }: OffsetPage,
): OffsetStep | null {
  if (isLast === false) return noneButMore;
  // Behind all rows there is nothing, however an offset is meant.
  if ((total ?? 0) <= Math.max(walked, offset)) return null;
  const reason = `no rows behind the first ${walked}, where the vendor counts ${total} in all: it may not take such an offset`;
  return { kind: 'contradictory', reason };
}

/** The vendor refuses this offset, see `refusedStep` of offset-walk.ts. @param asked rows that were requested */
export function refusedInSteps(
  position: StepsPosition,
  refused: Refusal,
  asked: number,
  counts?: OffsetContext['counts'],
): RefusedStep {
  const { stage, step, rows, fullest } = position;
  // It takes multiples alone, and says so of any other offset: that is a proof as well.
  if (stage === 'proving')
    return refused === 'no deeper' ? (proved(position) ?? { kind: 'end' }) : atAnyOffset;
  if (stage === 'trying' && step === rows && step < asked && counts !== 'pages') {
    return trial({ ...position, offset: asked, step: asked });
  }
  if (refused === 'no deeper') return { kind: 'cut short' };
  if (stage === 'trying' && step === 1) return toBeProved(position);
  if (hasWalkedAll(position)) return { kind: 'end' };
  return rows < Math.max(fullest, step) ? { kind: 'nothing here' } : { kind: 'cut short' };
}

function onward(position: StepsPosition, page: OffsetPage, context: OffsetContext): OffsetStep {
  const { totals } = context;
  const { digests, total } = page;
  const { offset, step, walked, fullest } = position;
  const isSame = digestOfPage(digests) === position.page;
  // Once may be chance, as in a walk that overlaps.
  if (isSame && position.again === true) {
    return context.setbacks === 0 ? { kind: 'looping' } : backBy(1, position, page);
  }
  // A total of less than has been walked counts something else.
  const isTold = total !== null && totals !== 'too low' && total >= walked;
  const gone = isTold ? (position.total ?? 0) - total : 0;
  if (gone > 0) return backBy(Math.ceil(gone / fullest), position, page);
  if (page.isLast === true) return noMore;
  const next: StepsPosition = {
    ...{
      kind: 'steps',
      offset: offset + strideOf(step, context),
      step,
      stage: 'walking',
      walked: walked + digests.length,
    },
    ...{ page: digestOfPage(digests), rows: digests.length, fullest: Math.max(fullest, digests.length) },
    ...(isSame && { again: true }),
    ...(total !== null && { total }),
  };
  return { kind: 'more', position: next };
}

/** A page for which fewer rows are requested than before is not as long as a step. */
function strideOf(step: number, { asked }: OffsetContext): number {
  return Math.min(step, asked);
}

/** So many pages at least, so that what has slipped out of this one is in one of them. */
function backBy(pages: number, position: StepsPosition, { total }: OffsetPage): StepBack {
  const offset = Math.max(0, position.offset - pages * position.step);
  const walked = Math.max(0, position.walked - pages * position.fullest);
  return {
    kind: 'step back',
    position: { ...position, offset, walked, stage: 'walking', page: '', ...(total !== null && { total }) },
    reason: rowsHaveGone,
  };
}
