import { describe, expect, it } from 'vitest';

import { isSimulated } from '../../../../infra/local/vendors/start-simulated-vendor.ts';
import { connectors } from '../../../../lib/connectors/registry.ts';
import { KyVendor } from '../../../../lib/http/ky-vendor.ts';
import { syncPage } from '../../../../lib/sync/sync-page.ts';
import { streamNamed } from '../../../support/streams.ts';
import { SyncWorld } from '../../../support/sync-world.ts';
import { startForTest } from './vendor-client.ts';

const streams = Object.entries(connectors).flatMap(([name, connector]) =>
  Object.keys(connector.streams).map((stream) => ({ name, stream })),
);

describe('what the connectors make of the simulated vendors', () => {
  it.each(streams)('reads $name/$stream to its end, every row once', async ({ name, stream }) => {
    if (!isSimulated(name)) throw new Error('no such vendor');
    const { vendor } = await startForTest(name);
    const defined = streamNamed(`${name}/${stream}`);
    const { parents } = defined.definition;
    const first =
      parents !== undefined && 'stream' in parents ? [streamNamed(`${name}/${parents.stream}`)] : [];
    const world = new SyncWorld({ defined: [...first, defined], secret: vendor.secret });
    const clock = { ...world.deps.clock, now: Date.now };
    const deps = {
      ...world.deps,
      clock,
      baseUrl: vendor.url,
      vendor: new KyVendor({ timeoutMs: 5_000, clock: Date }),
    };
    for (const { name: one } of world.streams.values()) {
      const tick = { kind: 'tick', stream: one, scheduledAt: Date.now() } as const;
      let report = await syncPage(tick, deps, new AbortController().signal);
      while (report.next === 'continue') {
        const received = world.queue.receive();
        if (received === undefined) throw new Error('nothing carries it on');
        world.queue.delete(received.receiptHandle);
        report = await syncPage(
          { kind: 'message', message: received.message },
          deps,
          new AbortController().signal,
        );
      }
      expect(report).toMatchObject({ streamOutcome: 'complete' });
    }
    expect(await world.storedIds(defined.name)).toEqual([...(vendor.externalIds[stream] ?? [])].sort());
  });
});
