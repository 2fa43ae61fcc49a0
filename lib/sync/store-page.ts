import { walkOf, withWalk } from '../paging/position.ts';
import { basisNow } from './basis.ts';
import type { Checkpoint } from './checkpoint.ts';
import { halt, tryAgain } from './fail-page.ts';
import { goBack } from './go-back.ts';
import { moveOn } from './move-on.ts';
import { move } from './move.ts';
import type { Reading } from './read-answer.ts';
import type { PageReport } from './report.ts';
import { shortfall } from './shortfall.ts';
import { endWithoutRows, storeNoRows } from './store-nothing.ts';
import { remember, storeRows } from './store-rows.ts';
import { walk } from './walk.ts';
import { whyWithdrawn } from './withdrawn.ts';
import type { Work } from './work.ts';

type PageRead = Extract<Reading, { kind: 'page' }>;

/** Stores the rows of a page, and moves the walk on from it. */
export async function storePage(
  { page, status }: PageRead,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { stream } = work;
  const { step, fresh, totals, offsets } = await walk(page, held, work);
  switch (step.kind) {
    case 'unbelievable':
      return disbelieve({ status, reason: step.reason, total: page.total }, held, work);
    case 'step back':
      return goBack(step, status, held, work);
    case 'looping':
    case 'end':
    case 'more':
  }
  const part = held.position?.kind === 'part' ? held.position.part : null;
  const asked = {
    ...{ status, absent: page.absent, basis: basisNow(work), totals, offsets },
    total: part === null ? page.total : null,
  };
  const leftOut = page.partial ?? (step.kind === 'end' ? page.more : null);
  if (part?.kind === 'ids') {
    await remember([], held, work);
    const ids = { rows: page.rows, partial: leftOut };
    return moveOn(ids, { ...asked, records: 0, written: 0, unchanged: 0 }, held, work);
  }
  // Records first, then what has been seen, position last: a crash in between repeats the page and loses nothing.
  const withdrawn = whyWithdrawn(page.absent, held, stream);
  const partial = withdrawn ?? leftOut;
  const stored = await storeRows(withdrawn === null ? fresh : [], held, work);
  if (stored.kind === 'unstorable') {
    const reason = `${stream.definition.items.path.join('.')}: row ${stored.index} ${stored.reason}`;
    return halt('rejected', { status, reason }, held, work);
  }
  const { digests, after, written, unchanged } = stored;
  if (step.kind === 'looping') {
    // What came is the vendor's, whatever page it stands on.
    const counts = { records: digests.length, written, unchanged };
    const reason = 'the vendor gave the same page or cursor again';
    return halt('looping', { status, reason, counts }, held, work);
  }
  await remember(digests, held, work);
  const done = { ...asked, records: digests.length, written, unchanged, withheld: withdrawn !== null };
  if (step.kind === 'more') {
    return move({ ...done, reason: partial }, { kind: 'more', position: step.position }, held, work);
  }
  if (after !== null) {
    const walked = walkOf(held.position);
    // Of the same file: another one may hold other rows, and would have to be written first.
    const place = walked?.kind === 'file' ? { ...walked, after } : { kind: 'answer' as const, after };
    const position = withWalk(held.position, place);
    return move({ ...done, reason: partial }, { kind: 'more', position }, held, work);
  }
  if (part !== null) return moveOn({ rows: page.rows, partial }, done, held, work);
  const found = partial === null ? await shortfall(page.total, digests, held, work) : null;
  const reason = found?.kind === 'short' ? found.reason : partial;
  const uncounted = found?.kind === 'uncounted' ? found.reason : null;
  return move({ ...done, reason }, { kind: 'end', claimed: step.claimed, uncounted }, held, work);
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
  return held.position?.kind === 'part'
    ? storeNoRows({ status, partial: reason }, held, work)
    : endWithoutRows(found, { kind: 'end', claimed: null }, held, work);
}
