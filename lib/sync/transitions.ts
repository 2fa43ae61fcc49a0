import type { Position } from '../paging/position.ts';
import type { Checkpoint, RunProgress } from './checkpoint.ts';
import type { HaltOutcome } from './outcome.ts';

/**
 * Every way in which a checkpoint changes: pure, from what is stored to what is to be stored. The store raises the
 * revision. Times are epoch milliseconds.
 */

/** SQS holds a message invisible for 12 h from its receipt; what has to wait longer is parked. */
export const longestRedriveMs = 11 * 3600 * 1000;

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
    setbacks: 0,
  };
  return { ...resumed(checkpoint, now), state: 'running', run, sequence: 0, position: null, progress };
}

/** Takes up the open run where it stands, with all its attempts. What was wrong stays known until a page succeeds. */
export function resumed(checkpoint: Checkpoint, now: number): Checkpoint {
  return {
    ...checkpoint,
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

/** One try begins. It counts from here, so that a crash counts. */
export function claimed(checkpoint: Checkpoint, holder: string, until: number, now: number): Checkpoint {
  return {
    ...checkpoint,
    state: 'running',
    lease: { holder, until },
    attempt: checkpoint.attempt + 1,
    retryAt: null,
    slot: null,
    outcome: 'running',
    outcomeAt: now,
  };
}

/** A page is stored and the next one is at `position`. */
export function advanced(
  checkpoint: Checkpoint,
  page: Counts & { readonly position: Position; readonly status: number; readonly partial: boolean },
  now: number,
): Checkpoint {
  return {
    ...succeeded(checkpoint, page, now),
    // A person may have paused the stream while its page was under way.
    state: checkpoint.state === 'paused' ? 'paused' : 'running',
    position: page.position,
    outcome: checkpoint.state === 'paused' ? 'paused' : 'running',
  };
}

/** The page was no good as it stands: the walk goes on from an earlier position, or from the beginning (null). */
export function setBack(
  checkpoint: Checkpoint,
  back: { readonly position: Position | null; readonly status: number | null; readonly reason: string },
  now: number,
): Checkpoint {
  const { progress } = checkpoint;
  return {
    ...checkpoint,
    state: checkpoint.state === 'paused' ? 'paused' : 'running',
    // The fence moves, for what was asked for has changed.
    sequence: checkpoint.sequence + 1,
    position: back.position,
    lease: null,
    attempt: 0,
    retryAt: null,
    movedAt: now,
    outcome: checkpoint.state === 'paused' ? 'paused' : 'running',
    outcomeAt: now,
    lastStatus: back.status,
    reason: back.reason,
    progress: progress && { ...progress, pages: progress.pages + 1, setbacks: progress.setbacks + 1 },
  };
}

/** Too many setbacks: the run is over without a result, and the next tick begins another. What is stored is kept. */
export function drifted(
  checkpoint: Checkpoint,
  last: { readonly status: number | null; readonly reason: string },
  now: number,
): Checkpoint {
  return {
    ...checkpoint,
    state: checkpoint.state === 'paused' ? 'paused' : 'idle',
    run: null,
    sequence: checkpoint.sequence + 1,
    position: null,
    lease: null,
    attempt: 0,
    retryAt: null,
    movedAt: now,
    outcome: 'drifted',
    outcomeAt: now,
    lastStatus: last.status,
    reason: last.reason,
  };
}

/** The last page is stored: the run is over. */
export function closed(
  checkpoint: Checkpoint,
  page: Counts & { readonly status: number; readonly partial: boolean; readonly reason: string | null },
  now: number,
): Checkpoint {
  const next = succeeded(checkpoint, page, now);
  const partial = next.progress?.partial === true;
  return {
    ...next,
    state: checkpoint.state === 'paused' ? 'paused' : 'idle',
    run: null,
    position: null,
    outcome: partial ? 'partial' : 'complete',
    reason: partial ? (page.reason ?? 'the vendor left something out of a page of this run') : null,
    completedAt: now,
  };
}

function succeeded(
  checkpoint: Checkpoint,
  page: Counts & { readonly status: number; readonly partial: boolean },
  now: number,
): Checkpoint {
  const before = checkpoint.progress;
  return {
    ...checkpoint,
    sequence: checkpoint.sequence + 1,
    lease: null,
    attempt: 0,
    retryAt: null,
    movedAt: now,
    outcomeAt: now,
    lastStatus: page.status,
    reason: null,
    trouble: null,
    halt: null,
    progress: {
      startedAt: before?.startedAt ?? now,
      pages: (before?.pages ?? 0) + 1,
      records: (before?.records ?? 0) + page.records,
      written: (before?.written ?? 0) + page.written,
      unchanged: (before?.unchanged ?? 0) + page.unchanged,
      partial: (before?.partial ?? false) || page.partial,
      setbacks: before?.setbacks ?? 0,
    },
  };
}

/** The page failed for now and may be tried again at `retryAt`. */
export function deferred(
  checkpoint: Checkpoint,
  wait: { readonly retryAt: number; readonly status: number | null; readonly reason: string },
  now: number,
): Checkpoint {
  const state = wait.retryAt - now > longestRedriveMs ? 'parked' : 'running';
  return {
    ...checkpoint,
    state: checkpoint.state === 'paused' ? 'paused' : state,
    lease: null,
    retryAt: wait.retryAt,
    outcome: 'waiting',
    outcomeAt: now,
    lastStatus: wait.status,
    reason: wait.reason,
  };
}

/** The page was not asked for after all: the attempt is given back. */
export function refused(
  checkpoint: Checkpoint,
  wait: { readonly retryAt: number; readonly reason: string; readonly slot: number | null },
  now: number,
): Checkpoint {
  return {
    ...deferred(checkpoint, { ...wait, status: checkpoint.lastStatus }, now),
    slot: wait.slot,
    attempt: Math.max(0, checkpoint.attempt - 1),
  };
}

/** The attempt cap is reached: the run stays open at its position for the next tick. */
export function exhausted(
  checkpoint: Checkpoint,
  last: {
    readonly trouble: 'exhausted' | 'malformed';
    readonly status: number | null;
    readonly reason: string;
  },
  now: number,
): Checkpoint {
  return {
    ...checkpoint,
    state: checkpoint.state === 'paused' ? 'paused' : 'exhausted',
    lease: null,
    retryAt: null,
    outcome: last.trouble,
    outcomeAt: now,
    trouble: last.trouble,
    lastStatus: last.status,
    reason: last.reason,
  };
}

/** No call any more until somebody mends it. The run stays open at its position. */
export function halted(
  checkpoint: Checkpoint,
  halt: {
    readonly outcome: HaltOutcome;
    readonly definition: string;
    readonly status: number | null;
    readonly reason: string;
  },
  now: number,
): Checkpoint {
  return {
    ...checkpoint,
    state: checkpoint.state === 'paused' ? 'paused' : 'halted',
    lease: null,
    attempt: 0,
    retryAt: null,
    outcome: halt.outcome,
    outcomeAt: now,
    lastStatus: halt.status,
    reason: halt.reason,
    halt: { outcome: halt.outcome, at: now, definition: halt.definition },
  };
}
