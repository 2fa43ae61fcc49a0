import {
  pageSizeIn,
  type KeysetPaging,
  type NumberPaging,
  type OffsetPaging,
} from '../connectors/connector.ts';
import { cursorStep, type CursorStep } from '../paging/cursor-walk.ts';
import type { Seen } from '../paging/digest.ts';
import { askedByKey, keysetStep, type KeysetStep } from '../paging/keyset-walk.ts';
import type {
  LookUp,
  OffsetContext,
  OffsetPage,
  Offsets,
  OffsetStep,
  Refusal,
  RefusedStep,
  StepBack,
} from '../paging/offset-step.ts';
import { askedOffset, askedRows, offsetStep, refusedStep } from '../paging/offset-walk.ts';
import { askedPage } from '../paging/page-numbers.ts';
import {
  beginningOf,
  walkOf,
  withWalk,
  type OffsetPosition,
  type PagePosition,
  type WalkPosition,
} from '../paging/position.ts';
import { hasWalkedAll, refusedInSteps, stepsStep } from '../paging/steps-walk.ts';
import { totalsAfter, type Totals } from '../paging/totals.ts';
import type { Checkpoint, Claimed } from './checkpoint.ts';
import { pageSizeOf } from './page-size.ts';
import type { Page } from './read-answer.ts';
import { recall } from './recall.ts';
import type { Stream } from './settings.ts';
import type { Work } from './work.ts';

export interface WalkedBack extends Omit<StepBack, 'position'> {
  readonly position: PagePosition | null;
}

export interface Walked {
  readonly step:
    /** @property claimed where it ends, if only the vendor's total says so */
    | { readonly kind: 'end'; readonly claimed: OffsetPosition | null }
    | { readonly kind: 'more'; readonly position: PagePosition }
    /** The page does not count: rows may have slipped past it. */
    | WalkedBack
    /** @property reason why, where it is another one than that a page or cursor came again */
    | { readonly kind: 'looping'; readonly reason?: string }
    | { readonly kind: 'contradictory'; readonly reason: string };
  /** The rows of the page that this run has not seen yet. */
  readonly fresh: Page['rows'];
  /** What is known of the vendor's totals, and of its offsets, with this page. */
  readonly totals: Totals;
  readonly offsets: Offsets;
}

/** Where the walk goes from this page. @param digest of a row's id, see lib/paging/digest.ts */
export async function walk(
  page: Page,
  digest: (id: string) => string,
  claimed: Claimed,
  work: Work,
): Promise<Walked> {
  const { rows, entries, cursor } = page;
  const { paging } = work.stream.definition;
  const walked = walkOf(claimed.position);
  const { totals } = claimed;
  switch (paging.kind) {
    case 'none':
    case 'file': {
      const after = walked?.kind === 'answer' || walked?.kind === 'file' ? walked.after : undefined;
      const fresh = after === undefined ? rows : rows.filter(({ id }) => id > after);
      return { step: { kind: 'end', claimed: null }, fresh, totals, offsets: null };
    }
    case 'cursor':
    case 'link': {
      const position = walked?.kind === 'cursor' ? walked : null;
      const next = page.isLast === true ? null : cursor;
      const step = cursorStep(position, next, digestsOf(page, digest), entries === 0);
      return { step: endOrInPart(step, claimed.position), fresh: rows, totals, offsets: null };
    }
    case 'keyset': {
      const step = walkByKey(page, paging, claimed, work.stream);
      return { step: endOrInPart(step, claimed.position), fresh: rows, totals, offsets: null };
    }
    case 'offset':
    case 'page':
      return walkByOffset(page, paging, digest, claimed, work);
  }
}

function endOrInPart(step: CursorStep | KeysetStep, position: Checkpoint['position']): Walked['step'] {
  return step.kind === 'end' ? { ...step, claimed: null } : inPart(step, position);
}

