import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';

import type { MetricValue } from '../../../../infra/emulator/alarms/metric-store.ts';
import {
  startEmbeddedDynamoDb,
  type EmbeddedDynamoDb,
} from '../../../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import { openReaders, trimUnread } from '../../../../infra/emulator/embedded/stream-reader.ts';
import type { StreamRecord } from '../../../../infra/emulator/embedded/stream-record.ts';
import { objectOf, type Discarded } from '../../../../infra/emulator/functions/discarded-batch.ts';
import type { Invocation } from '../../../../infra/emulator/functions/function-worker.ts';
import { withinOneRequest, type eventOf } from '../../../../infra/emulator/functions/stream-batch.ts';
import { StreamSource } from '../../../../infra/emulator/functions/stream-source.ts';
import { streamArn } from '../../../../infra/emulator/template/local-account.ts';
import type { StreamMappingModel, TableModel } from '../../../../infra/emulator/template/template-model.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const table: TableModel = {
  name: 'records',
  keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  attributes: [{ AttributeName: 'pk', AttributeType: 'S' }],
  stream: 'NEW_AND_OLD_IMAGES',
};

const usual: StreamMappingModel = {
  ...{ id: 'mapping', functionName: 'listener', tableName: 'records', streamArn: streamArn('records') },
  ...{ startingPosition: 'TRIM_HORIZON', batchSize: 100, windowSeconds: 0, bisectsOnError: false },
  ...{ maximumRetries: null, maximumAgeSeconds: null, reportsItemFailures: false, failureBucket: null },
  filters: [],
};

type Event = ReturnType<typeof eventOf>;

interface World {
  readonly database: EmbeddedDynamoDb;
  readonly source: StreamSource;
  /** The keys of each batch that the function was called with. */
  readonly batches: string[][];
  readonly events: Event[];
  readonly discarded: Discarded[];
  readonly metrics: MetricValue[];
  put(...keys: string[]): Promise<void>;
  drained(): Promise<void>;
  end(): Promise<void>;
}

const open = new Set<() => Promise<void>>();
afterEach(async () => {
  for (const end of open) await end();
  open.clear();
});

const fine: Invocation = { kind: 'returned', value: null };
const failed: Invocation = { kind: 'failed', reason: 'Error: no' };

interface Options {
  readonly path: string;
  readonly mapping?: Partial<StreamMappingModel>;
  readonly handler?: (keys: string[], event: Event) => Invocation | Promise<Invocation>;
  readonly written?: readonly string[];
  readonly now?: () => number;
}

async function world({
  path,
  mapping = {},
  handler = () => fine,
  written = [],
  now,
}: Options): Promise<World> {
  const database = await startEmbeddedDynamoDb(path, [table], newAccessKey());
  const whole = { ...usual, ...mapping };
  const put = async (...keys: string[]) => {
    for (const key of keys) {
      await database.client.send(new PutItemCommand({ TableName: 'records', Item: { pk: { S: key } } }));
    }
  };
  if (whole.startingPosition === 'TRIM_HORIZON') await put(...written);
  const readers = await openReaders(database.streams, [whole]);
  const [batches, events, discarded, metrics] = [[], [], [], []] as [
    string[][],
    Event[],
    Discarded[],
    MetricValue[],
  ];
  const source = new StreamSource({
    mapping: whole,
    reader: readers.get(whole.id)!,
    onRecords: (listener) => database.streams.onRecords(listener),
    invoke: async (_, event) => {
      const keys = (event as Event).Records.map((record) => String(record.dynamodb.Keys['pk']?.['S']));
      batches.push(keys);
      events.push(event as Event);
      return handler(keys, event as Event);
    },
    discard: async (one) => {
      discarded.push(one);
    },
    onMetric: (metric) => metrics.push(metric),
    onError: (error) => {
      throw error;
    },
    ...(now === undefined ? {} : { now }),
    firstPauseMs: 1,
  });
  source.start();
  const end = async () => {
    if (!open.delete(end)) return;
    await source.stop();
    await database.close();
  };
  open.add(end);
  const drained = async () => expect.poll(() => source.isDrained()).toBe(true);
  return { database, source, batches, events, discarded, metrics, put, drained, end };
}

