import assert from 'node:assert/strict';

import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';

import { logicalIdOf, queueIdOf } from '../../infra/settings/names.ts';
import { faults } from '../../infra/simulators/frame/faults.ts';
import { startSimulatedVendor, type SimulatedVendor } from '../../infra/simulators/start-simulated-vendor.ts';
import { Account } from './account.ts';
import { physicalIdOf } from './as-expected.ts';
import { tryCommandLine } from './command-line.ts';
import { Deployed } from './deployed.ts';
import { tryDisasters } from './disasters.ts';
import type { Report } from './report.ts';

/** Enough for several pages, and for a page that comes only after a re-drive. */
const sizes = { users: 65, timesheets: 45, locations: 30, results: 50, people: 40 };
/** The results of the simulated vendor begin on that day; in windows of a week they are a long chain of messages. */
const mobaroStreams = { users: {}, timesheets: {}, locations: {}, results: { historyFrom: '2025-01-01' } };
const settings = { connections: { mobaro: { streams: mobaroStreams }, bob: {} } };
const unavailable = { mobaro: [faults.unavailable('/users', 2)], bob: [] };

/**
 * Every stream that is on by default, from its tick to the last page, against simulated vendors on this machine; then what a
 * person does with that deployment, and after its disasters.
 */
export async function tryWholeSync(report: Report, endpoint: string): Promise<void> {
  const account = await Account.open(endpoint, '300000000001');
  const vendors = new Map<string, SimulatedVendor>();
  try {
    for (const [connector, plan] of Object.entries(unavailable))
      vendors.set(connector, await startSimulatedVendor(connector, { sizes, faults: plan }));
    const deployed = new Deployed(account);
    await deployed.create(settings, vendors);
    const fillIn = async (): Promise<void> => {
      for (const [connection, { secret }] of vendors) await deployed.fillIn(connection, secret);
    };
    await fillIn();
    await trySync(report, deployed, vendors);
    await tryCommandLine(report, deployed, vendors);
    // The command has put other ones there.
    await fillIn();
    await tryDisasters(report, deployed, settings, vendors);
  } finally {
    for (const vendor of vendors.values()) await vendor.close();
    account.destroy();
  }
}

async function trySync(
  report: Report,
  deployed: Deployed,
  vendors: ReadonlyMap<string, SimulatedVendor>,
): Promise<void> {
  const { account, there, streams } = deployed;
  await report.check(`the ticks of ${String(streams.length)} streams are taken`, async () => {
    for (const stream of streams) await deployed.tick(stream);
  });
  await report.check('messages carry each run to its end', async () => {
    const checkpoints = await deployed.untilAtRest();
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
    for (const [full, stored] of await deployed.storedIds()) {
      const [connection = '', stream = ''] = full.split('/');
      const wanted = vendors.get(connection)?.externalIds[stream] ?? [];
      assert.ok(wanted.length > 0, full);
      assert.deepEqual(stored, wanted.toSorted(), full);
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
