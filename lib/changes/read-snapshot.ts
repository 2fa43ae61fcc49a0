import * as z from 'zod';

import { parseJson } from '../connectors/json.ts';
import { sequenceDigits, storedWithinMs, type Change } from './change.ts';
import { cursorAt, type Cursor } from './cursor.ts';
import { newestOf, parseMarker } from './due-snapshots.ts';
import { DamagedLineError, jsonOf } from './line.ts';
import type { SnapshotReader } from './ports.ts';
import type { SnapshotMarker } from './snapshot.ts';
import { markerKey, partKey, snapshotsOf } from './snapshot-key.ts';

/** The newest finished snapshot of a stream; null where there is none yet. */
export async function newestSnapshot(stream: string, log: SnapshotReader): Promise<SnapshotMarker | null> {
  const prefix = snapshotsOf(stream);
  const keys: string[] = [];
  for await (const key of log.list(prefix, prefix)) keys.push(key);
  const finishedAt = newestOf(keys).get(stream)?.finishedAt ?? null;
  const text = finishedAt === null ? null : await log.readMarker(markerKey(stream, finishedAt));
  return text === null ? null : parseMarker(text);
}

const recordLine = z.object({
  id: z.string(),
  data: z.unknown(),
  changedAt: z.string(),
  deletedAt: z.string().optional(),
});

/**
 * The records of a snapshot, as lines of the log that come before all others: `snapshot`, or `deleted` where the vendor does not
 * give one any more.
 *
 * @throws {DamagedLineError}
 */
export async function* snapshotLines(
  { stream, begunAt, parts }: SnapshotMarker,
  log: SnapshotReader,
): AsyncGenerator<Change, void, undefined> {
  const sequence = '0'.repeat(sequenceDigits);
  for (let part = 1; part <= parts; part += 1) {
    for (const line of (await log.read(partKey(stream, Date.parse(begunAt), part))) ?? []) {
      const { id, data, changedAt, deletedAt } = parseRecordLine(line);
      const at = deletedAt ?? changedAt;
      const op = deletedAt === undefined ? 'snapshot' : 'deleted';
      yield { stream, id, op, at, run: null, sequence, json: jsonOf(data), before: null };
    }
  }
}

/** Where the lines begin that come on top of some snapshots. Some of them may be in one of these already. Pure. */
export function cursorBehind(snapshots: readonly Pick<SnapshotMarker, 'from'>[]): Cursor {
  return cursorAt(Math.min(...snapshots.map(({ from }) => Date.parse(from))));
}

/**
 * The lines that come on top of some snapshots. A batch that had failed comes late, with lines from before a snapshot was begun:
 * it has what came of them already, and such a line would bring back what has been changed since. Pure.
 */
export async function* onTopOf<End>(
  snapshots: readonly Pick<SnapshotMarker, 'stream' | 'begunAt'>[],
  changes: AsyncGenerator<Change, End, undefined>,
): AsyncGenerator<Change, End, undefined> {
  const earliest = new Map(
    snapshots.map(({ stream, begunAt }) => [stream, Date.parse(begunAt) - storedWithinMs]),
  );
  for (let next = await changes.next(); ; next = await changes.next()) {
    if (next.done === true) return next.value;
    const { stream, at } = next.value;
    if (Date.parse(at) >= (earliest.get(stream) ?? -Infinity)) yield next.value;
  }
}

function parseRecordLine(text: string): z.infer<typeof recordLine> {
  try {
    return recordLine.parse(parseJson(text));
  } catch {
    throw new DamagedLineError();
  }
}
