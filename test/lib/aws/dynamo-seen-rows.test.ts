import { createHash } from 'node:crypto';

import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { clientConfig } from '../../../lib/aws/clients.ts';
import { DynamoSeenRows } from '../../../lib/aws/dynamo-seen-rows.ts';
import { FieldCounter } from '../../../lib/tables/field-counts.ts';
import { digestOf } from '../../../lib/paging/digest.ts';
import { describeSeenRows, pageOf } from '../../support/contracts/seen-rows.ts';
import { embeddedCredentials } from '../../support/embedded-credentials.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { FakeSeenRows } from '../../support/fakes/fake-seen-rows.ts';
import { startHttpServer } from '../../support/http-server.ts';

let dynamoDb: EmbeddedDynamoDb;
const clock = { now: () => Date.parse('2026-03-01T12:00:00Z') };
const { signal } = new AbortController();
const inTime = { until: Infinity, signal };

beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});

afterAll(async () => {
  await dynamoDb.stop();
});

const make = (most?: number, client = dynamoDb.client): DynamoSeenRows =>
  new DynamoSeenRows(client, dynamoDb.checkpointsTable, clock, most);

describeSeenRows('the fake', (most) => new FakeSeenRows(clock, most));
describeSeenRows('the item in DynamoDB', make);

const manyOf = (rows: number): readonly string[] =>
  Array.from({ length: rows }, (_, index) => digestOf(`row-${index}`));

describe('the item of a page', () => {
  it('takes eight bytes a row, and expires two weeks later', async () => {
    await make().remember('mobaro/users', 'run-7', 3, pageOf(['AAAAAAAAAAA', 'AAAAAAAAAAE']), 1);
    const { Item: item } = await dynamoDb.client.send(
      new GetItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Key: { pk: { S: 'seen#mobaro/users#run-7#3' } },
      }),
    );
    expect(item?.['digests']?.B).toHaveLength(16);
    expect(item?.['expiresAt']?.N).toBe(String(Date.parse('2026-03-15T12:00:00Z') / 1000));
  });

  it('is kept without its fields where they are too many, and the fields of its run are not known', async () => {
    const counter = new FieldCounter();
    const key = (index: number): string =>
      `f${createHash('sha256').update(String(index)).digest('base64url')}`;
    counter.add(
      Object.fromEntries(
        Array.from({ length: 2500 }, (_, index) => [key(index).replaceAll('-', 'x'), index]),
      ),
    );
    await make().remember(
      'bob/people',
      'run-21',
      0,
      { digests: manyOf(40_000), fields: counter.counted() },
      1,
    );
    expect(await make().recall('bob/people', 'run-21', 1, inTime)).toMatchObject({ size: 40_000 });
    expect(await make().fieldsOf('bob/people', 'run-21', 1, inTime)).toBeNull();
  });

  it('is one of a sample where there are very many', async () => {
    const counter = new FieldCounter();
    counter.add({ id: '1' });
    const page = { digests: [], fields: counter.counted() };
    for (let at = 0; at < 23; at += 1) await make().remember('bob/people', 'run-22', at, page, 1);
    const small = new DynamoSeenRows(dynamoDb.client, dynamoDb.checkpointsTable, clock, undefined, 20);
    const found = await small.fieldsOf('bob/people', 'run-22', 23, inTime);
    expect([found?.isSample, found?.counts.rows]).toEqual([true, 20]);
    expect((await small.fieldsOf('bob/people', 'run-22', 20, inTime))?.isSample).toBe(false);
  });

  it('is forgotten with any of its parts', async () => {
    await make().remember('bob/people', 'run-9', 0, pageOf(manyOf(90_000)), 1);
    await dynamoDb.client.send(
      new DeleteItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Key: { pk: { S: 'seen#bob/people#run-9#0#2' } },
      }),
    );
    expect(await make().recall('bob/people', 'run-9', 1, inTime)).toBe('forgotten');
  });

  it('is read as the versions before have written it, also without the number of its parts', async () => {
    const bytes = Buffer.concat(['a', 'b'].map((id) => Buffer.from(digestOf(id), 'base64url')));
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: { pk: { S: 'seen#mobaro/users#run-20#0' }, digests: { B: bytes }, v: { N: '1' } },
      }),
    );
    const recalled = await make().recall('mobaro/users', 'run-20', 1, inTime);
    if (typeof recalled === 'string') throw new Error(recalled);
    expect([recalled.size, ...['a', 'b', 'c'].map((id) => recalled.has(digestOf(id)))]).toEqual([
      2,
      true,
      true,
      false,
    ]);
  });
});

