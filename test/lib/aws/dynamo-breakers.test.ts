import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoBreakers } from '../../../lib/aws/dynamo-breakers.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import { describeBreakers } from '../../support/contracts/breakers.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

const adapter = (): DynamoBreakers => new DynamoBreakers(dynamoDb.client, dynamoDb.checkpointsTable);

describeBreakers('DynamoBreakers', adapter);

describe('DynamoBreakers', () => {
  it('never takes a damaged breaker for a closed one', async () => {
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: { pk: { S: 'breaker#bob' }, v: { N: '1' }, connection: { S: 'bob' }, revision: { N: '4' } },
      }),
    );
    await expect(adapter().read('bob')).rejects.toThrow(/breaker#bob is damaged \(state: /);
  });

  it('reads a breaker that was stored before there was a closedAt', async () => {
    const item = { connection: { S: 'hr' }, revision: { N: '4' }, state: { S: 'closed' } };
    const absent = { NULL: true } as const;
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: {
          ...{ pk: { S: 'breaker#hr' }, v: { N: '1' } },
          ...{ ...item, secretVersion: absent, openedAt: absent, probe: absent },
        },
      }),
    );
    expect(await adapter().read('hr')).toEqual({ ...newBreaker('hr'), revision: 4 });
  });
});
