import { isFull } from '../connectors/connector.ts';
import { stillAbsent, withdrawnCategory } from '../connectors/coverage.ts';
import {
  walkOf,
  withWalk,
  type OffsetPosition,
  type Position,
  type SweepPosition,
} from '../paging/position.ts';
import { basisOf } from './basis.ts';
import { pagesInMemory, type Checkpoint } from './checkpoint.ts';
import { settle } from './compare-and-swap.ts';
import { definitionHash } from './definition-hash.ts';
import { doubtOf } from './deletions.ts';
import { halt, tryAgain } from './fail-page.ts';
import { goBack } from './go-back.ts';
import { carrierOf, goOn } from './go-on.ts';
import { idsOf, nextPart, readUntilOf } from './parts.ts';
import type { Reading } from './read-answer.ts';
import type { PageReport } from './report.ts';
import type { Stream } from './settings.ts';
import { storeRows } from './store-rows.ts';
import { advanced, closed, sweeping, type StoredPage } from './transitions.ts';
import { walk } from './walk.ts';
import { lost, publish, type Work } from './work.ts';

type PageRead = Extract<Reading, { kind: 'page' }>;

/** Stores the rows of a page, and moves the walk on from it. */
export async function storePage(
  { page, status }: PageRead,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { stream } = work;
  const { step, fresh } = await walk(page, held, work);
  switch (step.kind) {
    case 'looping':
      return halt('looping', { status, reason: 'the vendor gave the same page or cursor again' }, held, work);
    case 'unbelievable':
      return disbelieve({ status, reason: step.reason, total: page.total }, held, work);
    case 'step back':
      return goBack(step.position, { status, reason: 'rows have gone from before the page' }, held, work);
    case 'end':
    case 'more':
  }
  const part = held.position?.kind === 'part' ? held.position.part : null;
  const asked = {
    ...{ status, absent: page.absent, basis: basisNow(work) },
    total: part === null ? page.total : null,
  };
  if (part?.kind === 'ids') {
    await remember([], held, work);
    return moveOn(page, { ...asked, records: 0, written: 0, unchanged: 0 }, held, work);
  }
  // Records first, then what has been seen, position last: a crash in between repeats the page and loses nothing.
  const withdrawn = whyWithdrawn(page.absent, held, work);
  const partial = withdrawn ?? page.partial;
  const stored = await storeRows(withdrawn === null ? fresh : [], held, work);
  if (stored.kind === 'unstorable') {
    const reason = `${stream.definition.items.path.join('.')}: row ${stored.index} ${stored.reason}`;
    return halt('rejected', { status, reason }, held, work);
  }
  const { digests, after, written, unchanged } = stored;
  await remember(digests, held, work);
  const done = { ...asked, records: digests.length, written, unchanged };
  if (step.kind === 'more') {
    return move({ ...done, reason: partial }, { kind: 'more', position: step.position }, held, work);
  }
  if (after !== null) {
    const position = withWalk(held.position, { kind: 'answer', after });
    return move({ ...done, reason: partial }, { kind: 'more', position }, held, work);
  }
  if (part !== null) return moveOn({ rows: page.rows, partial }, done, held, work);
  const reason = partial ?? (await shortfall(page.total, digests, held, work));
  return move({ ...done, reason }, { kind: 'end', claimed: step.claimed }, held, work);
}

/**
 * Fields that the key's owner may not see any more are no fields that have been emptied: what is stored of them is kept, and
 * so nothing is written, until they come again or are not asked for any more. @returns the reason, or null
 */
function whyWithdrawn(
  absent: readonly string[] | null,
  { progress, coverage }: Checkpoint,
  { stream }: Work,
): string | null {
  const known = coverage?.definition === definitionHash(stream) ? coverage.absent : null;
  const sofar = stillAbsent(progress?.absent ?? null, absent);
  const category = withdrawnCategory(stream.settings.fields ?? [], sofar, known);
  return category === null
    ? null
    : `the vendor gives nothing of ${category} any more, so nothing is written: it may not be shown to this key`;
}

