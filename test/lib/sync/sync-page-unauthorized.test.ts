import { describe, expect, it } from 'vitest';

import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('401', () => {
  const streams = ['mobaro/users', 'mobaro/locations', 'mobaro/webhooks'];

  it('halts the whole connection after one call', async () => {
    const world = new SyncWorld({ streams, vendor: () => ({ status: 401 }) });
    expect(await world.tick('mobaro/users')).toMatchObject({
      outcome: 'unauthorized',
      status: 401,
      requests: 1,
    });
    for (const stream of streams.slice(1)) {
      expect(await world.tick(stream)).toMatchObject({ outcome: 'unauthorized', status: null, requests: 0 });
      expect(await world.checkpoint(stream)).toMatchObject({ state: 'halted', outcome: 'unauthorized' });
    }
    expect(world.measured.connections.get('mobaro')).toEqual({ Unauthorized: 1 });
    await world.clock.advance(24 * hour);
    for (const stream of streams) await world.tick(stream);
    await world.watch();
    expect(world.vendor.requests).toHaveLength(1);
    // Said once, for the connection: not once more for each stream.
    expect([...world.measured.streams.values()].every(({ Halted, Missing }) => Halted + Missing === 0)).toBe(
      true,
    );
  });

  it('stops the messages that are under way, and keeps their positions', async () => {
    const world = new SyncWorld({ streams, vendor: mobaroWith(45) });
    await world.tick('mobaro/users');
    world.vendor.handle(() => ({ status: 401 }));
    await world.tick('mobaro/locations');
    await world.drain();
    expect(world.vendor.requests).toHaveLength(2);
    expect(await world.checkpoint('mobaro/users')).toMatchObject({
      state: 'halted',
      outcome: 'unauthorized',
      position: { kind: 'offset', offset: 20 },
    });
  });

  it('ends with a new version of the secret: one page tries, and then all go on where they stood', async () => {
    const world = new SyncWorld({ streams, vendor: mobaroWith(45) });
    await world.tick('mobaro/users');
    world.vendor.handle(() => ({ status: 401 }));
    for (const stream of streams.slice(1)) await world.tick(stream);
    await world.drain();
    expect(world.vendor.requests).toHaveLength(2);

    world.secrets.change({ apiKey: 'another' });
    world.vendor.handle(mobaroWith(45));
    expect(await world.watch()).toEqual([{ stream: expect.any(String) as string, reason: 'mended' }]);
    await world.drain();
    expect(world.measured.connections.get('mobaro')).toEqual({ Unauthorized: 0 });
    expect(await world.watch()).toHaveLength(2);
    await world.drain();
    for (const stream of streams) {
      expect(await world.checkpoint(stream)).toMatchObject({
        outcome: 'complete',
        progress: { records: 45 },
      });
    }
    const resumed = world.vendor.requests.filter(({ request }) => request.url.includes('/users'));
    expect(resumed.map(({ request }) => new URL(request.url).searchParams.get('Offset'))).toEqual([
      '0',
      '19',
      '38',
    ]);
  });

  it('ends by the next ticks, too: while the first one tries, the others wait for it', async () => {
    const world = new SyncWorld({ streams, vendor: () => ({ status: 401 }) });
    for (const stream of streams) await world.tick(stream);
    world.secrets.change({ apiKey: 'another' });
    await world.breakers.replace({
      ...(await world.breakers.read('mobaro')),
      state: 'half-open',
      probe: { stream: 'mobaro/webhooks', until: world.clock.now() + 40_000 },
    });
    world.vendor.handle(mobaroWith(5));
    expect(await world.tick('mobaro/users', world.clock.now() + 1)).toMatchObject({
      outcome: 'refused',
      requests: 0,
      reason: 'another page is trying the credentials',
    });
    expect(await world.tick('mobaro/webhooks', world.clock.now() + 1)).toMatchObject({ outcome: 'fetched' });
    await world.drain();
    expect(await world.checkpoint('mobaro/users')).toMatchObject({ outcome: 'complete' });
  });

  it('comes again with the new version: halted again, after one call', async () => {
    const world = new SyncWorld({ streams, vendor: () => ({ status: 401 }) });
    for (const stream of streams) await world.tick(stream);
    world.secrets.change({ apiKey: 'wrong as well' });
    await world.watch();
    await world.drain();
    await world.watch();
    await world.drain();
    expect(world.vendor.requests).toHaveLength(2);
    expect(await world.breakers.read('mobaro')).toMatchObject({ state: 'open', secretVersion: 'version-2' });
  });

  it('is still in doubt while the vendor only says "not now"', async () => {
    const world = new SyncWorld({ streams, vendor: () => ({ status: 401 }) });
    await world.tick('mobaro/users');
    world.secrets.change({ apiKey: 'another' });
    world.vendor.handle(() => ({ status: 503 }));
    await world.watch();
    await world.deliver();
    expect(await world.breakers.read('mobaro')).toMatchObject({ state: 'half-open' });
  });

  it('is never met with a secret that was not filled in', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(5), secret: { apiKey: 'REPLACE_ME' } });
    expect(await world.tick()).toMatchObject({
      outcome: 'refused',
      streamOutcome: 'unconfigured',
      next: 'none',
    });
    expect(world.vendor.requests).toEqual([]);
    expect((await world.checkpoint()).reason).toBe('the secret has no apiKey yet');
    world.secrets.change({ apiKey: 'filled in' });
    await world.clock.advance(15 * minute);
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', streamOutcome: 'complete' });
  });
});
