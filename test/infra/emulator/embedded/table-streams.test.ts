import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  ListTablesCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';

import {
  startEmbeddedDynamoDb,
  type EmbeddedDynamoDb,
} from '../../../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import type { TableModel } from '../../../../infra/emulator/template/template-model.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const silent: TableModel = {
  name: 'records',
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributes: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'N' },
  ],
};
const records: TableModel = { ...silent, stream: 'NEW_AND_OLD_IMAGES' };
const other: TableModel = { ...silent, name: 'records.other' };

async function withTables<T>(
  use: (database: EmbeddedDynamoDb) => Promise<T>,
  { path, tables = [records, other] }: { path: string; tables?: readonly TableModel[] },
): Promise<T> {
  const database = await startEmbeddedDynamoDb(path, tables, newAccessKey());
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

async function fresh<T>(use: (database: EmbeddedDynamoDb) => Promise<T>): Promise<T> {
  await using data = await temporaryFolder();
  return await withTables(use, { path: data.path });
}

type Attributes = Record<string, AttributeValue>;

function put({ client }: EmbeddedDynamoDb, sk: number, item: Attributes = {}, TableName = 'records') {
  const Item = { pk: { S: 'a' }, sk: { N: String(sk) }, ...item };
  return client.send(new PutItemCommand({ TableName, Item }));
}

const key = (sk: number): Attributes => ({ pk: { S: 'a' }, sk: { N: String(sk) } });

/** The name and the key of each record. */
async function told({ streams }: EmbeddedDynamoDb, after: string | null = null): Promise<string[]> {
  const all = await streams.read('records', after, 10_000);
  return all.map(({ eventName, dynamodb }) => `${eventName} ${String(dynamodb.Keys['sk']?.['N'])}`);
}

describe('the stream of a table', () => {
  it('has one record for each change, by whatever operation', async () => {
    await fresh(async (database) => {
      const { client } = database;
      await put(database, 1, { v: { N: '1.0' } });
      await put(database, 1, { v: { N: '2' } });
      await client.send(
        new UpdateItemCommand({
          TableName: 'records',
          Key: key(2),
          UpdateExpression: 'SET v = :v',
          ExpressionAttributeValues: { ':v': { S: 'x' } },
        }),
      );
      await client.send(
        new BatchWriteItemCommand({
          RequestItems: {
            records: [{ PutRequest: { Item: key(3) } }, { DeleteRequest: { Key: key(1) } }],
            'records.other': [{ PutRequest: { Item: key(9) } }],
          },
        }),
      );
      await client.send(new DeleteItemCommand({ TableName: 'records', Key: key(2) }));
      const all = await told(database);
      expect(all.slice(0, 3)).toEqual(['INSERT 1', 'MODIFY 1', 'INSERT 2']);
      expect(all.slice(3, 5).sort()).toEqual(['INSERT 3', 'REMOVE 1']);
      expect(all.slice(5)).toEqual(['REMOVE 2']);
      expect(await database.streams.read('records.other', null, 10)).toEqual([]);
      // Nothing of it is among the tables or the items.
      expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['records', 'records.other']);
      expect((await client.send(new ScanCommand({ TableName: 'records' }))).Items).toEqual([key(3)]);
    });
  });

  it('has what Lambda is given of a change', async () => {
    await fresh(async (database) => {
      const before = Math.floor(Date.now() / 1000);
      await put(database, 1, { bytes: { B: Buffer.from('old') } });
      await put(database, 1, { list: { L: [{ BOOL: true }, { NULL: true }] } });
      const [, second] = await database.streams.read('records', null, 10);
      expect(second).toEqual({
        eventName: 'MODIFY',
        dynamodb: {
          ApproximateCreationDateTime: expect.any(Number),
          Keys: key(1),
          OldImage: { ...key(1), bytes: { B: Buffer.from('old').toString('base64') } },
          NewImage: { ...key(1), list: { L: [{ BOOL: true }, { NULL: true }] } },
          SequenceNumber: expect.stringMatching(/^\d{21,}$/),
          SizeBytes: expect.any(Number),
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
      });
      expect(second?.dynamodb.ApproximateCreationDateTime).toBeGreaterThanOrEqual(before);
      expect(second?.dynamodb.SizeBytes).toBeGreaterThan(20);
    });
  });

  it('has nothing of what changes nothing, and nothing of what is refused', async () => {
    await fresh(async (database) => {
      const { client } = database;
      const map = (M: Attributes) => ({ map: { M }, set: { SS: ['x', 'y'] }, n: { N: '1' } });
      await put(database, 1, map({ a: { S: '1' }, b: { S: '2' } }));
      await put(database, 1, {
        ...{ n: { N: '1.00' }, set: { SS: ['y', 'x'] } },
        map: { M: { b: { S: '2' }, a: { S: '1' } } },
      });
      await client.send(
        new UpdateItemCommand({
          TableName: 'records',
          Key: key(1),
          UpdateExpression: 'SET n = :n',
          ExpressionAttributeValues: { ':n': { N: '1' } },
        }),
      );
      await client.send(new DeleteItemCommand({ TableName: 'records', Key: key(7) }));
      const refused = new PutItemCommand({
        ...{ TableName: 'records', Item: { ...key(1), n: { N: '5' } } },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      await expect(client.send(refused)).rejects.toThrow('conditional');
      expect(await told(database)).toEqual(['INSERT 1']);
      // A list is in order.
      await put(database, 2, { list: { L: [{ S: 'x' }, { S: 'y' }] } });
      await put(database, 2, { list: { L: [{ S: 'y' }, { S: 'x' }] } });
      expect(await told(database)).toEqual(['INSERT 1', 'INSERT 2', 'MODIFY 2']);
    });
  });

  it('loses nothing and doubles nothing of what comes at once, and is in the order of the changes', async () => {
    await fresh(async (database) => {
      const add = new UpdateItemCommand({
        ...{ TableName: 'records', Key: key(1), UpdateExpression: 'ADD n :one' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
      });
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          await database.client.send(add);
          await put(database, 1000 + index);
        }),
      );
      const all = await database.streams.read('records', null, 10_000);
      const numbers = all.map(({ dynamodb }) => BigInt(dynamodb.SequenceNumber));
      expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0n) + BigInt(index)));
      expect(all).toHaveLength(200);
      const counted = all.filter(({ dynamodb }) => dynamodb.Keys['sk']?.['N'] === '1');
      expect(counted.map(({ dynamodb }) => Number(dynamodb.NewImage?.['n']?.['N']))).toEqual(
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
      expect(counted.slice(1).map(({ dynamodb }) => dynamodb.OldImage)).toEqual(
        counted.slice(0, -1).map(({ dynamodb }) => dynamodb.NewImage),
      );
    });
  });

  it('is read by parts, and cut off', async () => {
    await fresh(async (database) => {
      const { streams } = database;
      for (const sk of [1, 2, 3, 4]) await put(database, sk);
      const [, second] = await streams.read('records', null, 2);
      const upTo = second?.dynamodb.SequenceNumber ?? '';
      expect(await told(database, upTo)).toEqual(['INSERT 3', 'INSERT 4']);
      await streams.trim('records', upTo);
      expect(await told(database)).toEqual(['INSERT 3', 'INSERT 4']);
    });
  });

  it('goes on after a restart, even where nothing of it is left, and for those who have no template', async () => {
    await using data = await temporaryFolder();
    const last = await withTables(
      async (database) => {
        await put(database, 1);
        const number = await database.streams.last('records');
        await database.streams.trim('records', number);
        await database.streams.keepPosition('reader', number);
        return number;
      },
      { path: data.path },
    );
    await withTables((database) => put(database, 2), { path: data.path, tables: [] });
    await withTables(
      async (database) => {
        expect(await database.streams.position('reader')).toBe(last);
        expect(await database.streams.position('another')).toBeNull();
        expect(await told(database, last)).toEqual(['INSERT 2']);
        expect(await database.streams.last('records')).toBe(String(BigInt(last) + 1n));
      },
      { path: data.path },
    );
  });

  it('begins where it is turned on, and is gone where it is turned off', async () => {
    await using data = await temporaryFolder();
    const off = [silent];
    await withTables((database) => put(database, 1), { path: data.path, tables: off });
    await withTables(
      async (database) => {
        expect(await told(database)).toEqual([]);
        await put(database, 2);
        expect(await told(database)).toEqual(['INSERT 2']);
      },
      { path: data.path },
    );
    await withTables(
      async (database) => {
        await put(database, 3);
        expect(await told(database)).toEqual([]);
      },
      { path: data.path, tables: off },
    );
    // And stays off.
    await withTables((database) => put(database, 4), { path: data.path, tables: [] });
    expect(await withTables(told, { path: data.path })).toEqual([]);
  });

  it('tells when there is something new, and not when there is not', async () => {
    await fresh(async (database) => {
      let calls = 0;
      const end = database.streams.onRecords(() => (calls += 1));
      await put(database, 1);
      expect(calls).toBe(1);
      await put(database, 1);
      expect(calls).toBe(1);
      end();
      await put(database, 2);
      expect(calls).toBe(1);
    });
  });
});