/** A part of the run has been walked to its end: the next one follows, if there is one. */
async function moveOn(
  { rows, partial }: Pick<PageRead['page'], 'rows' | 'partial'>,
  done: Omit<Stored, 'reason'>,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { position } = held;
  if (position?.kind !== 'part') throw new Error('The run has no parts');
  const ids = rows.map(({ id }) => id);
  const next = await nextPart(position.part, ids, held, work);
  const reason = partial ?? (await leftOut(ids, held, work));
  const where: Next = next === null ? { kind: 'end', claimed: null } : { kind: 'more', position: next };
  return move({ ...done, reason }, where, held, work);
}

/** Rows of a batch that were listed and do not come. @returns the reason, or null */
async function leftOut(ids: readonly string[], held: Checkpoint, work: Work): Promise<string | null> {
  const asked = await idsOf(held, work);
  const came = new Set(ids);
  const missing = (asked ?? []).filter((id) => !came.has(id)).length;
  return missing === 0 ? null : `the vendor lists ${missing} rows that it does not give`;
}

/** The page contradicts itself. Where it goes on doing so, the run ends with what there is, and deletes nothing. */
async function disbelieve(
  found: { readonly status: number; readonly reason: string; readonly total: number | null },
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { status, reason } = found;
  // Where not even the first page can be believed, nothing has been got that could be called partial.
  if (held.attempt < work.stream.settings.attemptCap || walkOf(held.position) === null) {
    return tryAgain({ kind: 'transient', failure: 'malformed', status, reason, namedWait: null }, held, work);
  }
  return endWithoutRows(found, { kind: 'end', claimed: null }, held, work);
}

function remember(digests: readonly string[], held: Checkpoint, { deps, stream }: Work): Promise<void> {
  return deps.seenRows.remember(stream.name, held.run ?? '', pagesInMemory(held), digests, held.revision);
}

/** 204 and 304: there is nothing more, but nobody has said that there is nothing at all. */
export function storeNothing(status: number | null, held: Checkpoint, work: Work): Promise<PageReport> {
  if (held.position?.kind === 'part') {
    // In a window nothing has changed. Elsewhere it may mean that there are no rows, and nothing is deleted on a "may".
    const partial = isFull(work.stream.definition)
      ? 'the vendor has no content for a part of the list'
      : null;
    return storeNoRows(status, partial, held, work);
  }
  return endWithoutRows({ status, reason: null, total: null }, { kind: 'nothing' }, held, work);
}

export function storeUnknownParent(status: number | null, held: Checkpoint, work: Work): Promise<PageReport> {
  return storeNoRows(status, 'the vendor does not know one whose rows it was asked for', held, work);
}

/** The part is over, and the next one follows. */
async function storeNoRows(
  status: number | null,
  partial: string | null,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  await remember([], held, work);
  const done = {
    ...{ status, total: null, absent: null, basis: basisNow(work) },
    ...{ records: 0, written: 0, unchanged: 0 },
  };
  return moveOn({ rows: [], partial }, done, held, work);
}

/** There was nobody to ask for. */
export async function storeNobody(held: Checkpoint, work: Work): Promise<PageReport> {
  return { ...(await storeNothing(null, held, work)), requests: 0 };
}

function basisNow({ stream, secret, deps }: Work): string {
  return basisOf(stream, secret.version, deps.baseUrl);
}

async function endWithoutRows(
  found: Pick<Stored, 'status' | 'reason' | 'total'>,
  next: Next,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  await remember([], held, work);
  const nothing = { absent: null, records: 0, written: 0, unchanged: 0 };
  return move({ ...found, ...nothing, basis: basisNow(work) }, next, held, work);
}

