import { isFull, type StreamDefinition } from '../connectors/connector.ts';
import {
  changesSince,
  walkOf,
  type OffsetPosition,
  type Position,
  type SweepPosition,
} from '../paging/position.ts';
import type { Totals } from '../paging/totals.ts';
import type { Checkpoint, Claimed } from './checkpoint.ts';
import type { Context } from './context.ts';
import { doubtOf } from './deletions.ts';
import { readUntilOf } from './parts.ts';
import { continuedBy, defer, type Step } from './step.ts';
import { learnCoverage, withCoverage } from './transitions/coverage.ts';
import { closed } from './transitions/end.ts';
import { advanced, sweeping, type StoredPage } from './transitions/page.ts';

/** From the rows of a page, once they are stored, to what the run does next: pure. */

export type Next =
  | { readonly kind: 'more'; readonly position: Position }
  /** @property uncounted why the rows of the run cannot be held against the vendor's total, where they should be */
  | { readonly kind: 'end'; readonly claimed: OffsetPosition | null; readonly uncounted?: string | null }
  | { readonly kind: 'nothing' };

export type Stored = Omit<StoredPage, 'partial'>;

/** The rows of a page are stored: the run continues, or is over. */
export function advanceRun(stored: Stored, next: Next, claimed: Claimed, context: Context): Step {
  const { stream } = context;
  const { definition } = stream;
  const change = (checkpoint: Claimed, now: number): Checkpoint =>
    learnCoverage(advancedOrClosed(checkpoint, stored, next, context, now), stream);
  const after = change(claimed, context.now);
  const isOver = after.run === null;
  const said = isOver ? after.reason : stored.reason;
  const ended = next.kind === 'end' && isOver && mayDelete(definition, claimed.position);
  const doubt = ended ? (doubtOfSteps(claimed) ?? doubtOf(after.progress, claimed.trustedFingerprint)) : null;
  const { status, records, written, unchanged } = stored;
  return {
    change,
    ...{ outcome: 'fetched', status, requests: 1, next: 'continue' },
    reason: said ?? (doubt === null ? null : `nothing is deleted: ${doubt}`),
    counts: { records, written, unchanged },
  };
}

function advancedOrClosed(
  checkpoint: Claimed,
  last: Stored,
  next: Next,
  { stream }: Context,
  now: number,
): Checkpoint {
  const { progress } = checkpoint;
  // What the first page said of it is what is reported of the run.
  const stored = { ...last, reason: progress.leftOut ?? last.reason };
  const page: StoredPage = { ...stored, partial: stored.reason !== null };
  if (next.kind === 'more') {
    const by = continuedBy(stream, next.position);
    return advanced(checkpoint, page, { position: next.position, by }, now);
  }
  const { skippedRows } = progress;
  if (skippedRows > 0) {
    const because = `a person let it begin at offset ${skippedRows}`;
    return closed(checkpoint, page, { outcome: 'partial', reason: because }, now);
  }
  if (page.partial || progress.partial) {
    const reason = stored.reason ?? 'the vendor left something out of a page of this run';
    return closed(checkpoint, page, { outcome: 'partial', reason }, now);
  }
  return withCoverage(wholeRun(checkpoint, page, next, stream, now), stream);
}

function wholeRun(
  checkpoint: Claimed,
  page: StoredPage,
  next: Exclude<Next, { kind: 'more' }>,
  stream: Context['stream'],
  now: number,
): Checkpoint {
  const { definition } = stream;
  const isWhole = changesSince(checkpoint.position) === null;
  const enumerated = next.kind === 'end' && isWhole;
  const deletes = enumerated && mayDelete(definition, checkpoint.position);
  const uncounted = deletes ? (next.uncounted ?? null) : null;
  const sure = uncounted === null && isSure(checkpoint, page, enumerated, definition);
  const what = isWhole ? null : changesOnly;
  const reason = uncounted === null ? what : `nothing is deleted: ${uncounted}`;
  const end = { outcome: 'complete', enumerated, sure, deleted: null, reason } as const;
  const ended = closed(checkpoint, page, end, now);
  const bySteps = doubtOfSteps(checkpoint);
  const doubt = bySteps ?? doubtOf(ended.progress, checkpoint.trustedFingerprint);
  if (deletes && uncounted === null && doubt === null) {
    return sweeping(checkpoint, page, firstOfSweep(checkpoint.position, next.claimed), now);
  }
  const { requestFingerprint, newest } = ended.progress ?? checkpoint.progress;
  return {
    ...ended,
    readUntil: readUntilOf(checkpoint, stream, { requestFingerprint, newest, enumerated, sure }),
    // Nothing will be deleted there, even if a person allows it.
    heldDeletions: bySteps === null ? ended.heldDeletions : null,
  };
}

