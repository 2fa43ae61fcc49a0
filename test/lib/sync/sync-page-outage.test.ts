import { describe, expect, it } from 'vitest';

import { mobaro } from '../../../lib/connectors/mobaro/mobaro.ts';
import { runStream } from '../../../lib/operations/run.ts';
import { resumeStream } from '../../../lib/operations/resume.ts';
import { syncPage } from '../../../lib/sync/sync-page.ts';
import { pausedCheckpoint } from '../../../lib/sync/transitions/person.ts';
import { FakeOutages } from '../../support/fakes/fake-outages.ts';
import { FakePageQueue } from '../../support/fakes/fake-page-queue.ts';
import { streamNamed } from '../../support/streams.ts';
import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const minute = 60_000;
const users = 'mobaro/users';
const locations = 'mobaro/locations';
const timesheets = 'mobaro/timesheets';
const all = [users, locations, timesheets];
const well = mobaroWith(45);
const down: FakeHandler = () => ({ status: 503 });

/** Every stream has been tried as often as is allowed. */
async function givenUp(streams: readonly string[] = all, vendor = down): Promise<SyncWorld> {
  const world = new SyncWorld({ streams, vendor });
  for (const stream of streams) await world.tick(stream);
  await world.drain(80_000);
  for (const stream of streams) expect((await world.checkpoint(stream)).state).toBe('exhausted');
  await world.clock.advance(1000);
  return world;
}

/** When the vendor was called after that, in seconds, and for which list. */
function callsSince(world: SyncWorld, at: number): (readonly [number, string])[] {
  return world.vendor.requests
    .filter((one) => one.at >= at)
    .map((one) => [
      Math.round((one.at - at) / 1000),
      new URL(one.request.url).pathname.split('/').at(-1) ?? '',
    ]);
}

/** That of the probe. */
async function loseMessage({ clock, queue }: SyncWorld): Promise<void> {
  await clock.advance(40_000);
  queue.delete(queue.receive()!.receiptHandle);
  expect(queue.contents).toEqual([]);
}

async function states(world: SyncWorld): Promise<string[]> {
  return Promise.all(all.map(async (stream) => (await world.checkpoint(stream)).state));
}

