import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoIdBatches } from '../../../lib/aws/dynamo-id-batches.ts';
import { describeIdBatches } from '../../support/contracts/id-batches.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { FakeIdBatches } from '../../support/fakes/fake-id-batches.ts';

let dynamoDb: EmbeddedDynamoDb;
const clock = { now: () => Date.parse('2026-03-01T12:00:00Z') };

beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});

afterAll(async () => {
  await dynamoDb.stop();
});

const make = (): DynamoIdBatches => new DynamoIdBatches(dynamoDb.client, dynamoDb.checkpointsTable, clock);

describeIdBatches('the fake', () => new FakeIdBatches());
describeIdBatches('the items in DynamoDB', make);

describe('the item of a batch', () => {
  it('expires after two weeks', async () => {
    await make().keep('bob/people', 'run-7', [['1']], 3);
    const { Item: item } = await dynamoDb.client.send(
      new GetItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Key: { pk: { S: 'ids#bob/people#run-7#0' } },
      }),
    );
    expect(item?.['expiresAt']?.N).toBe(String(Date.parse('2026-03-15T12:00:00Z') / 1000));
  });
});
