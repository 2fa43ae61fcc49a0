import type { Checkpoint } from '../checkpoint.ts';

/** What the watchdog writes, beside the runs that it opens and takes up. */

/** From here on the stream has to be complete within its target, also one whose first tick never comes. */
export function firstSeen(checkpoint: Checkpoint, now: number): Checkpoint | null {
  return checkpoint.freshFrom === null ? { ...checkpoint, freshFrom: now } : null;
}

/**
 * No message carries the run any more, so that one is sent. Its attempts stay as they are: a page that kills its function must
 * still come to the cap.
 *
 * @param lastTick `now` where the page is instead of a missed tick: no more than one for each
 */
export function unstranded(checkpoint: Checkpoint, lastTick: number | null, now: number): Checkpoint {
  return { ...checkpoint, movedAt: now, lastTick };
}

/** Its wait is over: a message carries it again. */
export function unparked(checkpoint: Checkpoint, now: number): Checkpoint {
  return { ...checkpoint, state: 'running', movedAt: now };
}