const reported = (...numbers: (string | null)[]): Invocation => ({
  kind: 'returned',
  value: { batchItemFailures: numbers.map((itemIdentifier) => ({ itemIdentifier })) },
});

/** Reports the first record with this key. */
function failingAt(key: string, times = 1) {
  let left = times;
  return (_: string[], event: Event): Invocation => {
    const found = event.Records.find((record) => record.dynamodb.Keys['pk']?.['S'] === key);
    if (found === undefined || left === 0) return reported();
    left -= 1;
    return reported(found.dynamodb.SequenceNumber);
  };
}

describe('an event source mapping of a stream', () => {
  it('hands over what has changed as Lambda does, and says how old it is', async () => {
    await using data = await temporaryFolder();
    const { put, drained, events, metrics, database } = await world({ path: data.path, written: ['a'] });
    await drained();
    expect(events).toEqual([
      {
        Records: [
          {
            eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
            eventName: 'INSERT',
            eventVersion: '1.1',
            eventSource: 'aws:dynamodb',
            awsRegion: 'us-east-1',
            eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/records/stream/laptop',
            dynamodb: expect.objectContaining({ Keys: { pk: { S: 'a' } }, NewImage: { pk: { S: 'a' } } }),
          },
        ],
      },
    ]);
    expect(metrics).toEqual([
      {
        ...{ namespace: 'AWS/Lambda', name: 'IteratorAge', dimensions: { FunctionName: 'listener' } },
        values: [expect.any(Number)],
      },
    ]);
    expect(metrics[0]?.values[0]).toBeLessThan(60_000);
    await put('b');
    await expect.poll(() => events).toHaveLength(2);
    await drained();
    // What has been read by all is gone.
    expect(await database.streams.read('records', null, 10)).toEqual([]);
  });

  it('begins with the oldest or with what comes, and goes on after a restart', async () => {
    await using data = await temporaryFolder();
    const first = await world({ path: data.path, written: ['a', 'b'], mapping: { batchSize: 1 } });
    await first.drained();
    expect(first.batches).toEqual([['a'], ['b']]);
    await first.source.stop();
    await first.put('c');
    await first.end();
    const latest = await world({ path: data.path, mapping: { id: 'new', startingPosition: 'LATEST' } });
    await latest.put('d');
    await latest.drained();
    expect(latest.batches).toEqual([['d']]);
    await latest.end();
  });

  it('goes on where the last run has ended', async () => {
    await using data = await temporaryFolder();
    const first = await world({ path: data.path, written: ['a', 'b'] });
    await first.drained();
    await first.source.stop();
    await first.put('c');
    expect(await first.source.isDrained()).toBe(false);
    await first.end();
    const second = await world({ path: data.path });
    await second.drained();
    expect(second.batches).toEqual([['c']]);
  });

  it('keeps what the slowest has not read', async () => {
    await using data = await temporaryFolder();
    const database = await startEmbeddedDynamoDb(data.path, [table], newAccessKey());
    const two = ['x', 'y'].map((id) => ({ ...usual, id }));
    const readers = await openReaders(database.streams, two);
    const [x, y] = [readers.get('x')!, readers.get('y')!];
    for (const key of ['a', 'b']) {
      await database.client.send(new PutItemCommand({ TableName: 'records', Item: { pk: { S: key } } }));
    }
    const [first, second] = (await x.read(2)).map(({ dynamodb }) => dynamodb.SequenceNumber);
    await x.moveTo(second!);
    expect([await x.isAtEnd(), (await y.read(10)).length]).toEqual([true, 2]);
    await y.moveTo(first!);
    expect(await database.streams.read('records', null, 10)).toHaveLength(1);
    await database.close();
  });

  it('tries a batch again until it is done with, and nothing that is behind it', async () => {
    await using data = await temporaryFolder();
    let calls = 0;
    const { drained, batches } = await world({
      path: data.path,
      written: ['a', 'b', 'c'],
      mapping: { batchSize: 2 },
      handler: () => ((calls += 1) < 4 ? failed : fine),
    });
    await drained();
    expect(batches).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
  });

  it('gives a batch up after so many retries, and keeps it', async () => {
    await using data = await temporaryFolder();
    const { drained, batches, discarded } = await world({
      path: data.path,
      written: ['a', 'b', 'c'],
      mapping: { batchSize: 2, maximumRetries: 1 },
      handler: (keys) => (keys.includes('a') ? failed : fine),
    });
    await drained();
    expect(batches).toEqual([['a', 'b'], ['a', 'b'], ['c']]);
    expect(discarded).toMatchObject([{ condition: 'RetryAttemptsExhausted', invocations: 2 }]);
    expect(discarded[0]?.records).toHaveLength(2);
  });

  it('splits a batch that fails until the one is found that does, which is no retry', async () => {
    await using data = await temporaryFolder();
    const { drained, batches, discarded } = await world({
      path: data.path,
      written: ['a', 'b', 'bad', 'c'],
      mapping: { maximumRetries: 1, bisectsOnError: true },
      handler: (keys) => (keys.includes('bad') ? failed : fine),
    });
    await drained();
    expect(batches).toEqual([['a', 'b', 'bad', 'c'], ['a', 'b'], ['bad', 'c'], ['bad'], ['bad'], ['c']]);
    expect(discarded.map(({ records }) => records.map(({ dynamodb }) => dynamodb.Keys['pk']))).toEqual([
      [{ S: 'bad' }],
    ]);
  });

  it('goes on from the first record that the function reports', async () => {
    await using data = await temporaryFolder();
    const { drained, batches } = await world({
      path: data.path,
      written: ['a', 'b', 'c'],
      mapping: { reportsItemFailures: true, maximumRetries: 1, bisectsOnError: true },
      handler: failingAt('b', 2),
    });
    await drained();
    expect(batches).toEqual([['a', 'b', 'c'], ['b', 'c'], ['b'], ['c']]);
  });

  it.each([
    ['no number', reported('')],
    ['null', reported(null)],
    ['a number that was not in the batch', reported('17')],
    ['a text', { kind: 'returned', value: 'ok' } as const],
  ])('takes %s for a failure of all', async (_, first) => {
    await using data = await temporaryFolder();
    let calls = 0;
    const { drained, batches } = await world({
      path: data.path,
      written: ['a'],
      mapping: { reportsItemFailures: true },
      handler: () => ((calls += 1) === 1 ? first : reported()),
    });
    await drained();
    expect(batches).toEqual([['a'], ['a']]);
  });

  it('gives up what is too old, but not for the time in which nothing ran', async () => {
    await using data = await temporaryFolder();
    const dayMs = 86_400_000;
    let now = Date.now() + 30 * dayMs;
    const { drained, batches, discarded } = await world({
      path: data.path,
      written: ['a', 'b'],
      mapping: { maximumAgeSeconds: 60, batchSize: 1 },
      now: () => now,
      handler: (keys) => {
        if (keys[0] === 'b') return fine;
        now += 40_000;
        return failed;
      },
    });
    await drained();
    expect(batches).toEqual([['a'], ['a']]);
    expect(discarded.map(({ condition }) => condition)).toEqual(['RecordAgeExceeded', 'RecordAgeExceeded']);
  });

  it('leaves out what no filter lets through, and goes on behind it', async () => {
    await using data = await temporaryFolder();
    const { drained, batches, put, database } = await world({
      path: data.path,
      written: ['a1', 'b1', 'a2', 'b2'],
      mapping: {
        filters: [
          { dynamodb: { Keys: { pk: { S: [{ prefix: 'a' }] } } } },
          { eventName: ['REMOVE'], dynamodb: { NewImage: { pk: { S: [{ exists: false }] } } } },
        ],
      },
    });
    await drained();
    expect(batches).toEqual([['a1', 'a2']]);
    await put('b3');
    await drained();
    await database.client.send(new DeleteItemCommand({ TableName: 'records', Key: { pk: { S: 'b3' } } }));
    await drained();
    expect(batches).toEqual([['a1', 'a2'], ['b3']]);
  });

  it('waits for a batch to fill, but not at the end of a run', async () => {
    await using data = await temporaryFolder();
    const mapping = { batchSize: 3, windowSeconds: 300 };
    const { put, drained, batches, source, end } = await world({ path: data.path, mapping });
    await put('a', 'b');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(batches).toEqual([]);
    await put('c', 'd');
    await expect.poll(() => batches).toEqual([['a', 'b', 'c']]);
    expect(await source.isDrained()).toBe(false);
    source.flush();
    await drained();
    expect(batches).toEqual([['a', 'b', 'c'], ['d']]);
    await put('e');
    await drained();
    await end();
    const second = await world({ path: data.path, mapping });
    await second.put('f');
    await second.end();
    expect(second.batches).toEqual([]);
  });

  it('finishes at its end what is under way, and discards nothing because of it', async () => {
    await using data = await temporaryFolder();
    const begun = Promise.withResolvers<undefined>();
    const result = Promise.withResolvers<Invocation>();
    const first = await world({
      path: data.path,
      written: ['a', 'b'],
      mapping: { batchSize: 1, maximumRetries: 0 },
      handler: () => {
        begun.resolve(undefined);
        return result.promise;
      },
    });
    await begun.promise;
    const stopped = first.source.stop();
    result.resolve({ kind: 'failed', reason: 'the runner is closing' });
    await stopped;
    expect([first.batches, first.discarded]).toEqual([[['a']], []]);
    await first.end();
    const second = await world({ path: data.path });
    await second.drained();
    expect(second.batches).toEqual([['a', 'b']]);
  });
});