describe('while the outage of a limit scope lasts', () => {
  it('one page asks, each stream in its turn, after pauses that grow to five minutes', async () => {
    const world = await givenUp();
    expect(world.vendor.requests).toHaveLength(15);
    const at = world.clock.now();
    await world.drain(30 * minute);
    const calls = callsSince(world, at);
    const gaps = calls.slice(1).map(([second], index) => second - calls[index]![0]);
    expect(gaps).toEqual([48, 70, 104, 155, 231, 303, 303, 303]);
    expect(calls.map(([, list]) => list).slice(0, 4)).toEqual(['users', 'locations', 'timesheets', 'users']);
    expect(world.queue.contents).toHaveLength(1);
    expect(world.troubles(locations)).toContain('exhausted');
  });

  it('a tick makes no call, and costs no write', async () => {
    const world = await givenUp();
    const at = world.clock.now();
    const before = await world.checkpoint(locations);
    const { outcome, next, reason, requests } = await world.tick(locations);
    expect({ outcome, next, requests }).toEqual({ outcome: 'refused', next: 'none', requests: 0 });
    expect(reason).toBe('its tries are spent, and one page of mobaro at a time asks again');
    expect(callsSince(world, at)).toEqual([]);
    expect(await world.checkpoint(locations)).toEqual(before);
  });

  it('a stream that has its tries still has them, and then waits as well', async () => {
    const world = new SyncWorld({ streams: all, vendor: down });
    await world.tick(users);
    await world.drain(80_000);
    await world.tick(locations);
    await world.drain(80_000);
    const asked = world.vendor.requests.filter(({ request }) => request.url.includes('/locations'));
    expect(asked).toHaveLength(5);
    expect((await world.checkpoint(locations)).state).toBe('exhausted');
  });

  it('the probe’s first good answer sends the others on, with all their tries', async () => {
    const world = await givenUp();
    world.vendor.handle(well);
    const at = world.clock.now();
    await world.drain(2 * minute);
    const firsts = all.map((stream) => {
      const list = stream.split('/')[1] ?? '';
      return callsSince(world, at).find(([, called]) => called === list)![0];
    });
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeLessThanOrEqual(5);
    for (const stream of all) {
      expect(await world.checkpoint(stream)).toMatchObject({
        outcome: 'complete',
        stopped: null,
        attempt: 0,
      });
    }
    expect(await world.outages.read('mobaro')).toMatchObject({ since: null, carriers: {} });
    expect(world.queue.contents).toEqual([]);
  });

  it('a list that is broken for itself holds up nobody', async () => {
    const world = await givenUp();
    world.vendor.handle((request) => (request.url.includes('/users') ? { status: 500 } : well(request)));
    const at = world.clock.now();
    await world.drain(4 * minute);
    expect(await states(world)).toEqual(['exhausted', 'idle', 'idle']);
    await world.drain(60 * minute);
    const calls = callsSince(world, at).filter(([, list]) => list === 'users');
    // Its tries after it was sent on, and then a probe every five minutes.
    expect(calls.length).toBeLessThan(25);
    world.vendor.handle(well);
    await world.drain(6 * minute);
    expect(await states(world)).toEqual(['idle', 'idle', 'idle']);
  });

  it('no probe comes before the time that the vendor names', async () => {
    const world = await givenUp([users]);
    const at = world.clock.now();
    world.vendor.handle(() => ({ status: 503, headers: { 'retry-after': '1800' } }));
    await world.drain(2 * 60 * minute);
    const calls = callsSince(world, at).map(([second]) => second);
    const gaps = calls.slice(1).map((second, index) => second - calls[index]!);
    expect(calls.length).toBeGreaterThan(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1800);
    // While it waits for that, it is not taken for lost.
    await world.clock.advance(15 * minute);
    expect(await world.watch()).toEqual([]);
    expect(await world.tick()).toMatchObject({ outcome: 'refused', next: 'none' });
  });

  it('a refusal behind the rows of a list, which may be its end, says nothing of the vendor', async () => {
    let behind = 503;
    const untold: FakeHandler = ({ url }) => {
      const offset = Number(new URL(url).searchParams.get('Offset'));
      const length = Math.min(20, 30 - offset);
      const items = Array.from({ length }, (_, row) => ({ id: `row-${offset + row}` }));
      return offset >= 30 ? { status: behind } : { body: { items } };
    };
    const vendor: FakeHandler = (request) =>
      request.url.includes('/users') ? untold(request) : { status: 503 };
    const world = new SyncWorld({ streams: [users, locations], vendor });
    await world.tick(users);
    await world.tick(locations);
    await world.drain(80_000);
    expect((await world.checkpoint(users)).state).toBe('exhausted');
    behind = 404;
    await world.drain(2 * minute);
    expect(await world.checkpoint(users)).toMatchObject({ state: 'idle', lastStatus: 404, stopped: null });
    expect((await world.checkpoint(locations)).state).toBe('exhausted');
    expect((await world.outages.read('mobaro')).carriers).toEqual({ mobaro: locations });
  });

  it('a sweep that was given up says nothing of the vendor when it gets on', async () => {
    const world = new SyncWorld({ streams: [users, locations], vendor: well });
    await world.tick(users);
    await world.drain();
    const position = { kind: 'sweep', step: 'count', after: null, live: 0, gone: 0, end: null } as const;
    await world.checkpoints.replace({
      ...(await world.checkpoint(users)),
      ...{
        state: 'exhausted',
        outcome: 'exhausted',
        stopped: { by: 'exhausted', since: 1 },
        run: 'run',
        position,
        attempt: 5,
      },
    });
    world.vendor.handle(down);
    await world.tick(locations);
    await world.drain(2 * minute);
    const at = world.clock.now() + 1;
    await world.drain(10 * minute);
    expect(await world.checkpoint(users)).toMatchObject({ outcome: 'complete', stopped: null });
    expect((await world.checkpoint(locations)).state).toBe('exhausted');
    // Probes, and not five tries; and the sweep has had the turn of its pause.
    const seconds = callsSince(world, at).map(([second]) => second);
    expect(seconds.length).toBeLessThanOrEqual(4);
    expect(seconds[1]! - seconds[0]!).toBeGreaterThan(100);
    expect((await world.outages.read('mobaro')).since).not.toBeNull();
  });

  it.each([
    ['no answer', down],
    ['an error of our own', () => Promise.reject(new TypeError('x'))],
  ] as const)('a cap that a deployment has raised grants no more tries: %s', async (_, vendor) => {
    const world = await givenUp([users]);
    const raised = streamNamed(users, { settings: { attemptCap: 10 } });
    Object.assign(world.deps, { streams: new Map([[users, raised]]) });
    world.vendor.handle(vendor);
    const at = world.clock.now();
    await world.drain(minute);
    expect(callsSince(world, at)).toHaveLength(1);
    expect(await world.checkpoint()).toMatchObject({ state: 'exhausted', attempt: 6 });
  });

  it('a run that a probe brings to its end still deletes what has gone', async () => {
    const world = new SyncWorld({ vendor: well });
    await world.tick();
    await world.drain();
    await world.clock.advance(15 * minute);
    const fewer = mobaroWith(44);
    const isLast = (url: string): boolean => Number(new URL(url).searchParams.get('Offset')) > 20;
    world.vendor.handle((request) => (isLast(request.url) ? { status: 503 } : fewer(request)));
    await world.tick();
    await world.drain(80_000);
    expect((await world.checkpoint()).state).toBe('exhausted');
    world.vendor.handle(fewer);
    await world.drain(2 * minute);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { deleted: 1 } });
  });

  it('a page whose tries all crashed is probed, too', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    await world.checkpoints.replace({ ...(await world.checkpoint()), attempt: 5 });
    const report = await world.deliver();
    expect(report).toMatchObject({
      outcome: 'deferred',
      streamOutcome: 'exhausted',
      next: 'redrive',
      requests: 0,
    });
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', stopped: null });
  });

  it('answers that cannot be understood, and limits that are used up, are lived through as well', async () => {
    for (const bad of [{ body: '<html></html>' }, { status: 429 }]) {
      const world = new SyncWorld({ vendor: () => bad });
      await world.tick();
      await world.drain(20 * minute);
      expect((await world.checkpoint()).state).toBe('exhausted');
      world.vendor.handle(well);
      await world.drain(6 * minute);
      expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', stopped: null });
    }
  });
});

