import * as z from 'zod';

import type { StoredRecord } from '../sync/record.ts';
import type { SnapshotStore } from './ports.ts';
import { settledAfterMs } from './read-changes.ts';
import { recordLine } from './record-line.ts';
import { markerKey, partKey } from './snapshot-key.ts';

/**
 * A snapshot is all records of a stream as they were stored some time after it was begun. Whoever takes it, and then every line of
 * the log that was published from `from` on, has what the table has: a change that the snapshot does not show has its line there.
 */

/** What stands in the marker of a finished snapshot. */
export const snapshotMarker = z.object({
  v: z.literal(1),
  stream: z.string(),
  begunAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** Lines that were published from here on come on top of it. */
  from: z.iso.datetime(),
  parts: z.int().nonnegative(),
  records: z.int().nonnegative(),
  /** The ARN of the stream that the log was made from. */
  source: z.string(),
});

export type SnapshotMarker = z.infer<typeof snapshotMarker>;

export interface SnapshotDependencies {
  readonly records: {
    /** In the order of their ids, those after `after`. Consistent. */
    scan(stream: string, signal: AbortSignal, after: string | null): AsyncIterable<StoredRecord>;
  };
  readonly store: SnapshotStore;
  readonly clock: { now(): number };
  /** The ARN of the records table's stream. */
  readonly source: string;
}

/** Bytes of JSON in one part, and how long it may be read: far below what a function has of both. */
export const maxPart = { bytes: 16 * 1024 * 1024, ms: 30_000 };

/** How far a snapshot has been taken. */
export interface TakenParts {
  readonly stream: string;
  /** Epoch milliseconds: it is called by that. */
  readonly begunAt: number;
  readonly parts: number;
  /** The last id of them; null before the first. */
  readonly after: string | null;
  readonly records: number;
}

/**
 * Writes one part, or finishes the snapshot where nothing is left. Who finds a part written already goes on behind it, so that two
 * who take the same snapshot cannot leave a gap between each other's parts.
 *
 * @returns null once it is finished
 */
export async function takePart(
  taken: TakenParts,
  deps: SnapshotDependencies,
  signal: AbortSignal,
): Promise<TakenParts | null> {
  const { stream, begunAt, after } = taken;
  const { records, store, clock } = deps;
  const lines = await linesAfter(records.scan(stream, signal, after), clock);
  if (lines.length === 0) {
    const marker = JSON.stringify(markerOf(taken, deps));
    await store.putMarker(markerKey(stream, begunAt), marker, signal);
    return null;
  }
  const key = partKey(stream, begunAt, taken.parts + 1);
  const stored = (await store.putNew(key, lines, signal)) ? lines : await store.read(key);
  // It is there, or was a moment ago: only a person takes objects away.
  if (stored === null) throw new Error(`A part of a snapshot of ${stream} is gone`);
  return withPart(taken, stored);
}

/** @param lines of the next part, one at least */
export function withPart(taken: TakenParts, lines: readonly string[]): TakenParts {
  const last = z.object({ id: z.string() }).parse(JSON.parse(lines.at(-1) ?? ''));
  return { ...taken, parts: taken.parts + 1, after: last.id, records: taken.records + lines.length };
}

function markerOf(
  { stream, begunAt, parts, records }: TakenParts,
  { clock, source }: SnapshotDependencies,
): SnapshotMarker {
  return {
    ...{ v: 1, stream, parts, records, source },
    begunAt: new Date(begunAt).toISOString(),
    finishedAt: new Date(clock.now()).toISOString(),
    // The function that names the objects of the log may have another clock.
    from: new Date(begunAt - settledAfterMs).toISOString(),
  };
}

async function linesAfter(
  records: AsyncIterable<StoredRecord>,
  clock: { now(): number },
): Promise<readonly string[]> {
  const until = clock.now() + maxPart.ms;
  const lines: string[] = [];
  let bytes = 0;
  for await (const record of records) {
    // A tombstone without content: to readers of the log there is nothing any more.
    if (record.json === null) continue;
    const line = recordLine(record);
    lines.push(line);
    bytes += Buffer.byteLength(line);
    if (bytes >= maxPart.bytes || clock.now() >= until) break;
  }
  return lines;
}
