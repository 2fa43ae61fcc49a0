import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { DynamoSchemas } from '../../../lib/aws/dynamo-schemas.ts';
import { describeSchemas } from '../../support/contracts/schemas.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { FakeSchemas } from '../../support/fakes/fake-schemas.ts';

let dynamoDb: EmbeddedDynamoDb;

beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});

afterAll(async () => {
  await dynamoDb.stop();
});

const make = (): DynamoSchemas => new DynamoSchemas(dynamoDb.client, dynamoDb.checkpointsTable);

describeSchemas('the fake', () => new FakeSchemas());
describeSchemas('the item in DynamoDB', make);

it('names an item that is damaged', async () => {
  const item = { pk: { S: 'schema#mobaro/damaged' }, v: { N: '1' }, stream: { S: 'mobaro/damaged' } };
  await dynamoDb.client.send(new PutItemCommand({ TableName: dynamoDb.checkpointsTable, Item: item }));
  await expect(make().read('mobaro/damaged')).rejects.toThrow('schema#mobaro/damaged');
});
