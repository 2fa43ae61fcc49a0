import { stillAbsent } from '../connectors/coverage.ts';
import type { Offsets } from '../paging/offset-step.ts';
import type { Position, SweepPosition } from '../paging/position.ts';
import type { Totals } from '../paging/totals.ts';
import { basisAfter, mixedBasis } from './basis.ts';
import type { Checkpoint, RunProgress } from './checkpoint.ts';

/**
 * Every way in which a run begins, goes on and ends: pure, from the checkpoint that is stored to the one that is to be
 * stored. How it comes to stand still is in standstills.ts. The store raises the revision. Times are epoch milliseconds.
 */

export interface Counts {
  readonly records: number;
  readonly written: number;
  readonly unchanged: number;
}

/** Starts a run at the first page; nobody holds it yet. */
export function opened(checkpoint: Checkpoint, run: string, now: number): Checkpoint {
  const progress: RunProgress = {
    startedAt: now,
    pages: 0,
    records: 0,
    written: 0,
    unchanged: 0,
    partial: false,
    leftOut: null,
    withheld: false,
    setbacks: 0,
    confirmations: 0,
    deleted: 0,
    remembered: 0,
    total: null,
    basis: null,
    waitedMs: 0,
    absent: null,
    first: null,
    from: 0,
    unknown: 0,
    cutShort: false,
    offsets: null,
  };
  return {
    ...resumed(checkpoint, now),
    state: 'running',
    run,
    sequence: 0,
    position: null,
    waitingSince: null,
    progress,
  };
}

/** Takes up the open run where it stands, with all its attempts. What was wrong stays known until a page succeeds. */
export function resumed(checkpoint: Checkpoint, now: number): Checkpoint {
  return {
    ...checkpoint,
    ...grantedAnew(checkpoint, now),
    // What had stopped it had its own alarm; it is not stale in the minute in which it is mended.
    freshFrom: checkpoint.state === 'halted' ? now : checkpoint.freshFrom,
    state: 'running',
    attempt: 0,
    retryAt: null,
    lease: null,
    halt: null,
    movedAt: now,
    outcome: 'running',
    outcomeAt: now,
  };
}

/** Whatever ends a runaway's halt grants it its budgets once more: with the old counts it would halt at once. */
export function grantedAnew(
  { halt, progress, waitingSince }: Checkpoint,
  now: number,
): Pick<Checkpoint, 'progress' | 'waitingSince'> {
  if (halt?.outcome !== 'runaway' || progress === null) return { progress, waitingSince };
  return { progress: { ...progress, pages: 0, waitedMs: now - progress.startedAt }, waitingSince: now };
}

/** One try begins. It counts from here, so that a crash counts. */
export function claimed(checkpoint: Checkpoint, holder: string, until: number, now: number): Checkpoint {
  const { progress, waitingSince } = checkpoint;
  const waitedMs = waitingSince === null ? 0 : Math.max(0, now - waitingSince);
  return {
    ...checkpoint,
    freshFrom: checkpoint.outcome === 'unconfigured' ? now : checkpoint.freshFrom,
    waitingSince: null,
    progress: progress && { ...progress, waitedMs: progress.waitedMs + waitedMs },
    state: 'running',
    lease: { holder, until },
    attempt: checkpoint.attempt + 1,
    retryAt: null,
    slot: null,
    outcome: 'running',
    outcomeAt: now,
  };
}

/** What a stored page adds to its run. */
export interface StoredPage extends Counts {
  /** Null if nothing had to be asked. */
  readonly status: number | null;
  /** It said that it left something out. */
  readonly partial: boolean;
  /** Why it is not all that there is; null if nothing says so. */
  readonly reason: string | null;
  /** Its rows were not written, for they lack a category of fields. */
  readonly withheld?: boolean;
  /** The number of rows that it said there are; null if it says none. */
  readonly total: number | null;
  /** Fields that were asked for and that none of its rows has; null if it has no rows. */
  readonly absent: readonly string[] | null;
  /** What it was asked with, see `basisOf`. */
  readonly basis: string;
  /** The vendor does not know the parent whose rows were asked for. */
  readonly isUnknown?: boolean;
  /** What is known of the vendor's totals with it; as before where it tells nothing. */
  readonly totals?: Totals;
  /** What the vendor has shown that it means by an offset; null, or absent, where it has not. */
  readonly offsets?: Offsets;
  /** It was refused, for the vendor goes no deeper into the list. */
  readonly cutShort?: boolean;
}

/** A page is stored and the next one is at `position`. @param by what carries the run there */
export function advanced(
  checkpoint: Checkpoint,
  page: StoredPage,
  next: { readonly position: Position; readonly by: 'message' | 'tick' },
  now: number,
): Checkpoint {
  return {
    ...withPage(checkpoint, page, now),
    ...goingOn(checkpoint),
    position: next.position,
    // What lies between its ticks is no time of work.
    waitingSince: next.by === 'tick' ? now : null,
  };
}

