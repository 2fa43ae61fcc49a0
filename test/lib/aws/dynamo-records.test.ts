import { gzipSync } from 'node:zlib';

import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { NewerVersionError } from '../../../lib/aws/newer-version-error.ts';
import {
  collect,
  describeRecords,
  evening,
  incompressible,
  inRun,
  morning,
  record,
} from '../../support/contracts/records.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { intercept, type SentCommand } from '../../support/intercept.ts';
import { loseAnswers } from '../../support/lose-answers.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());
afterEach(() => {
  vi.restoreAllMocks();
});

const adapter = (): DynamoRecords => new DynamoRecords(dynamoDb.client, dynamoDb.recordsTable);
const { signal } = new AbortController();

describeRecords('DynamoRecords', adapter);

describe('DynamoRecords', () => {
  const rows = (count: number, json = '{}') =>
    Array.from({ length: count }, (_, index) => record(`row-${String(index).padStart(4, '0')}`, json));
  const stored = async (stream: string, id: string) => {
    const { Item: item } = await dynamoDb.client.send(
      new GetItemCommand({ TableName: dynamoDb.recordsTable, Key: { stream: { S: stream }, id: { S: id } } }),
    );
    return item;
  };
  const put = (stream: string, id: string, attributes: Record<string, { N: string } | { S: string }>) =>
    dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.recordsTable,
        Item: { stream: { S: stream }, id: { S: id }, ...attributes },
      }),
    );

  it('keeps short texts readable and compresses from 8 KB of UTF-8 on', async () => {
    const short = `"${'a'.repeat(8 * 1024 - 2)}"`;
    const long = `"${'é'.repeat(4 * 1024)}"`;
    await adapter().upsert('sizes', [record('short', short), record('long', long)], inRun(morning), signal);
    expect(await stored('sizes', 'short')).toMatchObject({ json: { S: short }, v: { N: '1' } });
    const item = await stored('sizes', 'long');
    expect(item).not.toHaveProperty('json');
    expect(item?.['gzip']?.B?.byteLength).toBeLessThan(200);
  });

  it("lets the table's TTL erase a tombstone, which counts in seconds, and never before its time", async () => {
    await adapter().upsert('ttl', rows(1), inRun(morning), signal);
    await adapter().markDeleted(
      'ttl',
      ['row-0000'],
      { deletedAt: evening, expiresAt: evening + 86_400_001, run: 'run-1' },
      signal,
    );
    const item = await stored('ttl', 'row-0000');
    expect(item?.['expiresAt']).toEqual({ N: String(evening / 1000 + 86_401) });
    await adapter().upsert('ttl', rows(1), inRun(evening), signal);
    expect(await stored('ttl', 'row-0000')).not.toHaveProperty('expiresAt');
  });

  it("stores up to DynamoDB's limit for an item, everything counted, and refuses what is beyond", async () => {
    const id = 'é'.repeat(512);
    const sample = incompressible(500_000);
    const ratio = gzipSync(sample).byteLength / sample.length;
    const packedTo = (kilobytes: number) => incompressible((kilobytes * 1024) / ratio);
    // Of the 400 KB the id takes one, and what DynamoDB adds by itself another.
    const largest = record(id, packedTo(396.5));
    expect(await adapter().upsert('limits', [largest], inRun(morning), signal)).toMatchObject({
      kind: 'stored',
    });
    expect((await collect(adapter().scan('limits')))[0]?.json).toBe(largest.json);
    const larger = record(id, packedTo(398.5));
    expect(await adapter().upsert('limits', [larger], inRun(morning), signal)).toMatchObject({
      kind: 'unstorable',
    });
  });

  it('writes in batches of 25 and reads in batches of 100, only what it needs to know', async () => {
    const client = dynamoDb.newClient();
    const sent = intercept(client);
    const records = new DynamoRecords(client, dynamoDb.recordsTable);
    expect(await records.upsert('batches', rows(230), inRun(morning), signal)).toEqual({
      kind: 'stored',
      written: 230,
      unchanged: 0,
    });
    expect(sent.filter(({ command }) => command === 'BatchGetItemCommand')).toHaveLength(3);
    expect(sent.filter(({ command }) => command === 'BatchWriteItemCommand')).toHaveLength(10);
    expect(sent[0]?.input).toMatchObject({
      RequestItems: {
        [dynamoDb.recordsTable]: {
          ConsistentRead: true,
          ProjectionExpression: '#id, #hash, firstSeenAt, changedAt, deletedAt, escapedId, #v',
        },
      },
    });
  });

  it('sends no write at all when nothing has changed', async () => {
    await adapter().upsert('same', rows(30), inRun(morning), signal);
    const client = dynamoDb.newClient();
    const sent = intercept(client);
    const upserted = await new DynamoRecords(client, dynamoDb.recordsTable).upsert(
      'same',
      rows(30),
      inRun(evening),
      signal,
    );
    expect(upserted).toEqual({ kind: 'stored', written: 0, unchanged: 30 });
    expect(sent.map(({ command }) => command)).toEqual(['BatchGetItemCommand']);
  });

  it('sends again what a batch left unprocessed, and that alone', async () => {
    const client = dynamoDb.newClient();
    let left = 2;
    const sent = intercept(client, ({ command, input }, output) => {
      if (command !== 'BatchWriteItemCommand' || left-- <= 0) return undefined;
      const requests = (input['RequestItems'] as Record<string, unknown[]>)[dynamoDb.recordsTable] ?? [];
      return { ...output, UnprocessedItems: { [dynamoDb.recordsTable]: requests.slice(0, 3) } };
    });
    const records = new DynamoRecords(client, dynamoDb.recordsTable);
    expect(await records.upsert('left', rows(10), inRun(morning), signal)).toMatchObject({ written: 10 });
    const sizes = sent
      .filter(({ command }) => command === 'BatchWriteItemCommand')
      .map(
        ({ input }) => (input['RequestItems'] as Record<string, unknown[]>)[dynamoDb.recordsTable]?.length,
      );
    expect(sizes).toEqual([10, 3, 3]);
    expect(await collect(adapter().scan('left'))).toHaveLength(10);
  });

  it('stores a page of which each try takes one row alone, and nothing of another batch', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const client = dynamoDb.newClient();
    const ids = ({ input }: SentCommand): string =>
      JSON.stringify((input['RequestItems'] as Record<string, unknown[]>)[dynamoDb.recordsTable]?.at(-1));
    let turn = '';
    const sent = intercept(client, (command, output) => {
      if (command.command !== 'BatchWriteItemCommand') return undefined;
      // The batches are recognized by their last row, which is written last; the first of them to come has its way.
      turn ||= ids(command);
      const requests =
        (command.input['RequestItems'] as Record<string, unknown[]>)[dynamoDb.recordsTable] ?? [];
      if (ids(command) !== turn)
        return { ...output, UnprocessedItems: { [dynamoDb.recordsTable]: requests } };
      if (requests.length === 1) turn = '';
      return requests.length === 1
        ? undefined
        : { ...output, UnprocessedItems: { [dynamoDb.recordsTable]: requests.slice(1) } };
    });
    const records = new DynamoRecords(client, dynamoDb.recordsTable);
    expect(await records.upsert('slow', rows(75), inRun(morning), signal)).toMatchObject({ written: 75 });
    expect(sent.filter(({ command }) => command === 'BatchWriteItemCommand').length).toBeGreaterThan(75);
    expect(await collect(adapter().scan('slow'))).toHaveLength(75);
  });

  it('asks again for the keys that an answer left out', async () => {
    await adapter().upsert('partly', rows(10), inRun(morning), signal);
    const client = dynamoDb.newClient();
    let left = 1;
    const sent = intercept(client, ({ command, input }, output) => {
      if (command !== 'BatchGetItemCommand' || left-- <= 0) return undefined;
      const asked = (input['RequestItems'] as Record<string, { Keys: unknown[] }>)[dynamoDb.recordsTable];
      return {
        ...output,
        Responses: { [dynamoDb.recordsTable]: [] },
        UnprocessedKeys: { [dynamoDb.recordsTable]: asked },
      };
    });
    const records = new DynamoRecords(client, dynamoDb.recordsTable);
    expect(await records.upsert('partly', rows(10), inRun(evening), signal)).toMatchObject({ unchanged: 10 });
    expect(sent).toHaveLength(2);
  });

  it('scans what no single answer can hold', async () => {
    const large = Array.from({ length: 9 }, (_, index) => record(`row-${index}`, incompressible(350_000)));
    await adapter().upsert('large', large, inRun(morning), signal);
    const client = dynamoDb.newClient();
    const sent = intercept(client);
    const scanned = await collect(new DynamoRecords(client, dynamoDb.recordsTable).scan('large', signal));
    expect(scanned.map(({ id, json }) => [id, json])).toEqual(large.map(({ id, json }) => [id, json]));
    // DynamoDB ends a page of a query at 1 MB.
    expect(sent.length).toBeGreaterThan(2);
  });

  it('stops between batches when it is told to', async () => {
    const client = dynamoDb.newClient();
    const controller = new AbortController();
    const sent = intercept(client, ({ command }) => {
      if (command === 'BatchWriteItemCommand') controller.abort();
      return undefined;
    });
    const records = new DynamoRecords(client, dynamoDb.recordsTable);
    await expect(records.upsert('stopped', rows(1000), inRun(morning), controller.signal)).rejects.toThrow(
      /abort/i,
    );
    expect(sent.filter(({ command }) => command === 'BatchWriteItemCommand').length).toBeLessThan(10);
  });

  it('counts what it has buried where an answer gets lost, and not what was buried before', async () => {
    await adapter().upsert('lost', rows(4), inRun(morning), signal);
    const retention = { deletedAt: evening, expiresAt: evening + 86_400_000 };
    await adapter().markDeleted(
      'lost',
      ['row-0003'],
      { ...retention, deletedAt: evening - 1, run: 'run-1' },
      signal,
    );
    const client = dynamoDb.newClient();
    loseAnswers(client, 4);
    const lossy = new DynamoRecords(client, dynamoDb.recordsTable);
    const ids = ['row-0000', 'row-0001', 'row-0002', 'row-0003'];
    expect(await lossy.markDeleted('lost', ids, { ...retention, run: 'run-1' }, signal)).toBe(3);
    expect(await lossy.markDeleted('lost', ids, { ...retention, run: 'run-1' }, signal)).toBe(0);
  });

  it('says of a record whose erasure lost its answer that there was one', async () => {
    await adapter().upsert('lost-erasure', rows(1), inRun(morning), signal);
    const client = dynamoDb.newClient();
    loseAnswers(client, 1, 'DeleteItemCommand');
    const lossy = new DynamoRecords(client, dynamoDb.recordsTable);
    expect(await lossy.eraseRecord('lost-erasure', 'row-0000')).toBe(true);
    expect(await collect(adapter().scan('lost-erasure'))).toEqual([]);
    expect(await lossy.eraseRecord('lost-erasure', 'row-0000')).toBe(false);
  });

  it('does not overwrite what a newer version has stored', async () => {
    await put('newer', '1', { v: { N: '2' }, hash: { S: 'another' } });
    await expect(adapter().upsert('newer', [record('1')], inRun(morning), signal)).rejects.toThrow(
      NewerVersionError,
    );
    await expect(collect(adapter().scan('newer'))).rejects.toThrow(NewerVersionError);
    expect(await stored('newer', '1')).toMatchObject({ v: { N: '2' } });
  });

  it('says of a damaged record which attribute is wrong, without the id, and fixes it by writing it again', async () => {
    await put('damaged', 'made-up-id', { v: { N: '1' }, firstSeenAt: { S: '2026-01-01T00:00:00.000Z' } });
    const error: unknown = await collect(adapter().scan('damaged')).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/of a record of damaged is damaged \(.*changedAt: /);
    expect(String(error)).not.toContain('made-up-id');

    expect(await adapter().upsert('damaged', [record('made-up-id')], inRun(morning), signal)).toMatchObject({
      written: 1,
    });
    expect(await collect(adapter().scan('damaged'))).toMatchObject([
      { firstSeenAt: '2026-01-01T00:00:00.000Z' },
    ]);
  });

  it.each([
    ['no text at all', {}, 'json: is missing, and so is gzip'],
    ['bytes that are not gzip', { gzip: { B: new Uint8Array([1, 2, 3]) } }, 'gzip: cannot be decompressed'],
  ])('does not take %s for a record', async (_what, body, problem) => {
    const stream = `undone ${problem}`;
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.recordsTable,
        Item: {
          stream: { S: stream },
          id: { S: '1' },
          v: { N: '1' },
          firstSeenAt: { S: '2026-01-01T00:00:00.000Z' },
          changedAt: { S: '2026-01-01T00:00:00.000Z' },
          ...body,
        },
      }),
    );
    await expect(collect(adapter().scan(stream))).rejects.toThrow(problem);
  });
});
