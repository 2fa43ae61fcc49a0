import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoMutes } from '../../../lib/aws/dynamo-mutes.ts';
import { describeMutes } from '../../support/contracts/mutes.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

const adapter = (): DynamoMutes => new DynamoMutes(dynamoDb.client, dynamoDb.checkpointsTable);

describeMutes('DynamoMutes', adapter);

describe('DynamoMutes', () => {
  it('never takes a damaged mute for none', async () => {
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: {
          ...{ pk: { S: 'mute#mobaro' }, v: { N: '1' }, revision: { N: '4' } },
          ...{ connection: { S: 'mobaro' }, since: { N: '1' }, why: { S: 'any' }, by: { S: 'ada' } },
        },
      }),
    );
    await expect(adapter().read('mobaro')).rejects.toThrow(/mute#mobaro is damaged \(until: /);
  });
});
