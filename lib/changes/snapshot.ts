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

/** A message that asks for the next part of a snapshot. It holds an id, which stays within the deployment's own queue. */
export const snapshotMessage = z.strictObject({
  v: z.literal(1),
  stream: z.string(),
  /** When the snapshot was begun, epoch milliseconds: it is called by that. */
  begunAt: z.int(),
  /** From 1. */
  part: z.int().positive(),
  /** The last id of the parts before; null for the first part. */
  after: z.string().nullable(),
  /** In the parts before. */
  records: z.int().nonnegative(),
});

export type SnapshotMessage = z.infer<typeof snapshotMessage>;

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
  readonly queue: { send(message: SnapshotMessage): Promise<void> };
  readonly clock: { now(): number };
  /** The ARN of the records table's stream. */
  readonly source: string;
}

/** Bytes of JSON in one part, and how long it may take: far below what a function has of both. */
const max = { bytes: 16 * 1024 * 1024, ms: 30_000 };

export function firstPart(stream: string, begunAt: number): SnapshotMessage {
  return { v: 1, stream, begunAt, part: 1, after: null, records: 0 };
}

/**
 * Writes one part and asks for the next, or finishes the snapshot where nothing is left. A message that comes twice finds its part
 * written, and goes on behind it, so that two of them cannot leave a gap between each other's parts.
 */
export async function takePart(
  message: SnapshotMessage,
  { records, store, queue, clock, source }: SnapshotDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { stream, begunAt, part, after } = message;
  const lines = await linesAfter(records.scan(stream, signal, after), clock);
  if (lines.length === 0) {
    const marker: SnapshotMarker = {
      v: 1,
      stream,
      begunAt: new Date(begunAt).toISOString(),
      finishedAt: new Date(clock.now()).toISOString(),
      // The function that names the objects of the log may have another clock.
      from: new Date(begunAt - settledAfterMs).toISOString(),
      parts: part - 1,
      records: message.records,
      source,
    };
    return store.putMarker(markerKey(stream, begunAt), JSON.stringify(marker), signal);
  }
  const key = partKey(stream, begunAt, part);
  const stored = (await store.putNew(key, lines, signal)) ? lines : await store.read(key);
  const last = stored?.at(-1);
  // It is there, or was a moment ago: only a person takes objects away.
  if (stored === null || last === undefined) throw new Error(`A part of a snapshot of ${stream} is gone`);
  const { id } = z.object({ id: z.string() }).parse(JSON.parse(last));
  await queue.send({ ...message, part: part + 1, after: id, records: message.records + stored.length });
}

async function linesAfter(
  records: AsyncIterable<StoredRecord>,
  clock: { now(): number },
): Promise<readonly string[]> {
  const until = clock.now() + max.ms;
  const lines: string[] = [];
  let bytes = 0;
  for await (const record of records) {
    // A tombstone without content: to readers of the log there is nothing any more.
    if (record.json === null) continue;
    const line = recordLine(record);
    lines.push(line);
    bytes += Buffer.byteLength(line);
    if (bytes >= max.bytes || clock.now() >= until) break;
  }
  return lines;
}
