import { createHash } from 'node:crypto';

import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { DynamoSchemas } from '../../../lib/aws/dynamo-schemas.ts';
import { learn } from '../../../lib/sync/schema.ts';
import { FieldCounter } from '../../../lib/tables/field-counts.ts';
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
  // Whoever looks at other things, too, is not kept from them.
  const { schema } = learn(undefined, 'mobaro/good', {
    ...{ run: 'run-1', at: 1000, definition: 'd', gave: 'all', counts: { rows: 1, fields: new Map() } },
  })!;
  await make().replace(schema, []);
  await make().replace({ ...schema, stream: 'mobaro/packed' }, []);
  await dynamoDb.client.send(
    new UpdateItemCommand({
      ...{ TableName: dynamoDb.checkpointsTable, Key: { pk: { S: 'schema#mobaro/packed' } } },
      ...{ UpdateExpression: 'SET #f = :f', ExpressionAttributeNames: { '#f': 'fields' } },
      ExpressionAttributeValues: { ':f': { S: 'nothing that could be unpacked' } },
    }),
  );
  await expect(make().read('mobaro/packed')).rejects.toThrow('schema#mobaro/packed');
  const found = await make().readAll(['mobaro/damaged', 'mobaro/packed', 'mobaro/good']);
  expect([...found.keys()]).toEqual(['mobaro/good']);
});

it('stores a schema of as many fields as there may be, and news of all of them', async () => {
  const counter = new FieldCounter();
  const name = (index: number): string =>
    `field_${String(index)}_${createHash('md5')
      .update(String(index))
      .digest('base64url')
      .replaceAll(/[^a-z]/gi, 'x')}`;
  counter.add(
    Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [name(index), `${String(index)}x`])),
  );
  const counts = counter.counted();
  const run = { at: 1000, definition: 'd', gave: 'all' } as const;
  const first = learn(undefined, 'mobaro/many', {
    ...run,
    run: 'run-1',
    counts: { rows: 1, fields: new Map() },
  })!;
  const stored = await make().replace(first.schema, []);
  const { schema, changes } = learn(stored, 'mobaro/many', { ...run, run: 'run-2', counts })!;
  expect(changes.length).toBeGreaterThan(1900);
  expect(await make().replace(schema, changes)).toMatchObject({ revision: 2 });
  expect((await make().read('mobaro/many'))?.fields).toEqual(schema.fields);
});
