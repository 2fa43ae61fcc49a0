import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startEmbeddedS3, type EmbeddedS3 } from '../../../infra/emulator/embedded/embedded-s3.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { S3Log } from '../../../lib/aws/s3-log.ts';
import { publish } from '../../../lib/changes/publish.ts';
import { takePart } from '../../../lib/changes/snapshot.ts';
import { NoSnapshotError, readChanges, readChangesAt, readRecords } from '../../../lib/readers/readers.ts';
import { collect, evening, inRun, morning, record } from '../../support/contracts/records.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';

interface Person {
  readonly id: string;
  readonly pay: number;
}

const { signal } = new AbortController();
const bucket = 'log';
const stream = 'bob/people';
let dynamoDb: EmbeddedDynamoDb;
let folder: TemporaryFolder;
let s3: EmbeddedS3;

beforeAll(async () => {
  folder = await temporaryFolder();
  dynamoDb = await startEmbeddedDynamoDb();
  const buckets = [{ name: bucket, expirations: [] }];
  s3 = await startEmbeddedS3({ dataDir: folder.path, buckets, accessKey: newAccessKey() });
});

afterAll(async () => {
  await s3.close();
  await dynamoDb.stop();
  await folder[Symbol.asyncDispose]();
});

async function published(id: string, sequence: number, at: number): Promise<string> {
  const json = `{"id":"${id}","pay":${sequence}.10}`;
  const after = { stream, id, hash: json, json, deletedAt: null, run: 'run-1' };
  const write = {
    ...{ before: null, sequence: String(sequence), writtenAt: at },
    after: { ...after, changedAt: new Date(at).toISOString() },
  };
  const log = new S3Log(s3.client, bucket);
  const deps = { log, forgotten: { read: async () => new Map() }, keepsBefore: false };
  const [object] = await publish([write], { ...deps, clock: { now: () => at } }, signal);
  return object!.key;
}

async function readAll<Line>(
  lines: AsyncGenerator<Line, string>,
): Promise<{ lines: Line[]; cursor: string }> {
  const all: Line[] = [];
  for (;;) {
    const next = await lines.next();
    if (next.done === true) return { lines: all, cursor: next.value };
    all.push(next.value);
  }
}

describe('what a function of one’s own reads', () => {
  it('is the records of a stream, unpacked, with every digit beside what is parsed', async () => {
    const records = new DynamoRecords(dynamoDb.client, dynamoDb.recordsTable);
    const rows = [
      record('1', `{"id":"1","pay":1.10,"note":"${'x'.repeat(9000)}"}`),
      record('2', '{"id":"2","pay":9007199254740993}'),
      record('3', '{"id":"3","pay":3}'),
    ];
    await records.upsert(stream, rows, inRun(morning), signal);
    const deletion = { deletedAt: evening, expiresAt: evening + 1, run: 'run-2' };
    await records.markDeleted(stream, ['3'], deletion, signal);
    const given = { table: dynamoDb.recordsTable, client: dynamoDb.client };
    const read = await collect(readRecords<Person>(stream, given));
    expect(read.map(({ id, data }) => [id, data.pay])).toEqual([
      ['1', 1.1],
      ['2', Number('9007199254740993')],
    ]);
    expect(read[1]!.json).toContain('9007199254740993');
    const all = await collect(readRecords<Person>(stream, { ...given, deleted: true }));
    expect(all.map(({ id, deletedAt }) => [id, deletedAt === null])).toEqual([
      ['1', true],
      ['2', true],
      ['3', false],
    ]);
  });

  it('is every change since a cursor, a moment, or the newest snapshot', async () => {
    const from = { bucket, client: s3.client };
    await expect(readAll(readChanges([stream], { ...from, since: 'snapshot' }))).rejects.toThrow(
      NoSnapshotError,
    );
    const log = new S3Log(s3.client, bucket);
    const records = new DynamoRecords(dynamoDb.client, dynamoDb.recordsTable);
    const now = Date.now();
    const deps = { records, store: log, clock: { now: () => now }, source: 'the stream' };
    let taken: Parameters<typeof takePart>[0] | null = {
      ...{ stream, begunAt: now, parts: 0, after: null, records: 0 },
    };
    while (taken !== null) taken = await takePart(taken, deps, signal);

    const key = await published('4', 4, now - 5000);
    const first = await readAll(readChanges<Person>([stream], { ...from, since: new Date(now - 60_000) }));
    expect(first.lines.map(({ id, op, data }) => [id, op, data?.pay])).toEqual([['4', 'created', 4.1]]);
    expect(first.lines[0]!.json).toBe('{"id":"4","pay":4.10}');
    await published('5', 5, now - 4000);
    const second = await readAll(readChanges([stream], { ...from, since: first.cursor }));
    expect(second.lines.map(({ id }) => id)).toEqual(['5']);
    const whole = await readAll(readChanges([stream], { ...from, since: 'snapshot' }));
    expect(whole.lines.map(({ id, op }) => `${id} ${op}`)).toEqual([
      ...['1 snapshot', '2 snapshot', '3 deleted', '4 created', '5 created'],
    ]);
    expect((await readChangesAt<Person>(key, from)).map(({ data }) => data?.id)).toEqual(['4']);
    expect(await readChangesAt('changes/bob/people/none', from)).toEqual([]);
    await expect(readAll(readChanges([stream], { ...from, since: 'yesterday' }))).rejects.toThrow(RangeError);
  });
});