function walkByKey(page: Page, paging: KeysetPaging, claimed: Claimed, stream: Stream): KeysetStep {
  const walked = walkOf(claimed.position);
  const { bound, short, pageSize } = paging;
  const asked = askedByKey(pageSizeOf(claimed, stream) ?? pageSize.default, pageSize.max);
  const rows = page.places?.length ?? page.rows.length;
  const isLast = page.isLast ?? (short === 'last' && rows < asked ? true : null);
  const given = { rows, last: page.keys?.last ?? null, before: page.keys?.before ?? null, isLast };
  return keysetStep(walked?.kind === 'keyset' ? walked : null, given, { bound, asked });
}

/** What is requested at a place of a list that is walked by rows. @property skipped of the rows that come, those before the place */
interface AskedList {
  readonly pageSize: number;
  readonly asked: number;
  readonly skipped: number;
  /** Of a list by page number. */
  readonly index: number | null;
}

function askedOf(
  walked: WalkPosition | null,
  paging: OffsetPaging | NumberPaging,
  chosen: number | null,
): AskedList {
  const size = pageSizeIn(paging);
  const pageSize = size && (chosen ?? size.default);
  if (paging.kind === 'page') {
    const page = askedPage(walked, pageSize, size?.max ?? Infinity);
    const asked = page.size === null ? Infinity : page.size - page.skipped;
    return { ...page, pageSize: pageSize ?? 1, asked };
  }
  const { limit } = askedRows(walked, pageSize ?? 1, size?.max ?? Infinity);
  return { pageSize: pageSize ?? 1, asked: limit, skipped: 0, index: null };
}

/** By every word that the definition knows for it. @param came rows */
function isLastOf(
  { isLast, pages }: Page,
  came: number,
  { asked, skipped, index }: AskedList,
  short: boolean,
): boolean | null {
  if (isLast !== null) return isLast;
  if (pages !== null && index !== null && index + 1 >= pages) return true;
  return short && came < asked + skipped ? true : null;
}

async function walkByOffset(
  page: Page,
  paging: OffsetPaging | NumberPaging,
  digest: (id: string) => string,
  claimed: Claimed,
  work: Work,
): Promise<Walked> {
  const { stream } = work;
  const { rows, total } = page;
  const walked = walkOf(claimed.position);
  const position = walked?.kind === 'offset' ? walked : null;
  const came = digestsOf(page, digest);
  const list = askedOf(walked, paging, pageSizeOf(claimed, stream));
  const { pageSize, asked, skipped } = list;
  const isLast = isLastOf(page, came.length, list, paging.short === 'last');
  const given: OffsetPage = { digests: came.slice(skipped), total, isLast };
  const stepOf = (context: OffsetContext): OffsetStep | LookUp =>
    walked?.kind === 'steps' ? stepsStep(walked, given, context) : offsetStep(position, given, context);
  let seen: Seen = new Set(position?.anchor === undefined ? [] : [position.anchor]);
  const { setbacks } = claimed.progress;
  const counts = countsOf(paging);
  // Where the vendor alone decides how many rows a page has, nothing but its pages can be counted.
  const offsets = pageSizeIn(paging) === null ? 'pages' : claimed.progress.offsets;
  const known = { ...{ pageSize, asked, setbacks, offsets }, totals: claimed.totals, ...counts };
  let step = stepOf({ ...known, seen: null });
  if (step.kind === 'look up') {
    // Rare, and dear: all that this run has seen.
    // What cannot be known counts as not seen: then the walk only steps back further.
    const memory = await recall(claimed, work, claimed.position?.kind === 'part' ? claimed.position.from : 0);
    seen = memory.kind === 'known' ? memory.seen : new Set<string>();
    step = stepOf({ ...known, seen });
  }
  if (step.kind === 'look up') throw new Error('What the run has seen has been looked up already');
  const shown = shownBy(walked, given, step, { totals: claimed.totals, offsets });
  const fresh = rows.filter(({ id }) => !seen.has(digest(id)));
  return { step: inPart(step, claimed.position), fresh, ...shown };
}

