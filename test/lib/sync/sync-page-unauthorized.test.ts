import { describe, expect, it } from 'vitest';

import type { ScopeAsk } from '../../../lib/governor/permits.ts';
import { resumeConnection } from '../../../lib/operations/resume.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import type { VendorRequest } from '../../../lib/sync/ports.ts';
import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
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
    expect(world.troubles('mobaro')).toEqual(['unauthorized']);
    await world.clock.advance(24 * hour);
    for (const stream of streams) await world.tick(stream);
    await world.watch();
    expect(world.vendor.requests).toHaveLength(1);
    // Not once more for each stream.
    expect(world.troubles('mobaro')).toEqual(['unauthorized']);
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
    expect(await world.watch()).toEqual([{ stream: expect.any(String) as string, reason: 'fixed' }]);
    await world.drain();
    // It is over when each of them has had a good answer.
    expect(world.troubles('mobaro')).toEqual(['unauthorized']);
    expect(await world.watch()).toHaveLength(2);
    await world.drain();
    expect(world.troubles('mobaro')).toEqual([]);
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

  it.each([
    ['rows that cannot be stored', { status: 200, body: { items: [{}], total: 1 } }, 'closed'],
    ['a 404', { status: 404 }, 'closed'],
    ['nothing changed', { status: 304 }, 'closed'],
    ['a redirect', { status: 302 }, 'half-open'],
  ])('is settled, or not, by a probe that meets %s', async (_, answer, state) => {
    const world = new SyncWorld({ vendor: () => ({ status: 401 }) });
    await world.tick('mobaro/users');
    world.secrets.change({ apiKey: 'another' });
    world.vendor.handle(() => answer);
    await world.watch();
    await world.drain();
    expect(await world.breakers.read('mobaro')).toMatchObject({ state });
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
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', streamOutcome: 'running' });
  });
});

