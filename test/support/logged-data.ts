import path from 'node:path';
import type { DynamoDBRecord } from 'aws-lambda';

import {
  startEmbeddedDynamoDb,
  type EmbeddedDynamoDb,
} from '../../infra/emulator/embedded/embedded-dynamodb.ts';
import { startEmbeddedS3 } from '../../infra/emulator/embedded/embedded-s3.ts';
import { newAccessKey } from '../../infra/emulator/embedded/guard.ts';
import { openDataFolder } from '../../infra/laptop/data-folder/data-folder.ts';
import { writeDescription } from '../../infra/laptop/data-folder/description.ts';
import { lockData } from '../../infra/laptop/data-folder/lock.ts';
import { DynamoForgotten } from '../../lib/aws/dynamo-forgotten.ts';
import { DynamoRecords } from '../../lib/aws/dynamo-records.ts';
import { S3Log } from '../../lib/aws/s3-log.ts';
import { readStreamBatch } from '../../lib/aws/stream-writes.ts';
import { publish } from '../../lib/changes/publish.ts';
import { takeSnapshots } from '../../lib/changes/take-snapshots.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { failedBatch, failedBatchKey } from './failed-batch.ts';

const [checkpoints, records, bucket] = ['Checkpoints', 'Records', 'log'];
const { signal } = new AbortController();
const patienceMs = 60_000;

/** What works on the data while no command does. */
export interface DataWork {
  readonly records: DynamoRecords;
  readonly log: S3Log;
  takeSnapshots(): Promise<void>;
  /** Publishes what has been written, as the function does it. */
  publish(): Promise<void>;
  /** What has been written is kept in the bucket instead, as Lambda does it where the function fails for a day. */
  fail(name: string): Promise<void>;
}

/**
 * A data folder as `npm start` leaves it, with a change log: written by the engine's own adapter, published and put into snapshots
 * as the functions do it.
 */
export class LoggedData {
  readonly path: string;
  readonly #streams: readonly string[];
  /** How far the stream of the table has been read. */
  #read: string | null = null;

  private constructor(data: string, streams: readonly string[]) {
    this.path = data;
    this.#streams = streams;
  }

  static async in(folder: string, streams: readonly string[]): Promise<LoggedData> {
    const data = path.join(folder, 'data');
    await openDataFolder(data);
    await writeDescription(data, {
      ...{ checkpointsTable: checkpoints, recordsTable: records, changesBucket: bucket },
      streams: [...streams],
    });
    return new LoggedData(data, streams);
  }

  /** The folder can be open once: for those who write, and then for a command. What they have written is published at their end. */
  async work(act: (work: DataWork) => Promise<void>): Promise<void> {
    // As npm start does: who asks meanwhile waits.
    const unlock = await lockData(this.path, patienceMs);
    const accessKey = newAccessKey();
    const server = await startEmbeddedDynamoDb(this.path, tables, accessKey, false);
    const buckets = [{ name: bucket, expirations: [] }];
    const s3 = await startEmbeddedS3({ dataDir: this.path, buckets, accessKey });
    const log = new S3Log(s3.client, bucket);
    const own = {
      ...{ records: new DynamoRecords(server.client, records), log },
      takeSnapshots: () => this.#takeSnapshots(own.records, log),
      publish: () => this.#publish(server, log),
      fail: async (name: string) =>
        log.putMarker(failedBatchKey(name), failedBatch(await this.#unread(server)), signal),
    };
    try {
      await act(own);
      await own.publish();
    } finally {
      await s3.close();
      await server.close();
      await unlock();
    }
  }

  async #unread({ streams }: EmbeddedDynamoDb): Promise<readonly DynamoDBRecord[]> {
    const writes = await streams.read(records, this.#read, 10_000);
    this.#read = writes.at(-1)?.dynamodb.SequenceNumber ?? this.#read;
    // As JSON, for so an event comes to a function.
    return JSON.parse(JSON.stringify(writes)) as readonly DynamoDBRecord[];
  }

  async #publish(server: EmbeddedDynamoDb, log: S3Log): Promise<void> {
    const { writes } = await readStreamBatch(await this.#unread(server), false);
    const forgotten = new DynamoForgotten(server.client, checkpoints, systemClock);
    await publish(writes, { log, forgotten, clock: { now: Date.now }, keepsBefore: false }, signal);
  }

  async #takeSnapshots(stored: DynamoRecords, store: S3Log): Promise<void> {
    const heartbeat = { beat: () => Promise.resolve(1) };
    const deps = { records: stored, store, heartbeat, clock: { now: Date.now }, streams: this.#streams };
    await takeSnapshots({ ...deps, source: 'the stream', retentionDays: 90 }, Date.now() + 60_000, signal);
  }
}

const tables = [
  { name: checkpoints, keys: ['pk'], stream: undefined },
  { name: records, keys: ['stream', 'id'], stream: 'NEW_AND_OLD_IMAGES' as const },
].map(({ name, keys, stream }) => ({
  name,
  keySchema: keys.map((key, index) => ({
    AttributeName: key,
    KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
  })),
  attributes: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' as const })),
  ...(stream !== undefined && { stream }),
}));