/** Fewer rows than the vendor ever said there are, and not because a page was short. @returns the reason, or null */
async function shortfall(
  total: number | null,
  last: readonly string[],
  held: Checkpoint,
  { deps, stream }: Work,
): Promise<string | null> {
  const { run, progress } = held;
  const totals = [progress?.total ?? null, total].filter((one) => one !== null);
  if (totals.length === 0) return null;
  const pages = pagesInMemory(held);
  // Its own page is known without asking.
  const before = pages === 0 ? new Set<string>() : await deps.seenRows.recall(stream.name, run ?? '', pages);
  // What has been forgotten cannot be counted; nothing is deleted then either.
  if (before === null) return null;
  // Not one set of them all: for a long list there is no room for two.
  const seen = before.size + [...new Set(last)].filter((digest) => !before.has(digest)).length;
  const least = Math.min(...totals);
  return seen < least ? `the vendor counts ${least} rows and gave ${seen} different ones` : null;
}

type Next =
  | { readonly kind: 'more'; readonly position: Position }
  | { readonly kind: 'end'; readonly claimed: OffsetPosition | null }
  | { readonly kind: 'nothing' };

/** @property reason why the page is not all that there is; null if nothing says so */
type Stored = Omit<StoredPage, 'partial'> & { readonly reason: string | null };

async function move(stored: Stored, next: Next, held: Checkpoint, work: Work): Promise<PageReport> {
  const { deps } = work;
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    moved(checkpoint, stored, next, work, deps.clock.now()),
  );
  if (after === undefined) return { ...lost(work, held), requests: 1, status: stored.status };
  publish(work, held, after);
  const { reason, status } = stored;
  const ended = next.kind === 'end' && after.run === null && isFull(work.stream.definition);
  const doubt = ended ? doubtOf(after.progress, held.trusted) : null;
  const why = reason ?? (doubt === null ? null : `nothing is deleted: ${doubt}`);
  return goOn(after, { reason: why, status, counts: stored, requests: 1 }, held, work);
}

function moved(checkpoint: Checkpoint, stored: Stored, next: Next, work: Work, now: number): Checkpoint {
  const page: StoredPage = { ...stored, partial: stored.reason !== null };
  if (next.kind === 'more') {
    const by = carrierOf(work.stream, next.position);
    return advanced(checkpoint, page, { position: next.position, by }, now);
  }
  const from = checkpoint.progress?.from ?? 0;
  if (from > 0) {
    const because = `a person let it begin at offset ${from}`;
    return closed(checkpoint, page, { outcome: 'partial', reason: because }, now);
  }
  const partial = page.partial || checkpoint.progress?.partial === true;
  if (partial) {
    const reason = stored.reason ?? 'the vendor left something out of a page of this run';
    return closed(checkpoint, page, { outcome: 'partial', reason }, now);
  }
  return withCoverage(wholeRun(checkpoint, page, next, work, now), work.stream);
}

function wholeRun(
  checkpoint: Checkpoint,
  page: StoredPage,
  next: Exclude<Next, { kind: 'more' }>,
  work: Work,
  now: number,
): Checkpoint {
  const enumerated = next.kind === 'end';
  const whole = {
    ...closed(checkpoint, page, { outcome: 'complete', enumerated, deleted: null }, now),
    readUntil: readUntilOf(checkpoint, work.stream),
  };
  const deletes = next.kind === 'end' && isFull(work.stream.definition);
  if (!deletes || doubtOf(whole.progress, checkpoint.trusted) !== null) return whole;
  return sweeping(checkpoint, page, firstOfSweep(checkpoint.position, next.claimed), now);
}

function withCoverage(checkpoint: Checkpoint, stream: Stream): Checkpoint {
  const absent = checkpoint.progress?.absent ?? null;
  // Without a row there is nothing to tell by.
  if (absent === null || stream.settings.fields === null) return checkpoint;
  return { ...checkpoint, coverage: { absent, definition: definitionHash(stream) } };
}

/** The records are counted first; once the end of the list has been confirmed, they have been. */
function firstOfSweep(position: Position | null, claimed: OffsetPosition | null): SweepPosition {
  const confirmed = position?.kind === 'offset' && position.confirming === true;
  const step = confirmed ? 'delete' : 'count';
  return { kind: 'sweep', step, after: null, live: 0, gone: 0, end: claimed };
}
