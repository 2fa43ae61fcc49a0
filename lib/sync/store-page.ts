import { digestOf } from '../paging/digest.ts';
import { walkOf, withWalk } from '../paging/position.ts';
import { noFields } from '../tables/field-counts.ts';
import type { Claimed } from './checkpoint.ts';
import type { Context } from './context.ts';
import { advanceRun, leftOutOfBatch, onContradiction, type EmptyAnswer, type Stored } from './decide-page.ts';
import { whyWithdrawn } from './field-access.ts';
import { nextPart } from './parts.ts';
import type { PageInMemory } from './ports.ts';
import type { Reading } from './read-answer.ts';
import { shortfall } from './shortfall.ts';
import { halt, stepBack, type Step } from './step.ts';
import { remember, storeRows } from './store-rows.ts';
import { noCounts } from './transitions/page.ts';
import { listFingerprint } from './validators.ts';
import { walk } from './walk.ts';
import { contextOf, type Work } from './work.ts';

/** Records first, then what has been seen, position last: a crash in between repeats the page and loses nothing. */

/** Stores the rows of a page. @returns what becomes of the run by it */
export async function storePage(
  { page, status }: Extract<Reading, { kind: 'page' }>,
  claimed: Claimed,
  context: Context,
  work: Work,
): Promise<Step> {
  const { stream, requestFingerprint } = context;
  const digest = onceForEach(digestOf);
  const { step, fresh, totals, offsets } = await walk(page, digest, claimed, work);
  switch (step.kind) {
    case 'contradictory': {
      const decided = onContradiction({ status, reason: step.reason, total: page.total }, claimed, context);
      return decided.kind === 'step' ? decided.step : storeEmptyAnswer(decided.empty, claimed, context, work);
    }
    case 'step back':
      return stepBack({ ...step, totals }, status, claimed, context);
    case 'looping':
    case 'end':
    case 'more':
  }
  const part = claimed.position?.kind === 'part' ? claimed.position.part : null;
  const total = part === null ? page.total : null;
  const validators = page.validators && { ...page.validators, fingerprint: listFingerprint(context) };
  const common = { status, absent: page.absent, requestFingerprint, totals, offsets, total, validators };
  const leftOut = page.partial ?? (step.kind === 'end' ? page.more : null);
  const ids = page.rows.map(({ id }) => id);
  if (part?.kind === 'ids') {
    await remember(nothingInMemory, claimed, work);
    return endPart(ids, { ...common, ...noCounts, reason: leftOut }, claimed, context, work);
  }
  const withdrawn = whyWithdrawn(page.absent, claimed, stream);
  const reason = withdrawn ?? leftOut;
  const stored = await storeRows(withdrawn === null ? fresh : [], digest, claimed, work);
  if (stored.kind === 'unstorable') {
    const why = `${stream.definition.items.path.join('.')}: row ${stored.index} ${stored.reason}`;
    return halt('rejected', { status, reason: why }, context);
  }
  const { digests, after, written, unchanged } = stored;
  const counts = { records: digests.length, written, unchanged };
  if (step.kind === 'looping') {
    // What came is the vendor's, even on a page that it repeats.
    const why = 'the vendor gave the same page or cursor again';
    return halt('looping', { status, reason: why, counts }, context);
  }
  const fields = withdrawn === null ? page.fieldCounts : noFields;
  await remember({ digests, fields }, claimed, work);
  const done: Stored = { ...common, ...counts, reason, unwritten: withdrawn !== null };
  if (step.kind === 'more') return advanceRun(done, step, claimed, context);
  if (after !== null) {
    const walked = walkOf(claimed.position);
    // Of the same file: another one may hold other rows, and would have to be written first.
    const place = walked?.kind === 'file' ? { ...walked, after } : { kind: 'answer' as const, after };
    const position = withWalk(claimed.position, place);
    return advanceRun(done, { kind: 'more', position }, claimed, context);
  }
  if (part !== null) return endPart(ids, done, claimed, context, work);
  const found = reason === null ? await shortfall(page.total, digests, claimed, work) : null;
  const uncounted = found?.kind === 'uncounted' ? found.reason : null;
  const short = found?.kind === 'short' ? found.reason : reason;
  return advanceRun({ ...done, reason: short }, { ...step, uncounted }, claimed, context);
}

const nothingInMemory: PageInMemory = { digests: [], fields: noFields };

/** A function of text that computes each of its values once. */
function onceForEach(compute: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text) ?? compute(text);
    known.set(text, found);
    return found;
  };
}

/** The part, or the run, ends without a row. */
export async function storeEmptyAnswer(
  { ends, isLeftOut, total = null, ...found }: EmptyAnswer,
  claimed: Claimed,
  context: Context,
  work: Work,
): Promise<Step> {
  await remember(nothingInMemory, claimed, work);
  const empty: Stored = {
    absent: null,
    requestFingerprint: context.requestFingerprint,
    ...noCounts,
    ...found,
    total,
  };
  if (claimed.position?.kind === 'part') {
    return endPart([], { ...empty, total: null }, claimed, context, work, isLeftOut);
  }
  const next = ends === 'end' ? ({ kind: 'end', claimed: null } as const) : ({ kind: 'nothing' } as const);
  return advanceRun(empty, next, claimed, context);
}

/** A part of the run has been walked to its end: the next one follows, if there is one. @param isLeftOut its parent as a whole */
async function endPart(
  ids: readonly string[],
  stored: Stored,
  claimed: Claimed,
  context: Context,
  work: Work,
  isLeftOut = false,
): Promise<Step> {
  const { position } = claimed;
  if (position?.kind !== 'part') throw new Error('The run has no parts');
  const next = await nextPart(position.part, { ids, isLeftOut }, claimed, work);
  const reason = stored.reason ?? leftOutOfBatch(ids, context);
  return advanceRun(
    { ...stored, reason },
    next === null ? { kind: 'end', claimed: null } : { kind: 'more', position: next },
    claimed,
    context,
  );
}

/** The id of the parent cannot stand in a request. It may have rows, so nothing is deleted; the parents behind it follow. */
export function leaveOutParent(claimed: Claimed, work: Work): Promise<Step> {
  const reason = 'the id of a parent whose rows are to be requested cannot stand in a path (. or ..)';
  return withoutRequest({ status: null, reason, ends: 'nothing', isLeftOut: true }, claimed, work);
}

/**
 * No parent is left, so that their rows have gone, too. Nothing was requested with the key, so it earns no
 * trust.
 */
export function closeWithoutParents(claimed: Claimed, work: Work): Promise<Step> {
  const requestFingerprint = claimed.trustedFingerprint ?? contextOf(work).requestFingerprint;
  return withoutRequest({ status: null, reason: null, ends: 'end', requestFingerprint }, claimed, work);
}

async function withoutRequest(empty: EmptyAnswer, claimed: Claimed, work: Work): Promise<Step> {
  return { ...(await storeEmptyAnswer(empty, claimed, contextOf(work), work)), requests: 0 };
}