/** What is said of a run that has walked a part of its list, and has come to the end of that. */
export const changesOnly = 'it walked what has changed alone';

/** Behind the first page of a vendor that takes no offset but multiples nothing shows that rows have moved. */
function doubtOfSteps({ position }: Claimed): string | null {
  const walk = walkOf(position);
  return walk?.kind === 'steps' && walk.stage === 'walking'
    ? 'the pages do not overlap, so nothing shows whether rows have moved'
    : null;
}

/**
 * A walk that had to step back cannot know what has gone, and 204 says nothing of what is there. Each is nothing bad by itself;
 * where it is never otherwise, what has gone stays.
 */
function isSure(
  { progress, lastRunRows, position }: Claimed,
  { status }: StoredPage,
  enumerated: boolean,
  definition: StreamDefinition,
): boolean {
  if (!mayDelete(definition, position)) return true;
  return enumerated ? progress.setbacks === 0 : status !== 204 || (lastRunRows ?? 0) === 0;
}

/**
 * Whether what does not come has gone. By offset or page number the vendor's total can be held against the rows of a whole list
 * alone: within a part of one, rows that have slipped past look like rows that are gone.
 */
function mayDelete(definition: StreamDefinition, position: Position | null): boolean {
  const isOfPart = position?.kind === 'part' && position.part.kind === 'changes';
  if (isOfPart || !isFull(definition)) return false;
  const isByRows = definition.paging.kind === 'offset' || definition.paging.kind === 'page';
  return !(definition.parents !== undefined && isByRows);
}

/** The records are counted first; once the end of the list has been confirmed, they have been. */
function firstOfSweep(position: Position | null, claimed: OffsetPosition | null): SweepPosition {
  const counted = position?.kind === 'offset' && position.counted === true;
  const step = counted ? 'delete' : 'count';
  return { kind: 'sweep', step, after: null, live: 0, gone: 0, end: claimed };
}

/** Rows of a batch that were listed and do not come. @returns the reason, or null */
export function leftOutOfBatch(came: readonly string[], { ids = [] }: Context): string | null {
  const known = new Set(came);
  const missing = ids.filter((id) => !known.has(id)).length;
  return missing === 0 ? null : `the vendor lists ${missing} rows that it does not give`;
}

/** An answer without rows: the part, or the run, ends there. */
export interface EmptyAnswer {
  /** Null if nothing was requested. */
  readonly status: number | null;
  /** Why it is not all that there is; null if nothing says so. */
  readonly reason: string | null;
  /** `end`: nothing lies behind it. `nothing`: the vendor has not said that there is nothing at all. */
  readonly ends: 'end' | 'nothing';
  /** The number of rows that the vendor says there are, of a list as a whole. */
  readonly total?: number | null;
  readonly totals?: Totals;
  readonly cutShort?: boolean;
  /** The list is as the last run stored it. */
  readonly isUnmodified?: true;
  /** The vendor does not know the parent whose rows were requested. */
  readonly isUnknown?: boolean;
  /** All parts of the parent are left out. */
  readonly isLeftOut?: boolean;
  /** What the run was requested with, where that is not what this page was. */
  readonly requestFingerprint?: string;
}

/** The page contradicts itself. Where it goes on doing so, the run ends with what there is, and deletes nothing. */
export function onContradiction(
  found: { readonly status: number; readonly reason: string; readonly total: number | null },
  claimed: Claimed,
  context: Context,
): { readonly kind: 'step'; readonly step: Step } | { readonly kind: 'empty'; readonly empty: EmptyAnswer } {
  const { status, reason } = found;
  // Where not even the first page can be believed, nothing has been got that could be called partial.
  if (claimed.attempt < context.stream.settings.attemptCap || walkOf(claimed.position) === null) {
    const transient = { kind: 'transient', failure: 'malformed', status, reason, namedWait: null } as const;
    return { kind: 'step', step: defer(transient, claimed, context) };
  }
  return { kind: 'empty', empty: { ...found, ends: 'end' } };
}
