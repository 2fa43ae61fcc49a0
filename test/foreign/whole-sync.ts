import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { PutSecretValueCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';

import { withAssembly } from '../../infra/laptop/run/synthesize.ts';
import { logicalIdOf, queueIdOf } from '../../infra/settings/names.ts';
import { faults } from '../../infra/simulators/frame/faults.ts';
import { startSimulatedVendor, type SimulatedVendor } from '../../infra/simulators/start-simulated-vendor.ts';
import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { DynamoRecords } from '../../lib/aws/dynamo-records.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import { Account } from './account.ts';
import { ownTables, physicalIdOf } from './as-expected.ts';
import { callingOnly } from './base-urls.ts';
import { tryCommandLine } from './command-line.ts';
import { publish, type Published } from './publish.ts';
import type { Report } from './report.ts';
import { createStack, resourcesOf, type StackResource } from './stacks.ts';

/** Enough for several pages, and for a page that comes only after a re-drive. */
const sizes = { users: 65, timesheets: 45, locations: 30, results: 50, people: 40 };
/** The results of the simulated vendor begin on that day; in windows of a week they are a long chain of messages. */
const mobaroStreams = { users: {}, timesheets: {}, locations: {}, results: { historyFrom: '2025-01-01' } };
const settings = { connections: { mobaro: { streams: mobaroStreams }, bob: {} } };
const unavailable = { mobaro: [faults.unavailable('/users', 2)], bob: [] };

/** A run that has not ended by then never will. */
const patienceMs = 120_000;

/** Every stream that is on by default, from its tick to the last page, against simulated vendors on this machine. */
export async function tryWholeSync(report: Report, endpoint: string): Promise<void> {
  const account = await Account.open(endpoint, '300000000001');
  const vendors = new Map<string, SimulatedVendor>();
  try {
    for (const [connector, plan] of Object.entries(unavailable))
      vendors.set(connector, await startSimulatedVendor(connector, { sizes, faults: plan }));
    await withAssembly({ context: { pagekeeper: settings } }, async (assembly) => {
      const urls = new Map([...vendors].map(([connection, { url }]) => [connection, url]));
      const published = await publish(assembly, account, callingOnly(urls));
      await createStack(account, published.stackName, published.template);
      const there = await resourcesOf(account, published.stackName);
      for (const [connection, { secret }] of vendors) await fillIn(account, there, connection, secret);
      const deployed = { account, published, there, vendors };
      await trySync(report, deployed);
      await tryCommandLine(report, {
        ...{ account, vendors, stackName: published.stackName },
        tick: (stream) => sendTick(deployed, stream),
        secretOf: async (connection) => (await secretOf(account, there, connection)).fields,
        untilAtRest: () => untilAtRest(deployed),
      });
    });
  } finally {
    for (const vendor of vendors.values()) await vendor.close();
    account.destroy();
  }
}

interface Deployed {
  readonly account: Account;
  readonly published: Published;
  readonly there: readonly StackResource[];
  readonly vendors: ReadonlyMap<string, SimulatedVendor>;
}

async function trySync(report: Report, deployed: Deployed): Promise<void> {
  const { account, there, vendors } = deployed;
  const streams = streamsOf(deployed);
  await report.check(`the ticks of ${String(streams.length)} streams are taken`, async () => {
    for (const stream of streams) await sendTick(deployed, stream);
  });
  await report.check('messages carry each run to its end', async () => {
    const checkpoints = await untilAtRest(deployed);
    const outcomes = checkpoints.map(({ stream, outcome }) => `${stream} ${String(outcome)}`);
    assert.deepEqual(
      outcomes,
      streams.map((stream) => `${stream} complete`),
    );
    // More than their ticks had brought.
    const pages = checkpoints.map(({ progress }) => progress?.pages ?? 0);
    assert.ok(pages.filter((count) => count > 2).length >= 3, String(pages));
  });
  await report.check('the answer 503 was tried again', async () => {
    const statuses = vendors.get('mobaro')?.requests.filter(({ path }) => path.startsWith('/users')) ?? [];
    assert.deepEqual(statuses.map(({ status }) => status).slice(0, 3), [200, 503, 200]);
  });
  await report.check('the records are those that the vendors have', async () => {
    const records = new DynamoRecords(account.dynamoDb, ownTables(there).records);
    for (const full of streams) {
      const [connection = '', stream = ''] = full.split('/');
      const stored = await Array.fromAsync(records.scan(full), ({ id }) => id);
      const wanted = vendors.get(connection)?.externalIds[stream] ?? [];
      assert.ok(wanted.length > 0, full);
      assert.deepEqual(stored.toSorted(), wanted.toSorted(), full);
    }
  });
  await report.check('the watchdog makes a round, and finds nothing to revive', async () => {
    const watchdog = physicalIdOf(there, logicalIdOf('Watchdog', 'Function'));
    const { error, payload } = await account.invoke(watchdog, {});
    assert.equal(error, null, payload);
  });
  await report.check('no message is left, and none is dead', async () => {
    for (const connection of vendors.keys()) {
      for (const part of ['Pages', 'DeadLetters'] as const) {
        const { Attributes = {} } = await account.sqs.send(
          new GetQueueAttributesCommand({
            QueueUrl: physicalIdOf(there, queueIdOf(connection, part)),
            AttributeNames: ['All'],
          }),
        );
        const left = Object.entries(Attributes).filter(([name]) =>
          name.startsWith('ApproximateNumberOfMessages'),
        );
        assert.deepEqual(
          left.filter(([, count]) => count !== '0'),
          [],
          `${connection} ${part}`,
        );
      }
    }
  });
}

interface Tick {
  readonly functionId: string;
  readonly input: { readonly stream?: string };
}

/** What Scheduler would send, and to which function: as the template's schedules have it. */
function ticksIn({ template }: Published): readonly Tick[] {
  return Object.values(template.Resources).flatMap(({ Type, Properties }) => {
    if (Type !== 'AWS::Scheduler::Schedule') return [];
    const { Arn, Input } = Properties?.['Target'] as { Arn: { 'Fn::GetAtt': [string] }; Input: string };
    return [{ functionId: Arn['Fn::GetAtt'][0], input: JSON.parse(Input) as Tick['input'] }];
  });
}

/** The watchdog's schedule has none. */
function streamsOf({ published }: Deployed): readonly string[] {
  return ticksIn(published).flatMap(({ input }) => (input.stream === undefined ? [] : [input.stream]));
}

async function sendTick({ account, published, there }: Deployed, stream: string): Promise<void> {
  const tick = ticksIn(published).find(({ input }) => input.stream === stream);
  if (tick === undefined) throw new Error(`There is no schedule of ${stream}`);
  const event = { ...tick.input, scheduledAt: new Date().toISOString() };
  const { error, payload } = await account.invoke(physicalIdOf(there, tick.functionId), event);
  assert.equal(error, null, payload);
}

/** Beside what was generated. */
async function fillIn(
  account: Account,
  there: readonly StackResource[],
  connection: string,
  credentials: Readonly<Record<string, string>>,
): Promise<void> {
  const { id, fields } = await secretOf(account, there, connection);
  const value = JSON.stringify({ ...fields, ...credentials });
  await account.secrets.send(new PutSecretValueCommand({ SecretId: id, SecretString: value }));
}

async function secretOf(
  account: Account,
  there: readonly StackResource[],
  connection: string,
): Promise<{ readonly id: string; readonly fields: Readonly<Record<string, string>> }> {
  const id = physicalIdOf(there, logicalIdOf(`Connection-${connection}`, 'Secret'));
  const { SecretString = '{}' } = await account.secrets.send(new GetSecretValueCommand({ SecretId: id }));
  return { id, fields: JSON.parse(SecretString) as Record<string, string> };
}

/** @throws Error with what they are, if a run is still open after a long while */
async function untilAtRest(deployed: Deployed): Promise<readonly Checkpoint[]> {
  const { account, there } = deployed;
  const checkpoints = new DynamoCheckpoints(account.dynamoDb, ownTables(there).checkpoints);
  const streams = streamsOf(deployed);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const all = await checkpoints.readAll(streams);
    const found = streams.flatMap((stream) => all.get(stream) ?? []);
    if (found.length === streams.length && found.every(({ state }) => state !== 'running')) return found;
    if (performance.now() > deadline) {
      const states = found.map(({ stream, state, outcome }) => `${stream} ${state} ${String(outcome)}`);
      throw new Error(`Still under way: ${states.join(', ')}`);
    }
    await sleep(250);
  }
}
