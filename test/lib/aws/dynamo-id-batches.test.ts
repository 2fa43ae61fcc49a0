import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoIdBatches } from '../../../lib/aws/dynamo-id-batches.ts';
import { describeIdBatches } from '../../support/contracts/id-batches.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { FakeIdBatches } from '../../support/fakes/fake-id-batches.ts';
import { loseAnswers } from '../../support/lose-answers.ts';

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
    await make().keep('bob/expiring', 'run-7', [['1']], 3);
    const { Item: item } = await dynamoDb.client.send(
      new GetItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Key: { pk: { S: 'ids#bob/expiring#0' } },
      }),
    );
    expect(item?.['expiresAt']?.N).toBe(String(Date.parse('2026-03-15T12:00:00Z') / 1000));
  });
});

describe('an id that is taken off', () => {
  it('is known to have been on the list where the answer gets lost', async () => {
    await make().keep('bob/lost', 'run-8', [['1', '2']], 1);
    const client = dynamoDb.newClient();
    loseAnswers(client, 1, 'UpdateItemCommand');
    const lossy = new DynamoIdBatches(client, dynamoDb.checkpointsTable, clock);
    expect(await lossy.remove('bob/lost', '1')).toBe(true);
    expect(await make().read('bob/lost', 'run-8', 0)).toEqual(['2']);
  });

  it('is looked for again where the list is replaced meanwhile', async () => {
    await make().keep('bob/replaced', 'run-9', [['1', '2']], 1);
    const client = dynamoDb.newClient();
    let replaced = false;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if ((context as { commandName?: string }).commandName === 'UpdateItemCommand' && !replaced) {
          replaced = true;
          await make().keep('bob/replaced', 'run-9', [['0', '1', '2']], 2);
        }
        return next(args);
      },
      { step: 'initialize', name: 'replace' },
    );
    const removing = new DynamoIdBatches(client, dynamoDb.checkpointsTable, clock);
    expect(await removing.remove('bob/replaced', '1')).toBe(true);
    expect(await make().read('bob/replaced', 'run-9', 0)).toEqual(['0', '2']);
  });
});
