import { isFull, type StreamDefinition } from '../connectors/connector.ts';
import { walkOf, type OffsetPosition, type Position, type SweepPosition } from '../paging/position.ts';
import type { Checkpoint } from './checkpoint.ts';
import { settle } from './compare-and-swap.ts';
import { doubtOf } from './deletions.ts';
import { carrierOf, goOn } from './go-on.ts';
import { readUntilOf } from './parts.ts';
import type { PageReport } from './report.ts';
import { advanced, closed, sweeping, type StoredPage } from './transitions.ts';
import { withCoverage, withEvidence } from './withdrawn.ts';
import { lost, publish, type Work } from './work.ts';

export type Next =
  | { readonly kind: 'more'; readonly position: Position }
  /** @property uncounted why the rows of the run cannot be held against the vendor's total, where they should be */
  | { readonly kind: 'end'; readonly claimed: OffsetPosition | null; readonly uncounted?: string | null }
  | { readonly kind: 'nothing' };

export type Stored = Omit<StoredPage, 'partial'>;

/** The rows of a page are stored: the run goes on, or is over. */
export async function move(stored: Stored, next: Next, held: Checkpoint, work: Work): Promise<PageReport> {
  const { deps } = work;
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    withEvidence(moved(checkpoint, held, { stored, next }, work), work.stream),
  );
  if (after === undefined) return { ...lost(work, held), requests: 1, status: stored.status };
  publish(work, held, after);
  const { reason, status } = stored;
  const ended = next.kind === 'end' && after.run === null && mayDelete(work.stream.definition);
  const doubt = ended ? (doubtOfSteps(held) ?? doubtOf(after.progress, held.trusted)) : null;
  const said = after.run === null ? after.reason : reason;
  const why = said ?? (doubt === null ? null : `nothing is deleted: ${doubt}`);
  return goOn(after, { reason: why, status, counts: stored, requests: 1 }, held, work);
}

/** @param held as it was claimed, with the position that was asked for; the stored one may have changed beside it */
function moved(
  checkpoint: Checkpoint,
  held: Checkpoint,
  { stored: last, next }: { readonly stored: Stored; readonly next: Next },
  work: Work,
): Checkpoint {
  const now = work.deps.clock.now();
  // What the first page said of it is what is told of the run.
  const stored = { ...last, reason: checkpoint.progress?.leftOut ?? last.reason };
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
  return withCoverage(wholeRun(checkpoint, held, { page, next }, work), work.stream);
}

function wholeRun(
  checkpoint: Checkpoint,
  held: Checkpoint,
  { page, next }: { readonly page: StoredPage; readonly next: Exclude<Next, { kind: 'more' }> },
  work: Work,
): Checkpoint {
  const now = work.deps.clock.now();
  const enumerated = next.kind === 'end';
  const deletes = enumerated && mayDelete(work.stream.definition);
  const uncounted = deletes ? (next.uncounted ?? null) : null;
  const sure = uncounted === null && isSure(checkpoint, page, enumerated, work.stream.definition);
  const reason = uncounted === null ? null : `nothing is deleted: ${uncounted}`;
  const end = { outcome: 'complete', enumerated, sure, deleted: null, reason } as const;
  const ended = closed(checkpoint, page, end, now);
  const bySteps = doubtOfSteps(held);
  const whole = {
    ...ended,
    readUntil: readUntilOf(held, work.stream, ended.progress?.basis ?? null),
    // Nothing will be deleted there, whatever a person says.
    held: bySteps === null ? ended.held : null,
  };
  const doubt = bySteps ?? doubtOf(whole.progress, checkpoint.trusted);
  const inDoubt = uncounted !== null || doubt !== null;
  if (!deletes || inDoubt) return whole;
  return sweeping(checkpoint, page, firstOfSweep(held.position, next.claimed), now);
}

/** Behind the first page of a vendor that takes no offset but multiples nothing tells that rows have moved. */
function doubtOfSteps({ position }: Checkpoint): string | null {
  const walk = walkOf(position);
  return walk?.kind === 'steps' && walk.stage === 'walking'
    ? 'the vendor does not take any offset, so nothing tells whether rows have moved'
    : null;
}

/**
 * A walk that had to step back cannot tell what has gone, and 204 says nothing of what is there. Each is nothing bad by itself;
 * where it is never otherwise, what has gone stays.
 */
function isSure(
  { progress, size }: Checkpoint,
  { status }: StoredPage,
  enumerated: boolean,
  definition: StreamDefinition,
): boolean {
  if (!mayDelete(definition)) return true;
  return enumerated ? (progress?.setbacks ?? 0) === 0 : status !== 204 || (size ?? 0) === 0;
}

/**
 * Whether what does not come has gone. By offset the vendor's total can be held against the rows of a whole list alone: within
 * a part of one, rows that have slipped past could not be told from rows that are gone.
 */
function mayDelete(definition: StreamDefinition): boolean {
  return isFull(definition) && !(definition.parents !== undefined && definition.paging.kind === 'offset');
}

/** The records are counted first; once the end of the list has been confirmed, they have been. */
function firstOfSweep(position: Position | null, claimed: OffsetPosition | null): SweepPosition {
  const counted = position?.kind === 'offset' && position.counted === true;
  const step = counted ? 'delete' : 'count';
  return { kind: 'sweep', step, after: null, live: 0, gone: 0, end: claimed };
}
