import {
  DeleteItemCommand,
  GetItemCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoAudit } from '../../../lib/aws/dynamo-audit.ts';
import { auditKeptMs, type Act, type ActEnd } from '../../../lib/sync/audit.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';

let dynamoDb: EmbeddedDynamoDb;

beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

const on = (now: string, client: DynamoDBClient = dynamoDb.client): DynamoAudit =>
  new DynamoAudit(client, dynamoDb.checkpointsTable, { now: () => Date.parse(now) });

/** Each test has months of its own, for they share the table. */
const act = (id: string, at: string, more: Partial<Act> = {}): Act => ({
  ...{ id, at, who: 'arn:aws:iam::123456789012:user/ada', command: 'pause', target: 'mobaro/users' },
  ...{ typed: 'pause mobaro/users', why: null, before: [] },
  ...more,
});

const end: ActEnd = {
  ...{ at: '2020-01-01T00:00:01.000Z', outcome: 'changed', fault: null },
  results: [{ target: 'mobaro/users', changed: true, refused: false, sentence: 'It is paused.' }],
  after: [
    {
      ...{ kind: 'stream', target: 'mobaro/users', state: 'paused', run: null, sequence: 0 },
      ...{ haltedFor: null, heldDeletions: 3, allowedDeletions: null, fieldsAwaited: ['work'] },
    },
    { kind: 'connection', target: 'mobaro', key: 'closed' },
  ],
};

const idsSince = async (audit: DynamoAudit, since: string): Promise<readonly string[]> =>
  (await audit.list(Date.parse(since))).map(({ id }) => id);

async function itemOf(pk: string) {
  const { Item: item } = await dynamoDb.client.send(
    new GetItemCommand({ TableName: dynamoDb.checkpointsTable, Key: { pk: { S: pk } } }),
  );
  return item;
}

describe('entries in DynamoDB', () => {
  it('are what was written, with an end once there is one', async () => {
    const audit = on('2020-01-02T00:00Z');
    const asked = act('a', '2020-01-01T00:00:00.000Z', {
      ...{ target: null, typed: 'pause --all', why: 'the vendor moves' },
      before: [{ kind: 'connection', target: 'mobaro', key: 'open' }],
    });
    const key = await audit.begin(asked);
    expect(await audit.list(0)).toEqual([{ ...asked, end: null }]);
    await audit.end(key, end);
    expect(await audit.list(0)).toEqual([{ ...asked, end }]);
  });

  it('are listed newest first, over months, since a time', async () => {
    const audit = on('2021-03-02T00:00Z');
    for (const [index, day] of ['01-30', '02-01', '02-28', '03-01'].entries()) {
      await audit.begin(act(String(index), `2021-${day}T12:00:00.000Z`));
    }
    expect(await idsSince(audit, '2021-01-01')).toEqual(['3', '2', '1', '0']);
    expect(await idsSince(audit, '2021-02-28T12:00Z')).toEqual(['3', '2']);
    expect(await idsSince(audit, '2021-03-01T12:01Z')).toEqual([]);
  });

  it('are all there where many write at once', async () => {
    const clients = [dynamoDb.newClient(), dynamoDb.newClient(), dynamoDb.newClient()];
    const ids = Array.from({ length: 120 }, (_, index) => `many-${String(index)}`);
    const keys = await Promise.all(
      ids.map((id, index) =>
        on('2022-05-02T00:00Z', clients[index % 3]).begin(act(id, '2022-05-01T00:00:00.000Z')),
      ),
    );
    expect(new Set(keys.map(({ key }) => key)).size).toBe(120);
    // More than one look-up takes.
    expect((await idsSince(on('2022-05-02T00:00Z'), '2022-05-01')).toSorted()).toEqual(ids.toSorted());
  });

  it('stand there once where the answer to each first try gets lost', async () => {
    const client = dynamoDb.newClient();
    let sent = 0;
    client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        sent += 1;
        if (sent % 2 === 1) throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
        return answer;
      },
      { step: 'deserialize', priority: 'high', name: 'loseEachFirst' },
    );
    const key = await on('2023-01-02T00:00Z', client).begin(act('only', '2023-01-01T00:00:00.000Z'));
    await on('2023-01-02T00:00Z', client).end(key, end);
    expect(sent).toBe(6);
    expect(await on('2023-01-02T00:00Z').list(Date.parse('2023-01-01'))).toMatchObject([{ id: 'only', end }]);
  });

  it('are not lost by a count that is, nor written over', async () => {
    const audit = on('2024-01-02T00:00Z');
    for (const id of ['1', '2', '3']) await audit.begin(act(id, '2024-01-01T00:00:00.000Z'));
    const Key = { pk: { S: 'audit#2024-01' } };
    await dynamoDb.client.send(new DeleteItemCommand({ TableName: dynamoDb.checkpointsTable, Key }));
    await audit.begin(act('4', '2024-01-01T00:00:01.000Z'));
    expect(await idsSince(audit, '2024-01-01')).toEqual(['4', '3', '2', '1']);
  });

  it('expire after 400 days, and their count not before them', async () => {
    const at = Date.parse('2025-01-31T12:00Z');
    await on('2025-02-01T00:00Z').begin(act('old', new Date(at).toISOString()));
    const expiresAt = Number((await itemOf('audit#2025-01#1'))?.['expiresAt']?.N);
    expect(expiresAt).toBe((at + auditKeptMs) / 1000);
    expect(Number((await itemOf('audit#2025-01'))?.['expiresAt']?.N)).toBeGreaterThanOrEqual(expiresAt);

    // DynamoDB may leave them for days.
    const after = (ms: number) => on(new Date(at + auditKeptMs + ms).toISOString());
    expect(await after(-1000).list(0)).toHaveLength(1);
    expect(await after(0).list(0)).toHaveLength(0);
  });

  it('that are gone are not begun anew by their end', async () => {
    const audit = on('2026-01-02T00:00Z');
    const key = await audit.begin(act('gone', '2026-01-01T00:00:00.000Z'));
    const Key = { pk: { S: key.key } };
    await dynamoDb.client.send(new DeleteItemCommand({ TableName: dynamoDb.checkpointsTable, Key }));
    await expect(audit.end(key, end)).rejects.toThrow('conditional');
    expect(await itemOf(key.key)).toBeUndefined();
  });

  it('of a newer version are said to be so, and not left out', async () => {
    const audit = on('2027-01-02T00:00Z');
    const { key } = await audit.begin(act('newer', '2027-01-01T00:00:00.000Z'));
    await dynamoDb.client.send(
      new UpdateItemCommand({
        ...{ TableName: dynamoDb.checkpointsTable, Key: { pk: { S: key } } },
        UpdateExpression: 'SET v = :v',
        ExpressionAttributeValues: { ':v': { N: '2' } },
      }),
    );
    await expect(audit.list(0)).rejects.toThrow(`item ${key} has format version 2`);
  });
});
