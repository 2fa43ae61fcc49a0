import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoOutages } from '../../../lib/aws/dynamo-outages.ts';
import { describeOutages } from '../../support/contracts/outages.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

const adapter = (): DynamoOutages => new DynamoOutages(dynamoDb.client, dynamoDb.checkpointsTable);

describeOutages('DynamoOutages', adapter);

describe('DynamoOutages', () => {
  it('never takes a damaged outage for none', async () => {
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: {
          pk: { S: 'outage#mobaro' },
          v: { N: '1' },
          limitScope: { S: 'mobaro' },
          revision: { N: '4' },
        },
      }),
    );
    await expect(adapter().read('mobaro')).rejects.toThrow(/outage#mobaro is damaged \(since: /);
  });
});