/** The page was no good as it stands: the walk goes on from an earlier position, or from the beginning (null). */
export function setBack(
  checkpoint: Checkpoint,
  back: {
    readonly position: Position | null;
    readonly by: 'message' | 'tick';
    readonly status: number | null;
    readonly reason: string;
    /** Nothing has moved: it is tried out what the vendor means by an offset. */
    readonly isTrial?: boolean;
  },
  now: number,
): Checkpoint {
  const { progress } = checkpoint;
  const setbacks = back.isTrial === true ? 0 : 1;
  return {
    ...moved(checkpoint, now),
    ...goingOn(checkpoint),
    position: back.position,
    waitingSince: back.by === 'tick' ? now : null,
    lastStatus: back.status,
    reason: back.reason,
    progress: progress && {
      ...progress,
      pages: progress.pages + 1,
      setbacks: progress.setbacks + setbacks,
    },
  };
}

/** Nothing has been stored, and the run goes on elsewhere, not before `retryAt`: a file is being written. */
export function turned(
  checkpoint: Checkpoint,
  next: {
    readonly position: Position;
    readonly status: number;
    readonly retryAt: number;
    /** What it was asked with, see `basisOf`: whose file it is may decide what is in it. */
    readonly basis: string;
  },
  now: number,
): Checkpoint {
  const { progress } = checkpoint;
  return {
    ...moved(checkpoint, now),
    ...goingOn(checkpoint),
    ...wellAgain(checkpoint, now),
    position: next.position,
    retryAt: next.retryAt,
    // Whoever waits for the vendor does not work.
    waitingSince: now,
    lastStatus: next.status,
    reason: null,
    progress: progress && {
      ...progress,
      pages: progress.pages + 1,
      basis: basisAfter(progress.basis, next.basis),
    },
  };
}

/** Too many setbacks: the run is over without a result, and the next tick begins another. What is stored is kept. */
export function drifted(
  checkpoint: Checkpoint,
  last: { readonly status: number | null; readonly reason: string },
  now: number,
): Checkpoint {
  return {
    ...moved(checkpoint, now),
    ...over(checkpoint),
    outcome: 'drifted',
    doubtedSince: checkpoint.doubtedSince ?? now,
    lastStatus: last.status,
    reason: last.reason,
  };
}

/** The last page is stored, and the records that the vendor does not give any more are looked for next. */
export function sweeping(
  checkpoint: Checkpoint,
  page: StoredPage,
  position: SweepPosition,
  now: number,
): Checkpoint {
  return { ...withPage(checkpoint, page, now), ...goingOn(checkpoint), position };
}

/** A part of the records has been looked at. @param next a page again, where the end of the list is to be confirmed */
export function swept(
  checkpoint: Checkpoint,
  next: { readonly position: Position; readonly deleted: number; readonly by: 'message' | 'tick' },
  now: number,
): Checkpoint {
  const { progress } = checkpoint;
  return {
    ...moved(checkpoint, now),
    ...goingOn(checkpoint),
    position: next.position,
    waitingSince: next.by === 'tick' ? now : null,
    ...wellAgain(checkpoint, now),
    progress: progress && {
      ...progress,
      deleted: progress.deleted + next.deleted,
      confirmations: progress.confirmations + (next.position.kind === 'sweep' ? 0 : 1),
    },
  };
}

export type RunEnd =
  | {
      readonly outcome: 'complete';
      /** Whether every row that there is has been given: then what it was asked with can be trusted from now on. */
      readonly enumerated: boolean;
      /** Whether it vouches for all rows, so that one that did not come could be told from one that has gone. */
      readonly sure: boolean;
      /** Records that became tombstones at last; null if none were looked for. */
      readonly deleted: number | null;
      /** What a person should know of it, though it is no fault of the vendor's; null or absent if nothing. */
      readonly reason?: string | null;
    }
  | { readonly outcome: 'partial'; readonly reason: string }
  | {
      readonly outcome: 'suspicious';
      readonly reason: string;
      /** Records that would have become tombstones, of so many. */
      readonly rows: number;
      readonly of: number;
    };

/** The run is over with its last page. */
export function closed(checkpoint: Checkpoint, page: StoredPage, end: RunEnd, now: number): Checkpoint {
  return ended(withPage(checkpoint, page, now), end, now);
}

/** The run is over with the last of the records that were looked at. */
export function sweptUp(checkpoint: Checkpoint, end: RunEnd, now: number): Checkpoint {
  return ended({ ...moved(checkpoint, now), ...wellAgain(checkpoint, now) }, end, now);
}

