import { DeleteItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoSeenRows } from '../../../lib/aws/dynamo-seen-rows.ts';
import { digestOf } from '../../../lib/paging/digest.ts';
import { describeSeenRows } from '../../support/contracts/seen-rows.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { FakeSeenRows } from '../../support/fakes/fake-seen-rows.ts';

let dynamoDb: EmbeddedDynamoDb;
const clock = { now: () => Date.parse('2026-03-01T12:00:00Z') };

beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});

afterAll(async () => {
  await dynamoDb.stop();
});

const make = (): DynamoSeenRows => new DynamoSeenRows(dynamoDb.client, dynamoDb.checkpointsTable, clock);

describeSeenRows('the fake', () => new FakeSeenRows());
describeSeenRows('the item in DynamoDB', make);

describe('the item of a page', () => {
  it('takes eight bytes a row, and expires two weeks later', async () => {
    await make().remember('mobaro/users', 'run-7', 3, ['AAAAAAAAAAA', 'AAAAAAAAAAE'], 1);
    const { Item: item } = await dynamoDb.client.send(
      new GetItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Key: { pk: { S: 'seen#mobaro/users#run-7#3' } },
      }),
    );
    expect(item?.['digests']?.B).toHaveLength(16);
    expect(item?.['expiresAt']?.N).toBe(String(Date.parse('2026-03-15T12:00:00Z') / 1000));
  });

  it('is forgotten with any of its parts', async () => {
    const many = Array.from({ length: 90_000 }, (_, index) => digestOf(`row-${index}`));
    await make().remember('bob/people', 'run-9', 0, many, 1);
    await dynamoDb.client.send(
      new DeleteItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Key: { pk: { S: 'seen#bob/people#run-9#0#2' } },
      }),
    );
    expect(await make().recall('bob/people', 'run-9', 1)).toBeNull();
  });
});
