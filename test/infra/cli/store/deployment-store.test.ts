import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { openDeploymentStore } from '../../../../infra/cli/store/deployment-store.ts';
import { newCheckpoint } from '../../../../lib/sync/checkpoint.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../../support/embedded-dynamodb.ts';
import { startStackServer, type StackServer } from '../../../support/stack-server.ts';

const stack = 'Pagekeeper';
const tables = {
  Checkpoints: `${stack}-TablesCheckpoints1A2B3C4D-AAA`,
  Records: `${stack}-TablesRecords1A2B3C4D-AAA`,
};
/** One that an earlier deployment has left behind, or that was restored. */
const other = `${stack}-TablesCheckpoints1A2B3C4D-BBB`;

let embedded: EmbeddedDynamoDb;
let aws: StackServer;

beforeAll(async () => {
  embedded = await startEmbeddedDynamoDb();
  aws = await startStackServer(stack);
  for (const [part, name] of Object.entries(tables)) aws.outputs.set(`${part}TableName`, name);
  for (const TableName of [...Object.values(tables), other]) {
    await embedded.client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    );
  }
  const variables = {
    ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'made-up', AWS_SECRET_ACCESS_KEY: 'made-up' },
    ...{ AWS_ENDPOINT_URL_CLOUDFORMATION: aws.origin, AWS_MAX_ATTEMPTS: '1' },
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([embedded.stop(), aws.stop()]);
});

const open = (name: string, variables: Readonly<Record<string, string>> = {}) =>
  openDeploymentStore(name, variables, {}, embedded.newClient());

describe('openDeploymentStore', () => {
  it("finds the stack's own tables, whatever else is there, and its streams in the settings", async () => {
    const own = await open(stack);
    await own.checkpoints.replace(newCheckpoint('mobaro/users'));

    expect(await own.checkpoints.read('mobaro/users')).toMatchObject({ stream: 'mobaro/users' });
    const restored = await open(stack, { PAGEKEEPER_CHECKPOINTS_TABLE: other });
    expect(await restored.checkpoints.read('mobaro/users')).toBeUndefined();
    expect(own.streams).toContain('bob/people');
  });

  it('works on the table that the functions of the stack work on, whatever the settings say', async () => {
    aws.outputs.set('CheckpointsTableName', other);
    const adopted = await open(stack);
    aws.outputs.set('CheckpointsTableName', tables.Checkpoints);

    await adopted.checkpoints.replace(newCheckpoint('bob/people'));
    const restored = await open(stack, { PAGEKEEPER_CHECKPOINTS_TABLE: other });
    expect(await restored.checkpoints.read('bob/people')).toMatchObject({ stream: 'bob/people' });
  });

  it('has the settings that the stack was deployed with, whatever stands in cdk.json', async () => {
    const written = { connections: { 'mobaro-north': { connector: 'mobaro', streams: { users: {} } } } };
    aws.metadata.set('Pagekeeper', written);
    const deployed = await open(stack);
    aws.metadata.set('Pagekeeper', { connections: written.connections, colour: 'red' });
    const ofAnother = open(stack);
    await expect(ofAnother).rejects.toThrow(
      /^--stack: Pagekeeper was deployed with settings that this version does not take, here and now: pagekeeper.colour: unknown key/,
    );
    for (const strange of [null, 'x', 7]) {
      aws.metadata.set('Pagekeeper', strange);
      expect((await open(stack)).streams).toContain('bob/people');
    }
    aws.metadata.clear();

    expect(deployed.streams).toEqual(['mobaro-north/users']);
  });

  it('says where something of an erased record remains', async () => {
    expect((await open(stack)).remains).toContain('Point-in-time recovery');
  });

  it('says where there is no such stack', async () => {
    await expect(open('Elsewhere')).rejects.toThrow(
      /^--stack: there is no such stack in this account in eu-west-1/,
    );
  });
});