function ended(checkpoint: Checkpoint, end: RunEnd, now: number): Checkpoint {
  const { progress, held } = checkpoint;
  const common = {
    ...checkpoint,
    ...over(checkpoint),
    outcome: end.outcome,
    // A run that was not given everything does not know how much there is.
    size: isWhole(end) ? (progress?.records ?? null) : checkpoint.size,
    cutShortRuns: progress?.cutShort === true ? checkpoint.cutShortRuns + 1 : 0,
    completedAt: now,
    // What was not written grows old.
    freshFrom: progress?.withheld === true ? checkpoint.freshFrom : now,
    // What such a run was given is up to date; that none ever vouches for all comes to a person after some days.
    doubtedSince: isSure(end) ? null : (checkpoint.doubtedSince ?? now),
  };
  const basis = progress?.basis === mixedBasis ? null : (progress?.basis ?? null);
  switch (end.outcome) {
    case 'partial':
      return { ...common, reason: end.reason };
    case 'suspicious': {
      const { rows, of, reason } = end;
      return {
        ...common,
        reason,
        trusted: basis,
        held: { rows, of, since: held?.since ?? now },
        allowed: null,
        allowedUntil: null,
      };
    }
    case 'complete':
      return {
        ...common,
        reason: end.reason ?? null,
        ...(end.enumerated && { trusted: basis }),
        // Where the vendor never says where its list ends, nothing will be deleted whatever a person says.
        ...(!end.enumerated && (progress?.records ?? 0) > 0 && { held: null }),
        ...(end.deleted !== null && { held: null, allowed: null, allowedUntil: null }),
        progress: progress && { ...progress, deleted: progress.deleted + (end.deleted ?? 0) },
      };
  }
}

function isWhole(end: RunEnd): boolean {
  return end.outcome === 'suspicious' || (end.outcome === 'complete' && end.enumerated);
}

function isSure(end: RunEnd): boolean {
  return end.outcome === 'suspicious' || (end.outcome === 'complete' && end.sure);
}

function withPage(checkpoint: Checkpoint, page: StoredPage, now: number): Checkpoint {
  const before = checkpoint.progress;
  const totals = [before?.total ?? null, page.total].filter((total) => total !== null);
  return {
    ...moved(checkpoint, now),
    lastStatus: page.status,
    reason: null,
    ...wellAgain(checkpoint, now),
    halt: null,
    totals: page.totals ?? checkpoint.totals,
    progress: {
      startedAt: before?.startedAt ?? now,
      pages: (before?.pages ?? 0) + 1,
      records: (before?.records ?? 0) + page.records,
      written: (before?.written ?? 0) + page.written,
      unchanged: (before?.unchanged ?? 0) + page.unchanged,
      partial: (before?.partial ?? false) || page.partial,
      leftOut: before?.leftOut ?? page.reason,
      withheld: (before?.withheld ?? false) || page.withheld === true,
      setbacks: before?.setbacks ?? 0,
      confirmations: before?.confirmations ?? 0,
      deleted: before?.deleted ?? 0,
      remembered: before === null ? 1 : before.remembered === null ? null : before.remembered + 1,
      total: totals.length === 0 ? null : Math.min(...totals),
      basis: basisAfter(before?.basis ?? null, page.basis),
      waitedMs: before?.waitedMs ?? 0,
      absent: stillAbsent(before?.absent ?? null, page.absent),
      first: before?.first ?? firstOf(checkpoint, page),
      from: before?.from ?? 0,
      unknown: page.isUnknown === true ? (before?.unknown ?? 0) + 1 : 0,
      cutShort: (before?.cutShort ?? false) || page.cutShort === true,
      offsets: page.offsets ?? before?.offsets ?? null,
      ...(before?.smaller && { smaller: before.smaller }),
    },
  };
}

function firstOf({ position }: Checkpoint, { absent }: StoredPage): RunProgress['first'] {
  return absent && { page: position === null ? 'whole' : 'part', absent };
}

/** Something has succeeded. From then on the stream has its time again: its being late had an alarm of its own. */
function wellAgain(
  { trouble, freshFrom }: Checkpoint,
  now: number,
): Pick<Checkpoint, 'trouble' | 'freshFrom'> {
  return { trouble: null, freshFrom: trouble === null ? freshFrom : now };
}

/** The fence moves on, and the try is over. */
function moved(checkpoint: Checkpoint, now: number): Checkpoint {
  return {
    ...checkpoint,
    sequence: checkpoint.sequence + 1,
    lease: null,
    attempt: 0,
    retryAt: null,
    movedAt: now,
    outcomeAt: now,
  };
}

/** A person may have paused the stream while its page was under way. */
function goingOn({ state }: Checkpoint): Pick<Checkpoint, 'state' | 'outcome'> {
  return state === 'paused' ? { state, outcome: 'paused' } : { state: 'running', outcome: 'running' };
}

function over({ state }: Checkpoint): Pick<Checkpoint, 'state' | 'run' | 'position' | 'waitingSince'> {
  return { state: state === 'paused' ? 'paused' : 'idle', run: null, position: null, waitingSince: null };
}