describe('reading what a run has seen', () => {
  /** What is asked for at once, in the order of the questions. */
  const asked: number[] = [];
  const watched = (answer?: () => Promise<void>): DynamoSeenRows => {
    asked.length = 0;
    const client = dynamoDb.newClient();
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context['commandName'] === BatchGetItemCommand.name) {
          const { RequestItems } = args.input as BatchGetItemCommand['input'];
          asked.push(RequestItems?.[dynamoDb.checkpointsTable]?.Keys?.length ?? 0);
          await answer?.();
        }
        return next(args);
      },
      { step: 'initialize' },
    );
    return make(undefined, client);
  };

  it('asks for a hundred small pages at once, and of large ones for as many as make a megabyte', async () => {
    const seen = watched();
    for (let page = 0; page < 500; page += 1)
      await seen.remember('mobaro/users', 'small', page, pageOf(['AAAAAAAAAAA']), 1);
    expect(await seen.recall('mobaro/users', 'small', 500, inTime)).toMatchObject({ size: 1 });
    expect(Math.max(...asked)).toBe(100);
    // The first ones are asked for before anything is known of their size.
    expect(asked.length).toBeLessThanOrEqual(4 + 5);
    const large = manyOf(15_000);
    for (let page = 0; page < 20; page += 1)
      await seen.remember('mobaro/users', 'large', page, pageOf(large), 1);
    asked.length = 0;
    expect(await seen.recall('mobaro/users', 'large', 20, inTime)).toMatchObject({ size: 15_000 });
    expect(Math.max(...asked)).toBe(8);
    await seen.remember('mobaro/users', 'huge', 0, pageOf(manyOf(170_000)), 1);
    asked.length = 0;
    expect(await seen.recall('mobaro/users', 'huge', 1, inTime)).toMatchObject({ size: 170_000 });
    // Four parts behind the first.
    expect([...asked].sort()).toEqual([1, 1, 3]);
  });

  it('reads no further than there is room', async () => {
    const seen = make(1000);
    for (let page = 0; page < 300; page += 1)
      await seen.remember('mobaro/users', 'too-many', page, pageOf(manyOf(20)), 1);
    expect(await seen.recall('mobaro/users', 'too-many', 300, inTime)).toBe('too many');
  });

  it.each([
    ['where an answer does not come', 60_000],
    ['where they come, and there are too many of them', 30],
  ])('is too slow %s, and says so while there is time', async (_, ms) => {
    const slow = await startHttpServer((_request, response) => {
      setTimeout(() => response.end(JSON.stringify({ Responses: {} })), ms).unref();
    });
    const client = new DynamoDBClient({ ...clientConfig, ...embeddedCredentials, endpoint: slow.origin });
    const began = performance.now();
    const within = { until: clock.now() + 300, signal };
    expect(await make(undefined, client).recall('mobaro/users', 'slow', 100_000, within)).toBe('too slow');
    expect(performance.now() - began).toBeLessThan(20_000);
    client.destroy();
    await slow.stop();
  });

  it('stops with the function, and that is no answer', async () => {
    const controller = new AbortController();
    const seen = watched(async () => controller.abort(new Error('out of time')));
    await seen.remember('mobaro/users', 'stopped', 0, pageOf([digestOf('a')]), 1);
    const within = { until: Infinity, signal: controller.signal };
    await expect(seen.recall('mobaro/users', 'stopped', 1, within)).rejects.toThrow();
  });

  it('fails where DynamoDB fails: that is no answer either', async () => {
    const seen = watched(() => Promise.reject(new Error('throttled')));
    await expect(seen.recall('mobaro/users', 'failed', 1, inTime)).rejects.toThrow('throttled');
  });
});
