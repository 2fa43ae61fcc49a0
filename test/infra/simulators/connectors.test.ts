import { describe, expect, it } from 'vitest';

import { customTable } from '../../../infra/simulators/bob/custom-tables.ts';
import { report } from '../../../infra/simulators/bob/reports.ts';
import { hasOwnSimulator } from '../../../infra/simulators/registry.ts';
import { connectors } from '../../../lib/connectors/registry.ts';
import { withParams } from '../../../lib/connectors/template.ts';
import { KyVendor } from '../../../lib/http/ky-vendor.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { streamNamed } from '../../support/streams.ts';
import { SyncWorld } from '../../support/sync-world.ts';
import { startForTest } from './vendor-client.ts';

const streams = Object.entries(connectors)
  .filter(([name]) => hasOwnSimulator(name))
  .flatMap(([name, connector]) => Object.keys(connector.streams).map((stream) => ({ name, stream })));

/** What a user would have to say. */
const params = { table: customTable, report };
const groups = ['310', '311', '312', '313', '314'].map((number) => `usergroups/${number}-A`);

function defined(name: string): Stream {
  const stream = streamNamed(name, {
    settings: {
      params: { ids: groups },
      // Since the beginning of the simulated Mobaro.
      ...(name === 'mobaro/results' && { historyFrom: Date.parse('2025-01-01') }),
    },
  });
  const [, path = ''] = name.split('/');
  return { ...stream, definition: withParams(stream.definition, { ...params, path }) };
}

describe('what the connectors make of the simulated vendors', () => {
  it.each(streams)('reads $name/$stream to its end, every row once', async ({ name, stream }) => {
    const read = defined(`${name}/${stream}`);
    const { parents } = read.definition;
    const first = parents !== undefined && 'stream' in parents ? [defined(`${name}/${parents.stream}`)] : [];
    // The world's, once there is one.
    let clock = new FakeClock();
    const { vendor } = await startForTest(name, {
      // Each parent is a request. And of the results none is of the future.
      sizes: { ...(parents !== undefined && { people: 25 }), results: 200 },
      modules: 'all',
      clock: () => clock.now(),
    });
    const world = new SyncWorld({ defined: [...first, read], secret: vendor.secret });
    clock = world.clock;
    const ky = new KyVendor({ timeoutMs: 30_000, clock });
    Object.assign(world.deps, { baseUrl: vendor.url, vendor: ky });
    let expected: readonly string[] = [];
    for (const { name: one } of world.streams.values()) {
      expected = vendor.externalIds[stream] ?? [];
      await world.tick(one);
      await world.drain();
      expect(world.reports.at(-1)).toMatchObject({ streamOutcome: 'complete' });
    }
    expect(expected.length).toBeGreaterThan(0);
    expect(new Set(expected).size).toBe(expected.length);
    expect(await world.storedIds(read.name)).toEqual([...expected].sort());
  });
});