describe('what is given up', () => {
  it('is kept as Lambda does in a bucket', async () => {
    await using data = await temporaryFolder();
    const { drained, discarded } = await world({
      path: data.path,
      written: ['a'],
      mapping: { maximumRetries: 0 },
      handler: () => failed,
    });
    await drained();
    const { key, body } = objectOf(discarded[0]!, usual, 'arn:aws:lambda:x');
    expect(key).toMatch(
      /^aws\/lambda\/mapping\/shardId-[^/]+\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
    );
    const { payload, ...rest } = JSON.parse(body) as { payload: string };
    expect(rest).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 1 },
      DDBStreamBatchInfo: { batchSize: 1, streamArn: usual.streamArn },
      version: '1.0',
    });
    expect(JSON.parse(payload)).toMatchObject({ Records: [{ dynamodb: { Keys: { pk: { S: 'a' } } } }] });
  });
});

describe('a batch', () => {
  it('is no larger than a request may be', () => {
    const record = (size: number): StreamRecord => ({
      eventName: 'INSERT',
      dynamodb: {
        ...{ ApproximateCreationDateTime: 0, SequenceNumber: '1', SizeBytes: 1, Keys: {} },
        NewImage: { data: { S: 'x'.repeat(size) } },
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    const large = Array.from({ length: 20 }, () => record(400_000));
    expect(withinOneRequest(large, usual.streamArn)).toHaveLength(15);
    expect(withinOneRequest([record(7_000_000)], usual.streamArn)).toHaveLength(1);
    expect(withinOneRequest([], usual.streamArn)).toEqual([]);
  });
});

describe('a stream that nobody reads', () => {
  it('is kept for a day', async () => {
    await using data = await temporaryFolder();
    const database = await startEmbeddedDynamoDb(data.path, [table], newAccessKey());
    await database.client.send(new PutItemCommand({ TableName: 'records', Item: { pk: { S: 'a' } } }));
    await trimUnread(database.streams, 'records', Date.now());
    expect(await database.streams.read('records', null, 10)).toHaveLength(1);
    await trimUnread(database.streams, 'records', Date.now() + 86_500_000);
    expect(await database.streams.read('records', null, 10)).toEqual([]);
    await database.close();
  });
});
