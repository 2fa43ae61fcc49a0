import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoGovernor } from '../../../lib/aws/dynamo-governor.ts';
import { NewerVersionError } from '../../../lib/aws/newer-version-error.ts';
import { describeGovernor } from '../../support/contracts/governor.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

const ask = { now: 1, terms: { published: null, chosen: null }, slot: null };

const adapter = (): DynamoGovernor => new DynamoGovernor(dynamoDb.client, dynamoDb.checkpointsTable);

describeGovernor('DynamoGovernor', adapter);

describe('DynamoGovernor', () => {
  it('keeps what a newer version added, and refuses to read what that version means', async () => {
    const pk = { S: 'gate#tomorrow' };
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: { pk, v: { N: '2' }, closedUntil: { N: '1000' }, emission: { N: '12' } },
      }),
    );
    await adapter().close('tomorrow', 2000);
    const { Item: item } = await dynamoDb.client.send(
      new GetItemCommand({ TableName: dynamoDb.checkpointsTable, Key: { pk } }),
    );
    expect(item).toEqual({ pk, v: { N: '2' }, closedUntil: { N: '2000' }, emission: { N: '12' } });
    await expect(adapter().permit('tomorrow', ask)).rejects.toThrow(NewerVersionError);
  });

  it('throws when it cannot close or ask', async () => {
    const governor = new DynamoGovernor(dynamoDb.client, 'no-such-table');
    await expect(governor.close('mobaro', 1)).rejects.toThrow(/not found/i);
    await expect(governor.permit('mobaro', ask)).rejects.toThrow(/not found/i);
  });
});
