import { digestOf } from '../paging/digest.ts';
import type { OffsetPosition, Position, SweepPosition } from '../paging/position.ts';
import { basisOf } from './basis.ts';
import { pagesInMemory, type Checkpoint } from './checkpoint.ts';
import { settle } from './compare-and-swap.ts';
import { doubtOf } from './deletions.ts';
import { halt, tryAgain } from './fail-page.ts';
import { carrierOf, goOn } from './go-on.ts';
import type { Reading } from './read-answer.ts';
import type { PageReport } from './report.ts';
import { advanced, closed, drifted, setBack, sweeping, type StoredPage } from './transitions.ts';
import { walk } from './walk.ts';
import { lost, publish, type Work } from './work.ts';

type PageRead = Extract<Reading, { kind: 'page' }>;

/** Stores the rows of a page, and moves the walk on from it. */
export async function storePage(
  { page, status }: PageRead,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream, signal } = work;
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
  // Records first, then what has been seen, position last: a crash in between repeats the page and loses nothing.
  const upserted = await deps.records.upsert(stream.name, fresh, deps.clock.now(), signal);
  if (upserted.kind === 'unstorable') {
    const reason = `${stream.definition.items.path.join('.')}: row ${upserted.index} ${upserted.reason}`;
    return halt('rejected', { status, reason }, held, work);
  }
  const digests = fresh.map(({ id }) => digestOf(id));
  await remember(digests, held, work);
  const { written, unchanged } = upserted;
  const stored = {
    ...{ status, records: fresh.length, written, unchanged },
    total: page.total,
    basis: basisOf(stream, work.secret.version, deps.baseUrl),
  };
  if (step.kind === 'more') {
    return move({ ...stored, reason: page.partial }, { kind: 'more', position: step.position }, held, work);
  }
  const reason = page.partial ?? (await shortfall(page.total, digests, held, work));
  return move({ ...stored, reason }, { kind: 'end', claimed: step.claimed }, held, work);
}

/** The page contradicts itself. Where it goes on doing so, the run ends with what there is, and deletes nothing. */
async function disbelieve(
  found: { readonly status: number; readonly reason: string; readonly total: number | null },
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { status, reason } = found;
  // Where not even the first page can be believed, nothing has been got that could be called partial.
  if (held.attempt < work.stream.settings.attemptCap || held.position === null) {
    return tryAgain({ kind: 'transient', failure: 'malformed', status, reason, namedWait: null }, held, work);
  }
  return endWithoutRows(found, { kind: 'end', claimed: null }, held, work);
}

function remember(digests: readonly string[], held: Checkpoint, { deps, stream }: Work): Promise<void> {
  return deps.seenRows.remember(stream.name, held.run ?? '', pagesInMemory(held), digests, held.revision);
}

/** 204 and 304: there is nothing more, but nobody has said that there is nothing at all. */
export function storeNothing(status: number, held: Checkpoint, work: Work): Promise<PageReport> {
  return endWithoutRows({ status, reason: null, total: null }, { kind: 'nothing' }, held, work);
}

async function endWithoutRows(
  found: Pick<Stored, 'status' | 'reason' | 'total'>,
  next: Next,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream, secret } = work;
  await remember([], held, work);
  const basis = basisOf(stream, secret.version, deps.baseUrl);
  return move({ ...found, basis, records: 0, written: 0, unchanged: 0 }, next, held, work);
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

/** So often may a run step back, and once more for every four pages; a list whose rows go faster cannot be walked. */
const mostSteps = 20;
/** And so often begin anew, which costs the whole walk. */
const mostRestarts = 1;

/** The walk goes on from an earlier position, or from the beginning (null). */
export async function goBack(
  position: Position | null,
  found: { readonly status: number | null; readonly reason: string },
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream } = work;
  const { setbacks = 0, pages = 0 } = held.progress ?? {};
  const most = held.position?.kind === 'cursor' ? mostRestarts : mostSteps + Math.floor(pages / 4);
  const hopeless = setbacks >= most;
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    hopeless
      ? drifted(checkpoint, found, deps.clock.now())
      : setBack(checkpoint, { ...found, position, by: carrierOf(stream, position) }, deps.clock.now()),
  );
  if (after === undefined) return { ...lost(work, held), requests: 1, status: found.status };
  publish(work, held, after);
  return goOn(after, { ...found, requests: 1 }, held, work);
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
  const doubt = next.kind === 'end' && after.run === null ? doubtOf(after.progress, held.trusted) : null;
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
  const enumerated = next.kind === 'end';
  const whole = closed(checkpoint, page, { outcome: 'complete', enumerated, deleted: null }, now);
  if (next.kind === 'nothing' || doubtOf(whole.progress, checkpoint.trusted) !== null) return whole;
  return sweeping(checkpoint, page, firstOfSweep(checkpoint.position, next.claimed), now);
}

/** The records are counted first; once the end of the list has been confirmed, they have been. */
function firstOfSweep(position: Position | null, claimed: OffsetPosition | null): SweepPosition {
  const confirmed = position?.kind === 'offset' && position.confirming === true;
  const step = confirmed ? 'delete' : 'count';
  return { kind: 'sweep', step, after: null, live: 0, gone: 0, end: claimed };
}
