import { expect, it } from 'vitest';

import { KyVendor } from '../../../../lib/http/ky-vendor.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { SyncWorld } from '../../../support/sync-world.ts';
import { startForTest } from '../vendor-client.ts';

const people = 2100;
const perBatch = 100;

it('reads a large company by its ids from the second run on, and writes nothing that is there', async () => {
  // The world's, once there is one.
  let clock = new FakeClock();
  const { vendor } = await startForTest('bob', { sizes: { people }, clock: () => clock.now() });
  const world = new SyncWorld({ streams: ['bob/people'], secret: vendor.secret });
  clock = world.clock;
  Object.assign(world.deps, { baseUrl: vendor.url, vendor: new KyVendor({ timeoutMs: 30_000, clock }) });
  const run = async (): Promise<{ requests: number; written: number }> => {
    const before = { requests: vendor.requests.length, reports: world.reports.length };
    await clock.advance(3_600_000);
    await world.tick('bob/people');
    await world.drain();
    const reports = world.reports.slice(before.reports);
    expect(reports.at(-1)).toMatchObject({ streamOutcome: 'complete' });
    return {
      requests: vendor.requests.length - before.requests,
      written: reports.reduce((sum, { written }) => sum + written, 0),
    };
  };
  expect(await run()).toEqual({ requests: 1, written: people });
  expect(await run()).toEqual({ requests: 1 + people / perBatch, written: 0 });
  expect(await world.storedIds('bob/people')).toHaveLength(people);
  const batches = vendor.requests.filter(({ body }) => body.includes('"filters"'));
  expect(batches).toHaveLength(people / perBatch);
  expect(batches.every(({ body }) => body.includes('"showInactive":true'))).toBe(true);
});