describe('a probe', () => {
  it('is what is stored while it is under way: exhausted, with the same reason', async () => {
    const world = await givenUp([users]);
    const before = await world.checkpoint();
    let during = before;
    world.vendor.handle(async () => {
      during = await world.checkpoint();
      return { status: 503 };
    });
    await world.drain(40_000);
    const { state, outcome, outcomeAt, reason, attempt, lease } = during;
    expect({ state, outcome, outcomeAt, reason }).toEqual({
      ...{ state: 'exhausted', outcome: 'exhausted', outcomeAt: before.outcomeAt, reason: 'HTTP 503' },
    });
    expect([attempt, lease === null]).toEqual([6, false]);
    expect(await world.checkpoint()).toMatchObject({ attempt: 6, lease: null });
  });

  it('that is killed is no reason for another one before its time', async () => {
    const world = await givenUp();
    const at = world.clock.now();
    const killed = { ...world.deps, vendor: { call: () => Promise.reject(new Error('killed')) } };
    await world.clock.advance(40_000);
    const received = world.queue.receive();
    const dead = new AbortController();
    dead.abort(new Error('killed'));
    await expect(
      syncPage({ kind: 'message', message: received!.message }, killed, dead.signal),
    ).rejects.toThrow('killed');
    await world.clock.advance(20_000);
    await world.tick(locations);
    await world.watch();
    expect(callsSince(world, at)).toEqual([]);
    // Its message comes back after the queue's time-out, and asks.
    await world.drain(5 * minute);
    expect(callsSince(world, at).length).toBeGreaterThan(0);
  });

  it.each([
    ['loses its message', () => Promise.resolve()],
    [
      'is of a stream that a person has paused',
      async (world: SyncWorld) => {
        const checkpoint = await world.checkpoint(users);
        await world.checkpoints.replace(pausedCheckpoint(checkpoint, world.clock.now())!);
      },
    ],
  ])('that %s is revived by the watchdog with another stream', async (_, happens) => {
    const world = await givenUp();
    await happens(world);
    await loseMessage(world);
    world.vendor.handle(well);
    await world.clock.advance(5 * minute);
    const revivals = await world.watch();
    expect(revivals).toEqual([{ stream: locations, reason: 'probe' }]);
    await world.drain(minute);
    const paused = (await world.checkpoint(users)).state === 'paused';
    expect(await states(world)).toEqual([paused ? 'paused' : 'idle', 'idle', 'idle']);
  });

  it.each([
    [404, 'missing'],
    [403, 'forbidden'],
  ])('that is answered with %i halts its stream, and another one asks', async (status, outcome) => {
    const world = await givenUp();
    world.vendor.handle(({ url }) => ({ status: url.includes('/users') ? status : 503 }));
    const at = world.clock.now();
    await world.drain(4 * minute);
    expect(await world.checkpoint(users)).toMatchObject({ state: 'halted', outcome });
    expect(callsSince(world, at).map(([, list]) => list)).toEqual(['users', 'locations', 'timesheets']);
  });

  it('that is refused its key stops the whole connection', async () => {
    const world = await givenUp();
    world.vendor.handle(() => ({ status: 401 }));
    const at = world.clock.now();
    await world.drain(60 * minute);
    expect(callsSince(world, at)).toHaveLength(1);
    expect((await world.breakers.read('mobaro')).state).toBe('open');
    expect(await world.watch()).toEqual([]);
    world.vendor.handle(well);
    world.secrets.change({ apiKey: 'new and made-up' });
    for (let round = 0; round < 4; round += 1) {
      await world.watch();
      await world.drain(5 * minute);
    }
    expect(await states(world)).toEqual(['idle', 'idle', 'idle']);
  });

  it('of a stream that is no longer deployed is another stream’s', async () => {
    const world = await givenUp();
    const left = new SyncWorld({ defined: [locations, timesheets].map((name) => streamNamed(name)) });
    const { checkpoints, outages, queue, clock, vendor } = world;
    vendor.handle(well);
    await world.clock.advance(40_000);
    const deps = { ...world.deps, streams: left.streams };
    const received = queue.receive();
    await world.invoke({ kind: 'message', message: received!.message }, deps);
    queue.delete(received!.receiptHandle);
    expect(queue.contents).toEqual([]);
    Object.assign(left, { checkpoints, outages, queue, clock, vendor });
    expect(await left.watch()).toEqual([{ stream: locations, reason: 'probe' }]);
  });
});

