import { expect, it } from 'vitest';

import { KyVendor } from '../../../../lib/http/ky-vendor.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { streamNamed } from '../../../support/streams.ts';
import { SyncWorld } from '../../../support/sync-world.ts';
import { listOf, objectOf, startForTest, type Client } from '../vendor-client.ts';

const day = 86_400_000;

/** All changes of a time, asked for a day at a time: what no window can get wrong. */
async function dayByDay({ get }: Client, from: number, to: number): Promise<string[]> {
  const ids: string[] = [];
  for (let since = from; since < to; since += day) {
    const until = Math.min(since + day, to) - 1;
    const query = `since=${new Date(since).toISOString()}&to=${new Date(until).toISOString()}`;
    const { changes } = objectOf(await get(`/timeoff/requests/changes?${query}&includePending=true`));
    ids.push(
      ...listOf(changes).map(({ requestId, changeType }) => `${String(requestId)}/${String(changeType)}`),
    );
  }
  return ids;
}

it('reads 20 months of time off in windows, and loses and doubles nothing', async () => {
  // The world's, once there is one.
  let clock = new FakeClock();
  const client = await startForTest('bob', {
    sizes: { people: 30 },
    limitsPerMinute: { '/timeoff/requests/changes': 10_000 },
    clock: () => clock.now(),
  });
  const { vendor } = client;
  const historyFrom = clock.now() - 600 * day;
  const stream = streamNamed('bob/time-off-changes', { settings: { historyFrom } });
  const world = new SyncWorld({ defined: [stream], secret: vendor.secret });
  clock = world.clock;
  Object.assign(world.deps, { baseUrl: vendor.url, vendor: new KyVendor({ timeoutMs: 30_000, clock }) });
  const read = async (): Promise<number> => {
    const before = world.reports.length;
    await world.tick(stream.name);
    await world.drain();
    expect(world.reports.at(-1)).toMatchObject({ streamOutcome: 'complete' });
    return world.reports.slice(before).reduce((sum, { written }) => sum + written, 0);
  };

  const written = await read();
  const windows = vendor.requests.map(({ query }) =>
    [query.since, query.to].map((at) => Date.parse(at ?? '')),
  );
  expect(windows).toHaveLength(5);
  expect(windows.every(([since = 0, to = 0]) => to > since && to - since <= 150 * day)).toBe(true);
  const expected = await dayByDay(client, historyFrom, clock.now());
  expect(expected.length).toBeGreaterThan(300);
  expect(await world.storedIds(stream.name)).toEqual(expected.toSorted());
  expect(written).toBe(expected.length);

  // A week later: what is new, and nothing of what has been read is written again.
  const readUntil = clock.now();
  await clock.advance(7 * day);
  const added = await read();
  const since = await dayByDay(client, readUntil, clock.now());
  expect(since.length).toBeGreaterThan(0);
  expect(await world.storedIds(stream.name)).toEqual([...expected, ...since].toSorted());
  expect(added).toBe(since.length);
});
