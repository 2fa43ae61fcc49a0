import type { Breaker } from './breaker.ts';
import { isClaimed, newCheckpoint, type Checkpoint, type Claimed } from './checkpoint.ts';
import type { Breakers, Checkpoints } from './ports.ts';

/**
 * Changes of what is stored, as pure functions tried again until no other writer was faster. One always succeeds, so
 * these loops end.
 */

/**
 * Stores what a page came to, for the holder of the lease alone.
 *
 * @returns what is stored now, or undefined if the lease is not ours any more: then nothing has been written
 */
export async function settle(
  checkpoints: Checkpoints,
  claimed: Claimed,
  change: (current: Claimed) => Checkpoint,
): Promise<Checkpoint | undefined> {
  let current = claimed;
  for (;;) {
    const stored = await checkpoints.replace(change(current));
    if (stored !== undefined) return stored;
    const read = await checkpoints.read(claimed.stream);
    if (read === undefined || !isSameClaim(read, claimed)) return undefined;
    current = read;
  }
}

function isSameClaim(read: Checkpoint, { run, sequence, lease }: Claimed): read is Claimed {
  return (
    isClaimed(read) && read.run === run && read.sequence === sequence && read.lease.holder === lease.holder
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

/**
 * @param change null leaves it as it is
 * @param known as it was stored last, where that is known: then it is read only if another writer was faster
 * @returns what is stored now, and whether this call changed it
 */
export async function changeBreaker(
  breakers: Breakers,
  connection: string,
  change: (breaker: Breaker) => Breaker | null,
  known?: Breaker,
): Promise<{ readonly breaker: Breaker; readonly changed: boolean }> {
  for (let current = known; ; current = undefined) {
    current ??= await breakers.read(connection);
    const next = change(current);
    if (next === null) return { breaker: current, changed: false };
    const stored = await breakers.replace(next);
    if (stored !== undefined) return { breaker: stored, changed: true };
  }
}