describe('a person', () => {
  it('who runs a stream in an outage has it tried at once, and its good answer ends the outage', async () => {
    const world = await givenUp();
    const at = world.clock.now();
    const { checkpoints, breakers, queue, clock, deps } = world;
    const run = () =>
      runStream(
        { name: timesheets, byTick: () => false },
        { checkpoints, breakers, queue, clock, newId: deps.newId },
      );
    await run();
    await world.deliver();
    expect(callsSince(world, at)).toEqual([[0, 'timesheets']]);
    await world.drain(80_000);
    expect(await states(world)).toEqual(['exhausted', 'exhausted', 'exhausted']);

    world.vendor.handle(well);
    await world.clock.advance(1000);
    const fixed = world.clock.now();
    await run();
    await world.drain(10_000);
    expect(callsSince(world, fixed)[0]).toEqual([0, 'timesheets']);
    await world.drain(minute);
    expect(await states(world)).toEqual(['idle', 'idle', 'idle']);
  });

  it('who resumes one in an outage has it tried with the next tick', async () => {
    const world = await givenUp();
    await resumeStream(timesheets, world);
    const at = world.clock.now();
    await world.tick(timesheets);
    expect(callsSince(world, at)).toEqual([[0, 'timesheets']]);
  });
});

it('streams that an older version has given up are probed by the watchdog’s next round', async () => {
  const world = await givenUp();
  await loseMessage(world);
  Object.assign(world, { outages: new FakeOutages() });
  expect(await world.watch()).toEqual([{ stream: locations, reason: 'probe' }]);
});

describe('two connections in one limit scope', () => {
  const other = 'second/users';

  /** The second one lives in the world of the first, with a queue and functions of its own. */
  function twoConnections(): readonly [SyncWorld, SyncWorld] {
    const first = new SyncWorld({ streams: [users, locations], vendor: down });
    const second = new SyncWorld({ defined: [streamNamed(other, { connector: mobaro, group: 'mobaro' })] });
    const { clock, outages, governor, vendor } = first;
    const shared = { clock, outages, governor, vendor, queue: new FakePageQueue(clock) };
    Object.assign(second, shared);
    Object.assign(second.deps, shared);
    return [first, second];
  }

  async function live(worlds: readonly SyncWorld[], forMs: number): Promise<void> {
    const { clock } = worlds[0]!;
    const end = clock.now() + forMs;
    while (clock.now() < end) {
      for (const world of worlds) while ((await world.deliver()) !== undefined);
      await clock.advance(1000);
    }
  }

  it('make one call a pause, and go on within seconds of each other', async () => {
    const [first, second] = twoConnections();
    await first.tick(users);
    await first.tick(locations);
    await second.tick(other);
    await live([first, second], 85_000);
    expect((await second.checkpoint(other)).state).toBe('exhausted');
    expect((await first.outages.read('mobaro')).carriers).toEqual({ mobaro: users, second: other });
    const at = first.clock.now();
    await live([first, second], 20 * minute);
    const seconds = callsSince(first, at).map(([second]) => second);
    const gaps = seconds.slice(1).map((second, index) => second - seconds[index]!);
    expect(gaps.every((gap, index) => gap >= Math.min(45 * 1.5 ** index, 300))).toBe(true);
    expect(seconds.length).toBeGreaterThan(5);

    first.vendor.handle(well);
    const fixed = first.clock.now();
    await live([first, second], 6 * minute);
    expect((await first.checkpoint(users)).state).toBe('idle');
    expect((await second.checkpoint(other)).state).toBe('idle');
    const asked = first.vendor.requests.filter(({ at: when }) => when >= fixed).map(({ at: when }) => when);
    expect(Math.max(...asked) - Math.min(...asked)).toBeLessThanOrEqual(20_000);
  });

  it('lose nothing where the one that asks is gone: the other asks soon after', async () => {
    const [first, second] = twoConnections();
    await first.tick(users);
    await second.tick(other);
    await live([first, second], 85_000);
    const at = first.clock.now();
    await live([second], 2 * minute);
    expect(callsSince(first, at).length).toBeGreaterThanOrEqual(2);
  });
});
