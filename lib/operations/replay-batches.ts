import { DamagedItemError } from '../aws/damaged-item-error.ts';
import { failedBatchesPrefix, recordsOfBatch, UnreadableBatchError } from '../aws/failed-batch.ts';
import { NewerVersionError } from '../aws/newer-version-error.ts';
import { readStreamBatch } from '../aws/stream-writes.ts';
import { changesPrefix } from '../changes/object-key.ts';
import type { LogEraser } from '../changes/ports.ts';
import { publish, type PublishDependencies } from '../changes/publish.ts';
import { publishTimeoutSeconds } from '../changes/read-changes.ts';

export interface Replayed {
  readonly batches: number;
  readonly lines: number;
  /** Batches that could not be read. They are left as they are. */
  readonly unreadable: number;
}

/**
 * Publishes what the publisher could not, from the objects in which Lambda keeps it, and takes each of them away once its lines are
 * in the log. Its lines carry the sequence of their writes, by which readers can tell that later ones came before.
 */
export async function replayBatches(log: LogEraser, deps: PublishDependencies): Promise<Replayed> {
  let [batches, lines, unreadable] = [0, 0, 0];
  for await (const { key } of log.sizes(failedBatchesPrefix, failedBatchesPrefix)) {
    const published = await replayBatch(key, log, deps);
    if (published === 'unreadable') unreadable += 1;
    else if (published !== 'gone') [batches, lines] = [batches + 1, lines + published];
  }
  return { batches, lines, unreadable };
}

/** @returns how many lines */
async function replayBatch(
  key: string,
  log: LogEraser,
  deps: PublishDependencies,
): Promise<number | 'unreadable' | 'gone'> {
  for (;;) {
    const version = await log.readVersion(key);
    if (version === null) return 'gone';
    const writes = await writesIn(version.text, deps.keepsBefore);
    if (writes === null) return 'unreadable';
    // What takes longer than the publisher may would appear behind the cursors of readers, and so would what is named by a
    // person's own clock.
    const now = await log.now(changesPrefix);
    const published = await publish(
      writes,
      { ...deps, clock: { now: () => now } },
      AbortSignal.timeout(publishTimeoutSeconds * 1000),
    );
    // Another version is one from which somebody has taken a record that was forgotten: what is left of it comes twice.
    if (await log.remove(key, version.etag)) return published.reduce((sum, { lines }) => sum + lines, 0);
  }
}

/** Null if they cannot be read, by this version at least. */
async function writesIn(text: string, keepsBefore: boolean) {
  try {
    return (await readStreamBatch(recordsOfBatch(text), keepsBefore)).writes;
  } catch (error) {
    const isTold = [UnreadableBatchError, DamagedItemError, NewerVersionError].some(
      (kind) => error instanceof kind,
    );
    if (isTold) return null;
    throw error;
  }
}
