import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';

import { DynamoRecords } from '../aws/dynamo-records.ts';
import { S3Log } from '../aws/s3-log.ts';
import type { Change } from '../changes/change.ts';
import { cursorAt, formatCursor, parseCursor, type Cursor } from '../changes/cursor.ts';
import { parseLine } from '../changes/line.ts';
import { readChanges as readLog } from '../changes/read-changes.ts';
import type { SnapshotReader } from '../changes/ports.ts';
import { cursorBehind, newestSnapshot, onTopOf, snapshotLines } from '../changes/read-snapshot.ts';
import type { SnapshotMarker } from '../changes/snapshot.ts';

/** For functions of one's own: what a deployment has stored, and what has become of it. Each reads a page or an object at a time. */

/** A stored record. Times are ISO 8601 in UTC. */
export interface ReadRecord<Data> {
  readonly stream: string;
  readonly id: string;
  /** The vendor's JSON as it is stored, every digit of it. */
  readonly json: string;
  /** The same, parsed: numbers beyond 2^53 and long decimals are rounded. */
  readonly data: Data;
  readonly firstSeenAt: string;
  readonly changedAt: string;
  /** Since when the vendor does not give it any more; null while it does. */
  readonly deletedAt: string | null;
}

export interface RecordsToRead {
  /** The stack's output `RecordsTableName`. */
  readonly table: string;
  /** Also those that the vendor does not give any more, as long as their content is kept. */
  readonly deleted?: boolean;
  readonly client?: DynamoDBClient;
  readonly signal?: AbortSignal;
}

/** The records of a stream, such as `bob/people`, in the order of their ids. */
export async function* readRecords<Data = unknown>(
  stream: string,
  { table, deleted = false, client = new DynamoDBClient(), signal }: RecordsToRead,
): AsyncGenerator<ReadRecord<Data>, void, undefined> {
  for await (const record of new DynamoRecords(client, table).scan(stream, signal)) {
    const { json, deletedAt } = record;
    if (json === null || (deletedAt !== null && !deleted)) continue;
    yield { ...record, json, data: JSON.parse(json) as Data };
  }
}

/** A line of the change log. Of two lines of one record the one with the higher sequence is the later. */
export interface ReadChange<Data> extends Omit<Change, 'before'> {
  /** Its `json`, parsed: numbers beyond 2^53 and long decimals are rounded. */
  readonly data: Data | null;
  /** What it was before, where the deployment keeps that. */
  readonly before: Data | null;
}

export interface ChangesToRead {
  /** The stack's output `ChangesBucketName`. */
  readonly bucket: string;
  readonly client?: S3Client;
}

/**
 * The lines of some streams in the order of publishing.
 *
 * @param since the cursor of the reading before, a moment, or `snapshot`: the records of the newest snapshot first, as lines
 * `snapshot` and `deleted`, and then all lines since it. Left out: all that the log still has
 * @returns the cursor to go on from
 * @throws {NoSnapshotError} where one is asked for and there is none yet
 * @throws {RangeError} of a text that is no cursor
 */
export async function* readChanges<Data = unknown>(
  streams: readonly string[],
  {
    bucket,
    client = new S3Client(),
    since = new Date(0),
  }: ChangesToRead & { readonly since?: string | Date },
): AsyncGenerator<ReadChange<Data>, string, undefined> {
  const log = new S3Log(client, bucket);
  const snapshots = since === 'snapshot' ? await Promise.all(streams.map((one) => snapshotOf(one, log))) : [];
  for (const snapshot of snapshots) for await (const line of snapshotLines(snapshot, log)) yield read(line);
  const from = since === 'snapshot' ? cursorBehind(snapshots) : cursorOf(since);
  const lines = onTopOf(snapshots, readLog(streams, { since: from }, log));
  for (;;) {
    const next = await lines.next();
    if (next.done === true) return formatCursor(next.value);
    yield read(next.value);
  }
}

/** The lines of one object of the log, such as the `key` of an event `Records Changed`; none if it is there no more. */
export async function readChangesAt<Data = unknown>(
  key: string,
  { bucket, client = new S3Client() }: ChangesToRead,
): Promise<readonly ReadChange<Data>[]> {
  const lines = (await new S3Log(client, bucket).read(key)) ?? [];
  return lines.map((line) => read<Data>(parseLine(line)));
}

/** The first one is taken within the hour after a deployment. */
export class NoSnapshotError extends Error {
  override readonly name = 'NoSnapshotError';

  constructor(stream: string) {
    super(`There is no finished snapshot of ${stream} yet`);
  }
}

async function snapshotOf(stream: string, log: SnapshotReader): Promise<SnapshotMarker> {
  const snapshot = await newestSnapshot(stream, log);
  if (snapshot === null) throw new NoSnapshotError(stream);
  return snapshot;
}

function cursorOf(since: string | Date): Cursor {
  if (since instanceof Date) return cursorAt(since.getTime());
  const cursor = parseCursor(since);
  if (cursor === null) throw new RangeError('since is no cursor of the change log');
  return cursor;
}

function read<Data>({ before, ...change }: Change): ReadChange<Data> {
  const parsed = (json: string | null): Data | null => (json === null ? null : (JSON.parse(json) as Data));
  return { ...change, data: parsed(change.json), before: parsed(before) };
}
