import type { Breaker } from './breaker.ts';
import { newCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { Breakers, Checkpoints } from './ports.ts';

/**
 * Changes of what is stored, as pure functions tried again until nobody was faster. Somebody always makes progress, so
 * these loops end.
 */

/**
 * Stores what a page came to, for the holder of the lease alone.
 *
 * @param held the checkpoint as it was claimed
 * @returns what is stored now, or undefined if the lease is not ours any more: then nothing has been written
 */
export async function settle(
  checkpoints: Checkpoints,
  held: Checkpoint,
  change: (checkpoint: Checkpoint) => Checkpoint,
): Promise<Checkpoint | undefined> {
  let current = held;
  for (;;) {
    const stored = await checkpoints.replace(change(current));
    if (stored !== undefined) return stored;
    const read = await checkpoints.read(held.stream);
    if (read === undefined || !isSameHold(read, held)) return undefined;
    current = read;
  }
}

function isSameHold(read: Checkpoint, held: Checkpoint): boolean {
  return (
    read.run === held.run && read.sequence === held.sequence && read.lease?.holder === held.lease?.holder
  );
}

/** @param change null leaves it as it is @returns what is stored now, or a new checkpoint if there is none */
export async function changeCheckpoint(
  checkpoints: Checkpoints,
  stream: string,
  change: (checkpoint: Checkpoint) => Checkpoint | null,
): Promise<Checkpoint> {
  for (;;) {
    const current = (await checkpoints.read(stream)) ?? newCheckpoint(stream);
    const next = change(current);
    if (next === null) return current;
    const stored = await checkpoints.replace(next);
    if (stored !== undefined) return stored;
  }
}

/** @param change null leaves it as it is @returns what is stored now, and whether this call changed it */
export async function changeBreaker(
  breakers: Breakers,
  connection: string,
  change: (breaker: Breaker) => Breaker | null,
): Promise<{ readonly breaker: Breaker; readonly changed: boolean }> {
  for (;;) {
    const current = await breakers.read(connection);
    const next = change(current);
    if (next === null) return { breaker: current, changed: false };
    const stored = await breakers.replace(next);
    if (stored !== undefined) return { breaker: stored, changed: true };
  }
}
