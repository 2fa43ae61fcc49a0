import { describe, expect, it } from 'vitest';

import { bob } from '../../../lib/connectors/bob/bob.ts';
import { mobaro } from '../../../lib/connectors/mobaro/mobaro.ts';
import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { mobaroWith, pageOf, SyncWorld } from '../../support/sync-world.ts';

const minute = 60_000;

/** A Mobaro that says 20 a minute: 16 of them ours, one in 3.75 s. */
const slow = { ...mobaro, limitsPerMinute: { account: 20 } };

function slowWorld(streams = ['mobaro/users'], rows = 145): SyncWorld {
  const world = new SyncWorld({ connector: slow, streams, vendor: mobaroWith(rows) });
  return world;
}

/** One that counts 60 a minute in the account and 20 at each endpoint. */
const both = { ...mobaro, limitScope: 'both', limitsPerMinute: { account: 60, endpoint: 20 } } as const;

describe('a vendor that counts account and endpoint', () => {
  const streams = ['mobaro/users', 'mobaro/timesheets'];
  const endpoint = (path: string): string => `mobaro:GET ${path}`;

  it('is kept in both, and all streams get through', async () => {
    const world = new SyncWorld({ connector: both, streams, vendor: mobaroWith(145) });
    for (const stream of streams) await world.tick(stream);
    await world.drain();
    for (const stream of streams)
      expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
    expect(world.governor.state('mobaro').counts.calls.length).toBeGreaterThan(0);
    expect(world.governor.state(endpoint('/users')).grantedAt).toBeGreaterThan(0);
  });

  it('keeps the slot that the account has given, beside that of the endpoint', async () => {
    const world = new SyncWorld({ connector: both, streams, vendor: mobaroWith(145) });
    await world.governor.close('mobaro', world.clock.now() + 30_000);
    const refused = await world.tick();
    expect(refused).toMatchObject({ outcome: 'refused', reason: 'the limit of mobaro is closed' });
    const stored = await world.checkpoint();
    expect(stored).toMatchObject({ slot: null, accountSlot: world.clock.now() + 30_000 });
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', slot: null, accountSlot: null });
  });

  const retry = { 'retry-after': '90' };
  it.each<[string, Readonly<Record<string, string>>, readonly [boolean, boolean]]>([
    ['nothing but a wait', retry, [true, false]],
    ["its endpoint's figure", { ...retry, 'x-ratelimit-limit': '20' }, [true, false]],
    ["the account's figure", { ...retry, 'x-ratelimit-limit': '60' }, [false, true]],
    ['a figure that nobody knows', { ...retry, 'x-ratelimit-limit': '70' }, [true, false]],
    [
      'both, of which the account has nothing left',
      {
        ...retry,
        ratelimit: '"e";r=3;t=20, "a";r=0;t=90',
        'ratelimit-policy': '"e";q=20;w=60, "a";q=60;w=60',
      },
      [false, true],
    ],
    [
      'both, of which neither has anything left',
      {
        ...retry,
        ratelimit: '"e";r=0;t=20, "a";r=0;t=40',
        'ratelimit-policy': '"e";q=20;w=60, "a";q=60;w=60',
      },
      [true, true],
    ],
  ])('closes what a 429 speaks of: %s', async (_, headers, closed) => {
    let calls = 0;
    const vendor = mobaroWith(30);
    const world = new SyncWorld({
      ...{ connector: both, streams },
      vendor: (request) => (++calls === 1 ? { status: 429, headers } : vendor(request)),
    });
    const now = world.clock.now();
    await world.tick();
    const isClosed = (scope: string): boolean => world.governor.state(scope).closedUntil > now;
    expect([isClosed(endpoint('/users')), isClosed('mobaro')]).toEqual(closed);
    const narrowest = closed[0] ? endpoint('/users') : 'mobaro';
    expect(world.governor.state(narrowest).closedUntil).toBeGreaterThanOrEqual(now + 90_000);
    await world.drain();
    const [first, second] = world.vendor.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(90_000);
  });
});

describe('a limit of an hour', () => {
  it('is waited for with the message, and what an answer says of it is none of a minute', async () => {
    const connector = { ...mobaro, limits: { account: [{ requests: 12, per: 'hour' }] } } as const;
    const world: SyncWorld = new SyncWorld({
      connector,
      vendor: ({ url }): FakeAnswer => {
        const reset = Math.ceil(world.clock.now() / 1000) + 30;
        const said = {
          'x-ratelimit-limit': '12',
          'x-ratelimit-remaining': '9',
          'x-ratelimit-reset': String(reset),
        };
        return { ...pageOf(65, Number(new URL(url).searchParams.get('Offset')), 20), headers: said };
      },
    });
    await world.tick();
    const refused = await world.deliver();
    expect(refused).toMatchObject({ outcome: 'refused', next: 'redrive' });
    expect((refused?.retryAt ?? 0) - world.clock.now()).toBe(375_000);
    expect(world.governor.state('mobaro').limit).toBeNull();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });

  it('of a day parks a page that would wait for longer than a message can', async () => {
    const connector = { ...mobaro, limits: { account: [{ requests: 1, per: 'day' }] } } as const;
    const world = new SyncWorld({ connector, vendor: mobaroWith(65) });
    await world.tick();
    await world.deliver();
    expect(await world.checkpoint()).toMatchObject({ state: 'parked', outcome: 'waiting' });
  });
});

