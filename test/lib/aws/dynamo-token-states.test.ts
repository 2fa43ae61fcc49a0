import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoTokenStates } from '../../../lib/aws/dynamo-token-states.ts';
import { describeTokenStates } from '../../support/contracts/tokens.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

const adapter = (): DynamoTokenStates => new DynamoTokenStates(dynamoDb.client, dynamoDb.checkpointsTable);

describeTokenStates('DynamoTokenStates', adapter);

describe('DynamoTokenStates', () => {
  it('never takes a damaged item for one without a lease', async () => {
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: { pk: { S: 'token#acme' }, v: { N: '1' }, connection: { S: 'acme' }, revision: { N: '4' } },
      }),
    );
    await expect(adapter().read('acme')).rejects.toThrow(/token#acme is damaged \(lease: /);
  });
});
