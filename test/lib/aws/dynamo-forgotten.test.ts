import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoForgotten } from '../../../lib/aws/dynamo-forgotten.ts';
import { recordDigest } from '../../../lib/changes/forgotten.ts';
import { describeForgotten } from '../../support/contracts/forgotten.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { loseAnswers } from '../../support/lose-answers.ts';

let dynamoDb: EmbeddedDynamoDb;

beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

const make = (clock: { now(): number }): DynamoForgotten =>
  new DynamoForgotten(dynamoDb.client, dynamoDb.checkpointsTable, clock);

describeForgotten('DynamoForgotten', make);

const item = async () => {
  const { Item } = await dynamoDb.client.send(
    new GetItemCommand({
      TableName: dynamoDb.checkpointsTable,
      Key: { pk: { S: 'forgotten#records' } },
    }),
  );
  return Item;
};

describe('the item of what was forgotten', () => {
  const later = Date.UTC(2027, 0, 1);
  const forgotten = () => make({ now: () => later });

  it('has digests and no ids, goes by itself with its last entry, and loses those that are past their days', async () => {
    await forgotten().hold(recordDigest('bob/people', 'users/1-A'));
    const stored = await item();
    expect(JSON.stringify(stored)).not.toContain('users/1-A');
    expect(Object.keys(stored?.['records']?.M ?? {})).toEqual([recordDigest('bob/people', 'users/1-A')]);
    expect(stored?.['expiresAt']?.N).toBe(String(later / 1000 + 8 * 86_400));
  });

  it('tells the same id of two streams apart', () => {
    expect(recordDigest('bob/people', '1')).not.toBe(recordDigest('bob/peopl', 'e1'));
    expect(recordDigest('bob/people', '1')).not.toBe(recordDigest('bob/tasks', '1'));
  });

  it('is written once where the answer to a write is lost', async () => {
    const flaky = await startEmbeddedDynamoDb();
    try {
      loseAnswers(flaky.client, 1, 'UpdateItemCommand');
      const own = new DynamoForgotten(flaky.client, flaky.checkpointsTable, { now: () => later });
      await own.hold('digest');
      expect(await own.release('digest', later)).toBe(true);
      expect([...(await own.read())]).toEqual([['digest', later]]);
    } finally {
      await flaky.stop();
    }
  });

  it('takes no more than fit into an item', async () => {
    const entry = { M: { until: { NULL: true }, expiresAt: { N: String(later) } } } as const;
    const records = Array.from({ length: 4000 }, (_, index) => [recordDigest('s', String(index)), entry]);
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: {
          ...{ pk: { S: 'forgotten#records' }, v: { N: '1' }, revision: { N: '1' } },
          ...{ records: { M: Object.fromEntries(records) }, expiresAt: { N: '1' } },
        },
      }),
    );
    await expect(forgotten().hold('one more')).rejects.toThrow(/More than 4000 records/);
    await expect(forgotten().hold(recordDigest('s', '7'))).resolves.toBeUndefined();
  });

  it('that is damaged is never taken for an empty one', async () => {
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: { pk: { S: 'forgotten#records' }, v: { N: '1' }, revision: { N: '1' } },
      }),
    );
    await expect(forgotten().read()).rejects.toThrow(/forgotten#records is damaged/);
  });
});
