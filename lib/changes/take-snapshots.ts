import { isSnapshotDue, newestOf, parseMarker, type LogTerms } from './due-snapshots.ts';
import { firstPart, type SnapshotDependencies } from './snapshot.ts';
import { markerKey, snapshotsPrefix } from './snapshot-key.ts';

export interface SnapshotsDependencies extends SnapshotDependencies, LogTerms {
  /** Whole names of all streams of the deployment. */
  readonly streams: readonly string[];
}

/** Begins the snapshots that are due. @returns the streams of which one was begun */
export async function beginSnapshots(deps: SnapshotsDependencies): Promise<readonly string[]> {
  const { streams, store, queue, clock } = deps;
  const keys: string[] = [];
  for await (const key of store.list(snapshotsPrefix, snapshotsPrefix)) keys.push(key);
  const newest = newestOf(keys);
  const begun: string[] = [];
  for (const stream of streams) {
    const { finishedAt = null, begunAt = null } = newest.get(stream) ?? {};
    const text = finishedAt === null ? null : await store.readMarker(markerKey(stream, finishedAt));
    const finished = text === null ? null : parseMarker(text);
    if (!isSnapshotDue({ finished, begunAt }, deps, clock.now())) continue;
    await queue.send(firstPart(stream, clock.now()));
    begun.push(stream);
  }
  return begun;
}
