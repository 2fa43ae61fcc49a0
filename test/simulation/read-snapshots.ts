import type { Change } from '../../lib/changes/change.ts';
import { cursorAt } from '../../lib/changes/cursor.ts';
import { parseMarker } from '../../lib/changes/due-snapshots.ts';
import { readChanges } from '../../lib/changes/read-changes.ts';
import { newestSnapshot, snapshotLines } from '../../lib/changes/read-snapshot.ts';
import type { SnapshotMarker } from '../../lib/changes/snapshot.ts';
import { readSnapshotKey, snapshotsOf } from '../../lib/changes/snapshot-key.ts';
import type { FakeLog } from '../support/fakes/fake-log.ts';
import type { World } from './world.ts';

/** Once everything is published: who begins with a snapshot, with each that is finished and the newest one last. */
export async function readSnapshots(world: World, log: FakeLog): Promise<void> {
  for (const stream of world.streams.keys()) {
    const newest = await newestSnapshot(stream, log);
    if (newest === null) continue;
    const older = (await finishedOf(stream, log)).filter(({ begunAt }) => begunAt !== newest.begunAt);
    for (const marker of [...older, newest]) {
      const lines = await linesFrom(marker, log);
      for (const judge of world.judges) judge.snapshotRead?.(marker, lines);
    }
  }
}

async function finishedOf(stream: string, log: FakeLog): Promise<readonly SnapshotMarker[]> {
  const markers: SnapshotMarker[] = [];
  const prefix = snapshotsOf(stream);
  for await (const key of log.list(prefix, prefix)) {
    const text = readSnapshotKey(key)?.kind === 'marker' ? await log.readMarker(key) : null;
    if (text !== null) markers.push(parseMarker(text));
  }
  return markers;
}

async function linesFrom(marker: SnapshotMarker, log: FakeLog): Promise<readonly Change[]> {
  const lines: Change[] = [];
  for await (const line of snapshotLines(marker, log)) lines.push(line);
  const since = cursorAt(Date.parse(marker.from));
  for await (const line of readChanges([marker.stream], { since }, log)) lines.push(line);
  return lines;
}