describe('a page that has to wait for its turn', () => {
  it('gets a slot, which its checkpoint keeps until the page is taken again', async () => {
    const world = slowWorld();
    await world.tick();
    const second = await world.deliver();
    expect(second).toMatchObject({ outcome: 'refused', next: 'redrive', requests: 0, attempt: 0 });
    expect(second?.reason).toBe('the limit of mobaro is in use until then');
    const waiting = await world.checkpoint();
    expect(waiting).toMatchObject({ attempt: 0, slot: second?.retryAt, retryAt: second?.retryAt });
    expect(second?.retryAt).toBe(world.clock.now() + 3750);
    await world.clock.advance(4000);
    expect(await world.deliver()).toMatchObject({ outcome: 'fetched', attempt: 1 });
    expect(await world.checkpoint()).toMatchObject({ slot: null });
  });

  it('costs one re-drive, and the messages hold nothing of it', async () => {
    const world = slowWorld();
    await world.tick();
    expect(world.queue.contents.map(({ message }) => Object.keys(message))).toEqual([
      ['v', 'stream', 'run', 'sequence'],
    ]);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { pages: 8 } });
    expect(world.reports.filter(({ outcome }) => outcome === 'refused')).toHaveLength(7);
    const times = world.vendor.requests.map(({ at }) => at);
    expect(times.slice(1).every((at, index) => at - times[index]! >= 3750 - 1000)).toBe(true);
    expect(times.at(-1)! - times[0]!).toBeGreaterThanOrEqual(7 * 3750);
  });

  it('is served in the order of asking, with the others of its limit', async () => {
    const streams = ['mobaro/users', 'mobaro/timesheets', 'mobaro/webhooks', 'mobaro/locations'];
    const world = slowWorld(streams, 100);
    for (const stream of streams) await world.tick(stream);
    await world.drain();
    const paths = world.vendor.requests.slice(0, 12).map(({ request }) => new URL(request.url).pathname);
    expect(paths.slice(4, 8)).toEqual(paths.slice(0, 4));
    for (const stream of streams) {
      expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete', stopped: null });
    }
  });

  it('asks anew where its slot has gone by for long', async () => {
    const world = slowWorld();
    await world.tick();
    await world.deliver();
    await world.clock.advance(20 * minute);
    expect(await world.deliver()).toMatchObject({ outcome: 'fetched' });
  });
});

describe('what the vendor tells of its limit', () => {
  it('is kept to from then on, with any answer', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(205) });
    world.vendor.handle((request) => ({
      ...(mobaroWith(205)(request) as FakeAnswer),
      headers: {
        'X-RateLimit-Limit': '10',
        'X-RateLimit-Remaining': '9',
        'X-RateLimit-Reset': String(Math.floor(world.clock.now() / 1000) + 60),
      },
    }));
    await world.tick();
    expect(world.governor.state('mobaro')).toMatchObject({ limit: 10, window: { remaining: 9 } });
    await world.drain();
    const times = world.vendor.requests.map(({ at }) => at);
    expect(times.at(-1)! - times[0]!).toBeGreaterThan((times.length - 3) * (minute / 8 - 1000));
  });

  it('is learned from a 403 as well', async () => {
    const world = new SyncWorld({ connector: bob, streams: ['bob/people'] });
    const reset = String(Math.floor(world.clock.now() / 1000) + 60);
    const headers = { 'X-RateLimit-Limit': '50', 'X-RateLimit-Remaining': '7', 'X-RateLimit-Reset': reset };
    world.vendor.handle(() => ({ status: 403, headers }));
    await world.tick('bob/people');
    expect(world.governor.state('bob:POST /people/search').window).toMatchObject({ remaining: 7 });
  });

  it('slows everybody down where it is a 429 and nothing else, and is stored', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(4000) });
    await world.tick();
    // So many pages that the pace itself may have been too much.
    for (let page = 0; page < 100; page += 1) await world.deliver();
    expect(world.governor.state('mobaro').adaptive.knee).toBeNull();
    world.vendor.handle(() => ({ status: 429 }));
    await world.deliver();
    expect(world.governor.state('mobaro').adaptive.knee).toBeLessThan(300);
    expect(world.governor.state('mobaro').closedUntil).toBe(world.clock.now() + 1000);
  });

  it.each([
    ['more than a day', { 'Retry-After': '90000' }, 'the vendor asks for a wait of 90,000 s'],
    [
      'more than a day, with nothing left',
      { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '172800' },
      'the vendor asks for a wait of 172,800 s',
    ],
    [
      'more than a week',
      { 'Retry-After': '700000' },
      'the vendor asks for a wait of 700,000 s, which is not believed: it is over 7 days',
    ],
    ['an hour', { 'Retry-After': '3600' }, null],
    ['what it said before', { 'Retry-After': 'Sun, 06 Nov 1994 08:49:37 GMT' }, null],
    ['nothing that is understood', { 'Retry-After': 'soon' }, null],
    [
      'a week, which remains for something that is left',
      { 'X-RateLimit-Remaining': '5', 'X-RateLimit-Reset': '604000' },
      null,
    ],
  ])(
    'is said of a page that went well, which stays whole, where it is a wait of %s',
    async (_, headers, reason) => {
      const world = new SyncWorld({ vendor: mobaroWith(5) });
      world.vendor.handle((request) => ({
        ...(mobaroWith(5)(request) as FakeAnswer),
        headers: headers,
      }));
      expect(await world.tick()).toMatchObject({ outcome: 'fetched', reason });
      expect(await world.checkpoint()).toMatchObject({ reason: null, progress: { partial: false } });
    },
  );
});