describe('401 beside other answers', () => {
  const streams = ['mobaro/users', 'mobaro/locations'];

  it('is not undone by an answer to a call that began before it', async () => {
    const world = new SyncWorld({ streams });
    world.vendor.handle(async (request) => {
      world.vendor.handle(() => ({ status: 401 }));
      await world.tick('mobaro/locations');
      return mobaroWith(5)(request) as FakeAnswer;
    });
    await world.tick('mobaro/users');
    expect(await world.breakers.read('mobaro')).toMatchObject({ state: 'open' });
    expect(await world.watch()).toEqual([]);
    expect(world.vendor.requests).toHaveLength(2);
  });

  it('is not undone by an answer to the version before it, which may be good for a while', async () => {
    const world = new SyncWorld({ streams });
    world.vendor.handle(async (request) => {
      world.secrets.change({ apiKey: 'mistyped' });
      world.vendor.handle(() => ({ status: 401 }));
      await world.clock.advance(6 * minute);
      await world.tick('mobaro/locations');
      return mobaroWith(5)(request) as FakeAnswer;
    });
    await world.tick('mobaro/users');
    expect(await world.breakers.read('mobaro')).toMatchObject({ state: 'open' });
    expect(await world.watch()).toEqual([]);
    expect(world.vendor.requests).toHaveLength(2);
  });

  it('of a version that has been replaced wakes nobody: the page is tried again with the new one', async () => {
    const world = new SyncWorld({ streams, vendor: mobaroWith(5) });
    await world.tick('mobaro/users');
    world.secrets.change({ apiKey: 'another' });
    world.vendor.handle((request) =>
      request.headers['x-api-key'] === 'another' ? mobaroWith(5)(request) : { status: 401 },
    );
    await world.clock.advance(minute);
    expect(await world.tick('mobaro/users')).toMatchObject({ outcome: 'deferred', status: 401 });
    expect(world.troubles('mobaro') ?? []).toEqual([]);
    await world.drain();
    expect(await world.checkpoint('mobaro/users')).toMatchObject({ outcome: 'complete' });
  });

  it('keeps every warm function from calling with a version that was refused', async () => {
    const world = new SyncWorld({ streams, vendor: () => ({ status: 401 }) });
    const cached = await world.secrets.read({ fresh: true });
    await world.tick('mobaro/users');
    world.secrets.change({ apiKey: 'another' });
    world.vendor.handle(mobaroWith(5));
    await world.watch();
    await world.drain();
    expect(await world.breakers.read('mobaro')).toMatchObject({
      state: 'closed',
      secretVersion: cached.version,
    });
    // Another container, which has not been asked since.
    const warm = {
      read: ({ fresh }: { fresh: boolean }) =>
        fresh ? world.secrets.read({ fresh }) : Promise.resolve(cached),
    };
    const scheduledAt = world.clock.now();
    const tick = { kind: 'tick', stream: 'mobaro/locations', scheduledAt } as const;
    expect(await world.invoke(tick, { ...world.deps, secrets: warm })).toMatchObject({ outcome: 'fetched' });
    expect(world.vendor.requests.at(-1)?.request.headers['x-api-key']).toBe('another');
  });

  it('is not met by an invocation that was frozen while it read the version that has been replaced', async () => {
    const world = new SyncWorld({ streams: ['mobaro/users', 'mobaro/locations'], vendor: mobaroWith(3) });
    const frozen = Promise.withResolvers<undefined>();
    const old = await world.secrets.read({ fresh: true });
    let reads = 0;
    const read: typeof world.secrets.read = async (options) => {
      if ((reads += 1) > 1) return world.secrets.read(options);
      await frozen.promise;
      return old;
    };
    const deps = { ...world.deps, secrets: { read } };
    const scheduledAt = world.clock.now();
    const late = world.invoke({ kind: 'tick', stream: 'mobaro/locations', scheduledAt }, deps);
    await world.clock.advance(0);
    world.secrets.change({ apiKey: 'new' });
    world.vendor.handle(({ headers }) =>
      headers['x-api-key'] === 'new' ? { status: 204 } : { status: 401 },
    );
    await world.breakers.replace({
      ...newBreaker('mobaro'),
      secretVersion: old.version,
      doubtUntil: scheduledAt,
    });
    const before = world.vendor.requests.length;
    frozen.resolve(undefined);
    expect(await late).toMatchObject({
      outcome: 'refused',
      reason: 'the secret has been replaced meanwhile',
    });
    expect(world.vendor.requests).toHaveLength(before);
    await world.clock.advance(minute);
    await world.tick('mobaro/locations');
    expect(world.vendor.requests.at(-1)?.request.headers['x-api-key']).toBe('new');
  });

  it('does not keep a version out that has been taken back into use', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(3) });
    const { version } = await world.secrets.read({ fresh: true });
    await world.breakers.replace({ ...newBreaker('mobaro'), secretVersion: version });
    expect(await world.tick()).toMatchObject({ outcome: 'fetched' });
  });

  it('that comes while a page waits for its permit stops that page', async () => {
    const world = new SyncWorld({ streams, vendor: mobaroWith(5) });
    await world.governor.close('mobaro', world.clock.now() + 1500);
    const { governor, breakers, clock } = world;
    const slow = {
      permit: async (asks: readonly ScopeAsk[], now: number) => {
        const permit = await governor.permit(asks, now);
        if (!permit.granted) {
          const breaker = await breakers.read('mobaro');
          await breakers.replace({
            ...breaker,
            state: 'open',
            secretVersion: 'version-1',
            openedAt: clock.now(),
          });
        }
        return permit;
      },
      close: governor.close.bind(governor),
      learn: governor.learn.bind(governor),
    };
    const tick = { kind: 'tick', stream: 'mobaro/users', scheduledAt: clock.now() } as const;
    const report = await world.invoke(tick, { ...world.deps, governor: slow });
    expect(report).toMatchObject({ outcome: 'unauthorized', requests: 0 });
    expect(world.vendor.requests).toEqual([]);
  });

  it('is not expected of a placeholder that has just been filled in', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(5), secret: { apiKey: 'REPLACE_ME' } });
    await world.tick();
    world.secrets.change({ apiKey: 'filled in' });
    await world.clock.advance(minute);
    expect(await world.tick()).toMatchObject({ outcome: 'fetched' });
  });
});

describe('401 for a missing permission, as Mobaro has it', () => {
  it('halts its stream alone, as forbidden, once a person has resumed the connection and another one gets through', async () => {
    const world = new SyncWorld({ streams: ['mobaro/users', 'mobaro/locations', 'mobaro/webhooks'] });
    const serve = ({ url, ...rest }: VendorRequest): FakeAnswer =>
      url.includes('/users') ? { status: 401 } : (mobaroWith(5)({ url, ...rest }) as FakeAnswer);
    world.vendor.handle(serve);
    for (const stream of world.streams.keys()) await world.tick(stream);
    expect(world.vendor.requests).toHaveLength(1);

    const { checkpoints, breakers, clock } = world;
    await resumeConnection('mobaro', [...world.streams.keys()], { checkpoints, breakers, clock });
    for (let look = 0; look < 3; look += 1) {
      await world.watch();
      await world.drain();
      await world.clock.advance(5 * minute);
    }
    expect(await world.checkpoint('mobaro/users')).toMatchObject({ state: 'halted', outcome: 'forbidden' });
    expect(world.troubles()).toEqual(['halted']);
    for (const stream of ['mobaro/locations', 'mobaro/webhooks']) {
      expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
    }
    // The first 401, the probe, the other one, and the one that proves whose fault it is; and two that confirm a total.
    expect(world.vendor.requests).toHaveLength(6);
  });
});
