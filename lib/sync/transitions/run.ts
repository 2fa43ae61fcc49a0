import { walkOf } from '../../paging/position.ts';
import { isDeadCursor } from '../../paging/refusals.ts';
import { newProgress, type Checkpoint, type Claimed } from '../checkpoint.ts';

/**
 * How a run begins, is taken up and is claimed. Every function of this folder is pure: from the checkpoint that is stored to the
 * one that is to be stored. Nothing else makes a checkpoint. The store raises the revision. Times are epoch milliseconds.
 */

/** The tick of this scheduled time is acted on. */
export function ticked(checkpoint: Checkpoint, scheduledAt: number): Checkpoint {
  return { ...checkpoint, lastTick: scheduledAt };
}

/** Starts a run at the first page; no invocation holds it yet. */
export function opened(checkpoint: Checkpoint, run: string, now: number): OpenRun {
  return {
    ...resumed(checkpoint, now),
    validators: checkpoint.validators,
    state: 'running',
    run,
    sequence: 0,
    position: null,
    waitingSince: null,
    progress: newProgress(now),
  };
}

export type OpenRun = Checkpoint & { readonly run: string };

export function isOpen(checkpoint: Checkpoint): checkpoint is OpenRun {
  return checkpoint.run !== null;
}

/** Takes up the open run where it stands, with all its attempts. What was wrong stays known until a page succeeds. */
export function resumed(checkpoint: Checkpoint, now: number): Checkpoint {
  return {
    ...checkpoint,
    ...renewBudgets(checkpoint, now),
    // What had stopped it had its own alarm; it is not stale in the minute in which it is fixed.
    freshFrom: checkpoint.state === 'halted' ? now : checkpoint.freshFrom,
    state: 'running',
    attempt: 0,
    // Whatever it has tried, rows of a later list may be stored.
    validators: null,
    retryAt: null,
    lease: null,
    halt: null,
    movedAt: now,
    outcome: 'running',
    outcomeAt: now,
  };
}

/** A probe of its limit scope has succeeded. @returns null where its tries are not spent, or a page of it is under way */
export function sentOn(checkpoint: Checkpoint, now: number): Checkpoint | null {
  const { state, lease } = checkpoint;
  const isFree = lease === null || lease.until <= now;
  return state === 'exhausted' && isFree ? resumed(checkpoint, now) : null;
}

/** Takes up the open run where it stands, or starts one if none is open or it can never get on from there. */
export function continued(checkpoint: Checkpoint, newRun: string, now: number): Checkpoint {
  const { run } = checkpoint;
  return run === null || isStuck(checkpoint) ? opened(checkpoint, newRun, now) : resumed(checkpoint, now);
}

/** The same page again would be the same loop, and a cursor that was refused is refused again. */
export function isStuck({ halt, position, lastStatus }: Checkpoint): boolean {
  if (halt?.outcome === 'looping') return true;
  // Older versions halted at such a cursor.
  const isRefused = halt?.outcome === 'missing' || halt?.outcome === 'rejected';
  return isRefused && isDeadCursor(lastStatus, walkOf(position));
}

/** The end of a runaway's halt renews the budgets of its run: with the old counts it would halt at once. */
export function renewBudgets(
  { halt, progress, waitingSince }: Checkpoint,
  now: number,
): Pick<Checkpoint, 'progress' | 'waitingSince'> {
  if (halt?.outcome !== 'runaway' || progress === null) return { progress, waitingSince };
  return { progress: { ...progress, pages: 0, waitedMs: now - progress.startedAt }, waitingSince: now };
}

/** One try begins. It counts from here, so that a crash counts. */
export function claimed(checkpoint: OpenRun, holder: string, until: number, now: number): Claimed {
  const { progress, waitingSince } = checkpoint;
  const known = progress ?? newProgress(now);
  const waitedMs = waitingSince === null ? 0 : Math.max(0, now - waitingSince);
  return {
    ...checkpoint,
    // A try before it may have stored rows of a later list.
    validators: checkpoint.attempt === 0 ? checkpoint.validators : null,
    freshFrom: checkpoint.outcome === 'unconfigured' ? now : checkpoint.freshFrom,
    waitingSince: null,
    progress: { ...known, waitedMs: known.waitedMs + waitedMs },
    lease: { holder, until },
    attempt: checkpoint.attempt + 1,
    retryAt: null,
    slot: null,
    accountSlot: null,
    // A probe is no end of what is wrong yet.
    ...(checkpoint.state !== 'exhausted' && { state: 'running', outcome: 'running', outcomeAt: now }),
  };
}

/** The secret still holds its placeholder. @returns null where something stronger is known of the stream already */
export function unconfigured(checkpoint: Checkpoint, reason: string, now: number): Checkpoint | null {
  const { outcome, state } = checkpoint;
  if (outcome === 'unconfigured' || state === 'halted' || state === 'paused') return null;
  return { ...checkpoint, outcome: 'unconfigured', outcomeAt: now, reason };
}
