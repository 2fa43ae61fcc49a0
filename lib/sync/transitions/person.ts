import type { Checkpoint } from '../checkpoint.ts';
import { allowanceLastsMs, allowanceOf } from '../deletions.ts';
import { isStuck, opened, renewBudgets } from './run.ts';

/** What a person changes: pause, resume, reset, run, allow-deletions. */

/**
 * @returns null if it is paused already, or halted, which is stronger. The page under way keeps its lease and is still stored.
 */
export function pausedCheckpoint(checkpoint: Checkpoint, now: number): Checkpoint | null {
  const { state, run, lease, waitingSince } = checkpoint;
  if (state === 'paused' || state === 'halted') return null;
  const atWork = lease !== null && lease.until > now;
  return {
    ...checkpoint,
    state: 'paused',
    // A page at work says itself when it is done; from then on the run waits for a person, and that is no time of work.
    waitingSince: run === null || atWork ? waitingSince : (waitingSince ?? now),
    outcome: 'paused',
    outcomeAt: now,
    reason: 'paused by a person',
  };
}

/** The reason that is stored until the next page has been tried. */
export const resumedByPerson = 'resumed by a person';

/**
 * Due at once if a run is open, else ready for the next tick.
 *
 * @returns null where nothing holds the stream back, or it has been resumed already
 */
export function resumedCheckpoint(checkpoint: Checkpoint, now: number): Checkpoint | null {
  if (!isHeldBack(checkpoint) || isReleased(checkpoint, now)) return null;
  const { stopped } = checkpoint;
  const common = {
    // With its lease: a page of a stream that was paused may still be under way.
    ...checkpoint,
    attempt: 0,
    validators: null,
    halt: null,
    outcome: 'waiting',
    outcomeAt: now,
    reason: resumedByPerson,
    freshFrom: now,
    // While it was paused nobody wanted its pages.
    stopped: checkpoint.state === 'paused' && stopped !== null ? { ...stopped, since: now } : stopped,
  } as const;
  if (checkpoint.run === null || isStuck(checkpoint)) {
    return { ...common, state: 'idle', run: null, position: null, retryAt: null, waitingSince: null };
  }
  const { progress, waitingSince } = renewBudgets(checkpoint, now);
  // A page that was under way may have been stored since the pause: only when the run moved last is certain.
  return {
    ...common,
    ...{ state: 'parked', retryAt: now, progress },
    waitingSince: waitingSince ?? checkpoint.movedAt,
  };
}

function isHeldBack({ state }: Checkpoint): boolean {
  return state === 'halted' || state === 'exhausted' || state === 'parked' || state === 'paused';
}

/** Parked and due: nothing that a second resume could add. */
export function isReleased({ state, retryAt, attempt }: Checkpoint, now: number): boolean {
  return state === 'parked' && attempt === 0 && retryAt !== null && retryAt <= now;
}

/**
 * The open run is given up and a new one stands at `offset`, due. What is paused or halted stays so, but for halts that were
 * about the old run alone. The lease stays, too: a page of the old run may still be under way, it can no longer change anything
 * here, and until it is over no other page is requested.
 *
 * @param newRun unique: it is what shuts out an invocation that still works on the old run
 * @param offset rows to leave out; 0 is the beginning
 */
export function resetCheckpoint(
  checkpoint: Checkpoint,
  { newRun, offset, now }: { readonly newRun: string; readonly offset: number; readonly now: number },
): Checkpoint {
  const { state, halt, lease } = checkpoint;
  const fresh = opened(checkpoint, newRun, now);
  const begun: Checkpoint = {
    ...fresh,
    lease,
    slot: null,
    accountSlot: null,
    // There is no row before it that this run has seen.
    position: offset === 0 ? null : { kind: 'offset', offset, blind: true },
    progress: fresh.progress && { ...fresh.progress, skippedRows: offset },
    waitingSince: now,
    // What is read by time begins at its history again.
    readUntil: null,
    validators: null,
    reason: 'reset by a person',
  };
  if (state === 'paused') return { ...begun, state, halt, outcome: 'paused' };
  if (state === 'halted' && halt !== null && !isOfItsRun(halt.outcome)) {
    const { outcome, outcomeAt, reason } = checkpoint;
    return { ...begun, state, halt, outcome, outcomeAt, reason };
  }
  return { ...begun, state: 'parked', retryAt: now, outcome: 'waiting' };
}

/**
 * A stored record is none any more: the list is read whole next, for the vendor may give it still.
 *
 * @returns null where it would be anyhow
 */
export function toBeReadWhole(checkpoint: Checkpoint): Checkpoint | null {
  const { validators, progress } = checkpoint;
  if (validators === null && (progress?.validators ?? null) === null) return null;
  return { ...checkpoint, validators: null, progress: progress && { ...progress, validators: null } };
}

function isOfItsRun(outcome: NonNullable<Checkpoint['halt']>['outcome']): boolean {
  return outcome === 'looping' || outcome === 'runaway';
}

/** A run that a person starts where nothing carries it: the watchdog or a tick takes up what is parked and due. */
export function dueCheckpoint(checkpoint: Checkpoint, now: number): Checkpoint {
  return {
    ...checkpoint,
    state: 'parked',
    retryAt: now,
    waitingSince: checkpoint.waitingSince ?? now,
    outcome: 'waiting',
    outcomeAt: now,
    reason: 'started by a person',
  };
}

/** @returns null if there is nothing to allow, or so many have been allowed already */
export function allowedCheckpoint(checkpoint: Checkpoint, now: number): Checkpoint | null {
  const { heldDeletions } = checkpoint;
  if (heldDeletions === null || (allowanceOf(checkpoint, now) ?? -1) >= heldDeletions.rows) return null;
  return { ...checkpoint, allowed: heldDeletions.rows, allowedUntil: now + allowanceLastsMs };
}
