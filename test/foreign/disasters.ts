import assert from 'node:assert/strict';

import {
  CreateTableCommand,
  RestoreTableToPointInTimeCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

import { checkTables } from '../../infra/cli/commands/check-tables.ts';
import { secretNameOf } from '../../infra/settings/names.ts';
import { maskKeyIn } from '../../lib/connectors/connector.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import { runCommand } from './command-line.ts';
import type { Deployed, DeployedSettings, Vendors } from './deployed.ts';
import type { Report } from './report.ts';

/** The procedures of docs/disaster.md, step by step, on a deployment that has synced. Each begins where the one before has ended. */
export async function tryDisasters(
  report: Report,
  deployed: Deployed,
  settings: DeployedSettings,
  vendors: Vendors,
): Promise<void> {
  const before = await deployed.storedIds();
  const maskKeys = await maskKeysOf(deployed, settings);
  const expectAllThere = async (checkpoints: readonly Checkpoint[]): Promise<void> => {
    for (const { stream, outcome, progress } of checkpoints)
      assert.deepEqual([stream, outcome, progress?.deleted ?? 0], [stream, 'complete', 0]);
    assert.deepEqual(await deployed.storedIds(), before);
  };

  const restored = 'pagekeeper-records-1';
  await report.check(
    'after records were changed by mistake, a restored table takes their place',
    async () => {
      await runCommand(deployed, ['pause', '--all', '--yes']);
      await restore(deployed, deployed.tables.records, restored);
      await deployed.update({ ...settings, tables: { records: { name: restored } } }, vendors);
      await runCommand(deployed, ['reset', '--all', '--yes']);
      await runCommand(deployed, ['resume', '--all', '--yes', '--no-wait']);
      await expectAllThere(await deployed.tickAll());
    },
  );
  await report.check('check names what the restored table lacks, until it lacks nothing', () =>
    giveBack(deployed, restored),
  );

  const { tables } = deployed;
  const named: DeployedSettings = {
    tables: { records: { name: tables.records }, checkpoints: { name: tables.checkpoints } },
    connections: Object.fromEntries(
      Object.entries(settings.connections).map(([name, connection]) => [
        name,
        { ...connection, secret: secretNameOf(deployed.stackName, { name, secret: null }) },
      ]),
    ),
  };
  await report.check('a stack that was deleted comes back with its tables and secrets', async () => {
    await deployed.delete();
    await deployed.create(named, vendors);
    assert.deepEqual(await maskKeysOf(deployed, named), maskKeys);
    const checkpoints = await deployed.tickAll();
    await expectAllThere(checkpoints);
    assert.equal(written(checkpoints), 0);
  });

  await report.check('a connection that is renamed keeps its key of masked fields', async () => {
    const { bob, ...others } = named.connections;
    const renamed = { ...named, connections: { ...others, hr: { ...bob, connector: 'bob' } } };
    const { bob: vendor } = Object.fromEntries(vendors);
    assert.ok(vendor);
    await deployed.update(renamed, new Map([...vendors, ['hr', vendor]]));
    assert.equal(maskKeyIn(await deployed.secretOf('hr')), maskKeys.get('bob'));
    for (const { stream, outcome } of await deployed.tickAll())
      assert.deepEqual([stream, outcome], [stream, 'complete']);
  });

  await report.check('with an empty table of checkpoints, what is stored is not written again', async () => {
    const empty = 'pagekeeper-checkpoints-1';
    await makeEmpty(deployed, empty);
    await deployed.update({ ...named, tables: { ...named.tables, checkpoints: { name: empty } } }, vendors);
    const checkpoints = await deployed.tickAll();
    await expectAllThere(checkpoints);
    assert.equal(written(checkpoints), 0);
  });
}

async function restore({ account }: Deployed, from: string, to: string): Promise<void> {
  await account.dynamoDb.send(
    new RestoreTableToPointInTimeCommand({
      ...{ SourceTableName: from, TargetTableName: to },
      UseLatestRestorableTime: true,
    }),
  );
  await waitUntilTableExists({ client: account.dynamoDb, maxWaitTime: 60 }, { TableName: to });
}

async function makeEmpty({ account }: Deployed, name: string): Promise<void> {
  await account.dynamoDb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
}

/** By the commands of AWS that `check` names. */
async function giveBack({ account: { dynamoDb } }: Deployed, TableName: string): Promise<void> {
  const lacks = async (): Promise<readonly string[]> => {
    const found = await checkTables(dynamoDb, [{ part: 'Records', name: TableName }], {
      ...{ keepsData: true, account: '' },
    });
    return found.flatMap(({ verdict, sentence }) => (verdict === 'good' ? [] : [sentence]));
  };
  const give = {
    'update-time-to-live': () =>
      dynamoDb.send(
        new UpdateTimeToLiveCommand({
          TableName,
          TimeToLiveSpecification: { Enabled: true, AttributeName: 'expiresAt' },
        }),
      ),
    'update-continuous-backups': () =>
      dynamoDb.send(
        new UpdateContinuousBackupsCommand({
          TableName,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ),
    'update-table': () =>
      dynamoDb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true })),
  };
  for (const [name, send] of Object.entries(give)) {
    assert.ok(
      (await lacks()).some((sentence) => sentence.includes(`aws dynamodb ${name} `)),
      name,
    );
    await send();
  }
  assert.deepEqual(await lacks(), []);
}

async function maskKeysOf(
  deployed: Deployed,
  { connections }: DeployedSettings,
): Promise<ReadonlyMap<string, string | null>> {
  const keys = new Map<string, string | null>();
  for (const name of Object.keys(connections)) keys.set(name, maskKeyIn(await deployed.secretOf(name)));
  assert.ok([...keys.values()].every((key) => key !== null));
  return keys;
}

function written(checkpoints: readonly Checkpoint[]): number {
  return checkpoints.reduce((sum, { progress }) => sum + (progress?.written ?? 0), 0);
}