/** What a page shows of its vendor. One that does not count shows no more than a total that counts the page alone. */
function shownBy(
  walked: WalkPosition | null,
  { digests, total }: OffsetPage,
  step: OffsetStep,
  known: Pick<Walked, 'totals' | 'offsets'>,
): Pick<Walked, 'totals' | 'offsets'> {
  const position = walked?.kind === 'offset' ? walked : null;
  if (step.kind !== 'more' && step.kind !== 'end') {
    const isTrial = step.kind === 'step back' && step.isTrial === true;
    // Where rows move, a total that is smaller than before is no lie.
    const countsPage = total !== null && total <= digests.length && askedOffset(position) > 0;
    return countsPage && digests.length > 0 && !isTrial ? { ...known, totals: 'too low' } : known;
  }
  // At the beginning a list begins, with any meaning of an offset.
  const isBehind = askedOffset(position) > 0 && position?.blind !== true;
  const isAny = isBehind && position?.anchor !== undefined && position.anchor === digests[0];
  const offsets = known.offsets ?? offsetsOf(walked) ?? (isAny ? 'any' : null);
  // More was requested, and there was none.
  if (step.kind === 'end' && hasReached(walked)) return { totals: known.totals ?? 'confirmed', offsets };
  // Where the end is still to be confirmed, its total was no total of what has come.
  const next = step.kind === 'more' && step.position.kind === 'offset' ? step.position : null;
  if (position?.confirming === true && next?.confirming === true) return { totals: known.totals, offsets };
  // What is tried or proved may begin anywhere.
  if (walked?.kind === 'steps' && walked.stage !== 'walking') return { totals: known.totals, offsets };
  const before = walked?.kind === 'steps' ? walked.walked : askedOffset(position);
  return { totals: totalsAfter(known.totals, before, digests.length, total), offsets };
}

function countsOf({ kind }: OffsetPaging | NumberPaging): Pick<OffsetContext, 'counts'> {
  return kind === 'page' ? { counts: 'pages' } : {};
}

function offsetsOf(walked: WalkPosition | null): Offsets {
  if (walked?.kind !== 'steps' || walked.stage !== 'walking') return null;
  return walked.step === 1 ? 'pages' : 'multiples';
}

/** As many rows have come as the vendor counts. */
function hasReached(walked: WalkPosition | null): boolean {
  if (walked?.kind === 'steps') return hasWalkedAll(walked);
  return walked?.kind === 'offset' && walked.reached === true;
}

/** The vendor counts rows that cannot be read, too. */
function digestsOf({ rows, places }: Page, digest: (id: string) => string): string[] {
  return (places ?? rows.map(({ id }) => id)).map(digest);
}

/** The walk's own places, within the part of the run that it walks. */
function inPart(
  step: OffsetStep | Exclude<CursorStep | KeysetStep, { kind: 'end' }>,
  position: Checkpoint['position'],
): Walked['step'] {
  switch (step.kind) {
    case 'more':
      return { ...step, position: withWalk(position, step.position) };
    case 'step back':
      return backInPart(step, position);
    case 'end':
      // What a part holds is not what there is in all: its total confirms nothing.
      return { ...step, claimed: position?.kind === 'part' ? null : step.claimed };
    case 'looping':
    case 'contradictory':
      return step;
  }
}

function backInPart(
  step: StepBack | Extract<KeysetStep, { kind: 'step back' }>,
  position: Checkpoint['position'],
): WalkedBack {
  const back = step.position === null ? beginningOf(position) : withWalk(position, step.position);
  return { ...step, position: back };
}

/** Where the walk goes from an offset that the vendor refuses. */
export function walkRefused(
  refused: Refusal,
  claimed: Claimed,
  stream: Stream,
): WalkedBack | Exclude<RefusedStep, StepBack> {
  const { paging } = stream.definition;
  const walked = walkOf(claimed.position);
  const isByRows = paging.kind === 'offset' || paging.kind === 'page';
  if (!isByRows || (walked?.kind !== 'offset' && walked?.kind !== 'steps')) {
    throw new Error('No offset was requested');
  }
  const { pageSize } = askedOf(walked, paging, pageSizeOf(claimed, stream));
  const counts = countsOf(paging);
  const step =
    walked.kind === 'steps'
      ? refusedInSteps(walked, refused, pageSize, counts.counts)
      : refusedStep(walked, refused, { pageSize, setbacks: claimed.progress.setbacks, ...counts });
  return step.kind === 'step back' ? backInPart(step, claimed.position) : step;
}
