import { isSpent, spentBy, type Checkpoint, type Slots, type Stop } from '../checkpoint.ts';
import type { HaltOutcome } from '../outcome.ts';
import { firstPauseMs } from '../outage.ts';

/** How an open run comes to stand still at its position. */

/** SQS holds a message invisible for 12 h from its receipt; what has to wait longer is parked. */
export const maxRedriveMs = 11 * 3600 * 1000;

/** The page failed for now and may be tried again at `retryAt`. */
export function deferred(
  checkpoint: Checkpoint,
  wait: { readonly retryAt: number; readonly status: number | null; readonly reason: string },
  now: number,
): Checkpoint {
  const { retryAt } = wait;
  const state = retryAt - now > maxRedriveMs ? 'parked' : 'running';
  const open = { state, outcome: 'waiting' } as const;
  // A probe has no other try: its tries are spent as before.
  const spent = { state: 'exhausted', outcome: spentBy(checkpoint) ?? 'exhausted' } as const;
  const how = checkpoint.state === 'exhausted' ? spent : open;
  return { ...still(checkpoint, { ...wait, ...how }, now), retryAt };
}

/**
 * A try has failed, and its tries may be spent with it. One who has resumed the stream while it was under way has given it new
 * ones.
 *
 * @param tried the attempt that it was
 */
export function failed(
  checkpoint: Checkpoint,
  {
    tried,
    isSpent,
    ...last
  }: Parameters<typeof exhausted>[1] & {
    readonly tried: number;
    readonly isSpent: boolean;
    readonly retryAt: number;
  },
  now: number,
): Checkpoint {
  return isSpent && checkpoint.attempt >= tried
    ? exhausted(checkpoint, last, now)
    : deferred(checkpoint, last, now);
}

/** The page was not requested after all: the attempt is given back. One that was to probe is what it was. */
export function refused(
  checkpoint: Checkpoint,
  wait: { readonly retryAt: number; readonly reason: string; readonly slots: Slots },
  now: number,
): Checkpoint {
  const { state, outcomeAt, reason, lastStatus } = checkpoint;
  return {
    ...deferred(checkpoint, { ...wait, status: lastStatus }, now),
    slot: wait.slots[0] ?? null,
    accountSlot: wait.slots[1] ?? null,
    attempt: Math.max(0, checkpoint.attempt - 1),
    ...(state === 'exhausted' && { outcomeAt, reason }),
  };
}

/** The attempt cap is reached, or a probe has failed: the run stays open at its position until a probe of its limit scope succeeds. */
export function exhausted(
  checkpoint: Checkpoint,
  last: {
    readonly trouble: 'exhausted' | 'malformed';
    readonly status: number | null;
    readonly reason: string;
  },
  now: number,
): Checkpoint {
  const { trouble } = last;
  return {
    ...still(checkpoint, { ...last, state: 'exhausted', outcome: trouble }, now),
    stopped: stoppedBy(trouble, checkpoint, now),
    // Also where a second message comes before the outage of its limit scope has been stored.
    retryAt: now + firstPauseMs,
  };
}

export interface Halt {
  readonly outcome: HaltOutcome;
  /** Hash of the stream's definition as it is now. */
  readonly definition: string;
  readonly status: number | null;
  readonly reason: string;
}

/** No call any more until a person fixes it. The run stays open at its position. */
export function halted(checkpoint: Checkpoint, halt: Halt, now: number): Checkpoint {
  const { outcome, definition } = halt;
  return {
    ...still(checkpoint, { ...halt, state: 'halted' }, now),
    attempt: 0,
    validators: null,
    halt: { outcome, at: now, definition },
    stopped: stoppedBy(outcome, checkpoint, now),
  };
}

/** Tries that are spent count anew behind a halt: for how long they are decides on a page. */
function stoppedBy(by: Stop['by'], { stopped }: Checkpoint, now: number): Stop {
  const isSame = stopped !== null && isSpent(by) === isSpent(stopped.by);
  return { by, since: isSame ? stopped.since : now };
}

/** The same, where the run can never get on from its position, even when the cause is fixed: the next one begins anew. */
export function haltedForGood(checkpoint: Checkpoint, halt: Halt, now: number): Checkpoint {
  return { ...halted(checkpoint, halt, now), run: null, position: null, waitingSince: null };
}

function still(
  checkpoint: Checkpoint,
  why: Pick<Checkpoint, 'state' | 'outcome' | 'reason'> & { readonly status: number | null },
  now: number,
): Checkpoint {
  return {
    ...checkpoint,
    // A person may have paused the stream while its page was under way.
    state: checkpoint.state === 'paused' ? 'paused' : why.state,
    lease: null,
    retryAt: null,
    waitingSince: checkpoint.waitingSince ?? now,
    outcome: why.outcome,
    outcomeAt: now,
    lastStatus: why.status,
    reason: why.reason,
  };
}
