import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDeploymentStore } from '../../../../infra/cli/store/deployment-store.ts';
import { UsageError } from '../../../../infra/terminal/usage-error.ts';
import { newCheckpoint } from '../../../../lib/sync/checkpoint.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../../support/embedded-dynamodb.ts';

let embedded: EmbeddedDynamoDb;

beforeAll(async () => {
  embedded = await startEmbeddedDynamoDb();
  const made = ['Pagekeeper', 'Pagekeeper-dev', 'Twice'].flatMap((stack) => [
    `${stack}-TablesCheckpoints1A2B3C4D-AAA`,
    `${stack}-TablesRecords1A2B3C4D-AAA`,
  ]);
  for (const TableName of [...made, 'Twice-TablesRecords1A2B3C4D-BBB', 'Another']) {
    await embedded.client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    );
  }
});

afterAll(() => embedded.stop());

const open = (stack: string, variables: Readonly<Record<string, string>> = {}) =>
  openDeploymentStore(stack, variables, {}, embedded.newClient());

describe('openDeploymentStore', () => {
  it("finds the tables of one stack among others', and its streams in the settings", async () => {
    const [prod, dev] = [await open('Pagekeeper'), await open('Pagekeeper-dev')];
    await dev.checkpoints.replace(newCheckpoint('mobaro/users'));

    expect(await dev.checkpoints.read('mobaro/users')).toMatchObject({ stream: 'mobaro/users' });
    expect(await prod.checkpoints.read('mobaro/users')).toBeUndefined();
    expect(prod.streams).toContain('bob/people');
  });

  it('says where something of an erased record remains', async () => {
    expect((await open('Pagekeeper')).remains).toContain('Point-in-time recovery');
  });

  it('says where there is no such stack', async () => {
    await expect(open('Elsewhere')).rejects.toThrow(UsageError);
    await expect(open('Elsewhere')).rejects.toThrow(
      /^--stack: there is no table …-TablesCheckpoints… of that stack/,
    );
  });

  it('asks which table is in use where an earlier deployment left one behind', async () => {
    await expect(open('Twice')).rejects.toThrow('PAGEKEEPER_RECORDS_TABLE');
    await expect(
      open('Twice', { PAGEKEEPER_RECORDS_TABLE: 'Twice-TablesRecords1A2B3C4D-BBB' }),
    ).resolves.toBeDefined();
  });
});
