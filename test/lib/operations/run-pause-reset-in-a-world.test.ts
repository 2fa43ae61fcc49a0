import { describe, expect, it } from 'vitest';

import { pauseStream } from '../../../lib/operations/pause.ts';
import { resetStream } from '../../../lib/operations/reset.ts';
import { resumeStream } from '../../../lib/operations/resume.ts';
import { runStream } from '../../../lib/operations/run.ts';
import type { PageMessage } from '../../../lib/sync/message.ts';
import type { FakeAnswer, FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { madeUp, madeUpWorld, nextRun } from '../../support/made-up-vendor.ts';
import { streamNamed } from '../../support/streams.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const name = 'mobaro/users';

function offsets(world: SyncWorld): number[] {
  return world.vendor.requests.map(({ request }) => Number(new URL(request.url).searchParams.get('Offset')));
}

/** The world's own ports, as a command has them. */
function ports(world: SyncWorld) {
  const { checkpoints, breakers, queue, newId } = world.deps;
  return { checkpoints, breakers, queue, newId, clock: world.clock };
}

const run = (world: SyncWorld, byTick = false) => runStream({ name, byTick: () => byTick }, ports(world));
const reset = (world: SyncWorld, offset = 0) =>
  resetStream({ name, definition: streamNamed(name).definition }, offset, ports(world));
const pause = (world: SyncWorld) => pauseStream(name, ports(world));

/** Does something the first time that this offset is asked for, while its page is under way. */
function meanwhile(offset: string, vendor: FakeHandler, act: () => Promise<unknown>): FakeHandler {
  let done = false;
  return async (request) => {
    if (!done && new URL(request.url).searchParams.get('Offset') === offset) {
      done = true;
      await act();
    }
    const answer = await vendor(request);
    if (answer === 'never') throw new Error('a vendor that answers is wanted');
    return answer;
  };
}

describe('run', () => {
  it('starts a stream at once, to its end, and leaves its ticks as they are', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(60) });

    expect(await run(world)).toEqual({ target: name, changed: true, sentence: 'mobaro/users starts now.' });
    await world.drain();

    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete', lastTick: null });
    expect(await world.storedIds()).toHaveLength(60);
  });

  it('does nothing to a run that is under way, however often', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(60) });
    await world.tick();
    expect(await run(world)).toMatchObject({
      changed: false,
      sentence: 'mobaro/users is under way already.',
    });
    await world.drain();

    expect(offsets(world)).toEqual([0, 19, 38, 57]);
  });

  it('goes on at once with a run that was given up', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 503 }) });
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ state: 'exhausted' });
    world.vendor.handle(mobaroWith(5));

    expect(await run(world)).toMatchObject({ changed: true });
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', stopped: null });
  });

  it('fetches one more page of a stream that goes on by its ticks', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(60), settings: { continuation: 'nextTick' } });
    await world.tick();
    await run(world, true);
    await world.drain();

    expect(offsets(world)).toEqual([0, 19]);
  });

  it('leaves alone what is halted, and what the vendor made wait', async () => {
    const halted = new SyncWorld({ vendor: () => ({ status: 404 }) });
    await halted.tick();
    expect(await run(halted)).toMatchObject({ changed: false, refused: true });

    const waiting = new SyncWorld({ vendor: () => ({ status: 429, headers: { 'Retry-After': '600' } }) });
    await waiting.tick();
    const { sentence, refused } = await run(waiting);
    expect([refused, sentence]).toEqual([true, expect.stringMatching(/has to wait until .* \(HTTP 429\)/)]);
    expect(waiting.vendor.requests).toHaveLength(1);
  });

  it('does not call with a key that was refused', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 401 }) });
    await world.tick();

    expect((await run(world)).sentence).toContain('the vendor refused the key of mobaro');
    await world.drain();
    expect(world.vendor.requests).toHaveLength(1);
  });

  it.each([
    ['the next tick', (world: SyncWorld) => world.tick()],
    ['the watchdog', (world: SyncWorld) => world.watch()],
    ['another run', run],
  ])('leaves the run to %s at once where its message could not be sent', async (_, carry) => {
    const world = new SyncWorld({ vendor: mobaroWith(30) });
    const unreachable = Object.assign(new Error('connect to 10.0.0.1'), { name: 'TimeoutError' });
    const queue = { send: () => Promise.reject(unreachable) };

    expect(await runStream({ name, byTick: () => false }, { ...ports(world), queue })).toEqual({
      target: name,
      changed: true,
      sentence:
        'mobaro/users starts with the next tick, or when the watchdog comes by (its message could not be sent: TimeoutError).',
    });
    expect(await world.checkpoint()).toMatchObject({ state: 'parked', outcome: 'waiting' });

    await world.clock.advance(1000);
    await carry(world);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });

  it('leaves a run as it is that its message has reached though the answer was lost', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(30) });
    const queue = {
      send: async (message: PageMessage): Promise<void> => {
        await world.deps.queue.send(message, 0);
        await world.drain();
        throw new Error('no answer');
      },
    };
    const { sentence } = await runStream({ name, byTick: () => false }, { ...ports(world), queue });
    expect(sentence).toBe('mobaro/users starts now.');
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
  });

  it('leaves the run to the next tick, or to the watchdog, where there is no queue', async () => {
    for (const carry of [(world: SyncWorld) => world.tick(), (world: SyncWorld) => world.watch()]) {
      const world = new SyncWorld({ vendor: mobaroWith(30) });
      const { sentence } = await runStream({ name, byTick: () => false }, { ...ports(world), queue: null });
      expect(sentence).toBe('mobaro/users starts with the next npm start.');
      await world.clock.advance(1000);
      await carry(world);
      await world.drain();
      expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
    }
  });
});

describe('pause', () => {
  it('lets the page under way finish, and the run goes on behind it when it is resumed', async () => {
    const world = new SyncWorld();
    world.vendor.handle(meanwhile('19', mobaroWith(60), () => pause(world)));
    await world.tick();
    await world.drain();
    expect(offsets(world)).toEqual([0, 19]);
    expect(await world.checkpoint()).toMatchObject({ state: 'paused', outcome: 'paused', lease: null });

    // Longer than its budget of time: a pause is no work.
    await world.clock.advance(7 * 24 * 3_600_000);
    await world.tick();
    await world.watch();
    await world.drain();
    expect(offsets(world)).toEqual([0, 19]);

    await resumeStream(name, ports(world));
    await world.clock.advance(1000);
    await world.tick();
    await world.drain();
    expect(offsets(world)).toEqual([0, 19, 38, 57]);
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
  });

  it('does not count the pause between two pages as work', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(60) });
    await world.tick();
    await world.clock.advance(1000);
    await pause(world);
    expect(await world.checkpoint()).toMatchObject({ waitingSince: world.clock.now() });
    await world.clock.advance(7 * 24 * 3_600_000);
    await resumeStream(name, ports(world));
    await world.watch();
    await world.drain();

    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });

  it('keeps a stream still that has never run, says so once, and leaves a halted one', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 404 }) });
    expect(await pause(world)).toMatchObject({ changed: true });
    expect(await pause(world)).toMatchObject({ changed: false, sentence: 'mobaro/users is paused already.' });
    await world.tick();
    expect(world.vendor.requests).toHaveLength(0);

    await resumeStream(name, ports(world));
    await world.clock.advance(1000);
    await world.tick();
    expect(await pause(world)).toMatchObject({ changed: false, refused: true });
    expect(await world.checkpoint()).toMatchObject({ state: 'halted' });
  });
});

describe('reset', () => {
  it('cannot be undone by the page that is under way', async () => {
    const world = new SyncWorld();
    world.vendor.handle(meanwhile('38', mobaroWith(60), () => reset(world)));
    await world.tick();
    await world.drain();
    const before = await world.checkpoint();
    expect(before).toMatchObject({ state: 'parked', position: null, sequence: 0 });
    expect(before.progress).toMatchObject({ pages: 0 });

    // The lease of the old page holds off the new run: never two calls at once.
    expect(before.lease?.until).toBeGreaterThan(world.clock.now());
    await world.clock.advance(1000);
    expect((await world.tick()).outcome).toBe('busy');
    await world.clock.advance(60_000);
    await world.tick();
    await world.drain();
    expect(offsets(world)).toEqual([0, 19, 38, 0, 19, 38, 57]);
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
    expect(await world.storedIds()).toHaveLength(60);
  });

  it('makes the messages of the old run stale', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(60) });
    await world.tick();
    await reset(world);
    expect((await world.deliver())?.outcome).toBe('stale');
  });

  it('begins at an offset, as a run that deletes nothing and is not called complete', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(60) });
    for (let round = 0; round < 2; round += 1) {
      await world.clock.advance(1_000_000);
      await world.tick();
      await world.drain();
    }
    world.vendor.requests.length = 0;
    expect((await reset(world, 40)).sentence).toContain('begins at offset 40');
    await world.watch();
    await world.drain();

    expect(offsets(world)[0]).toBe(40);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'partial',
      reason: 'a person let it begin at offset 40',
    });
    expect(await world.storedIds()).toHaveLength(60);
  });

  it('keeps a halt and a pause, and ends the halt of a run that went in circles', async () => {
    const missing = new SyncWorld({ vendor: () => ({ status: 404 }) });
    await missing.tick();
    await reset(missing);
    expect(await missing.checkpoint()).toMatchObject({ state: 'halted', outcome: 'missing' });

    const page: FakeAnswer = { status: 200, body: { items: [{ id: 'a' }, { id: 'b' }], total: 99 } };
    const circles = new SyncWorld({ vendor: () => page });
    await circles.tick();
    await circles.drain();
    await pause(circles);
    await reset(circles);
    expect((await circles.checkpoint()).state).not.toBe('halted');
  });

  it.each([
    ['bob/employment', 'its vendor pages by cursor'],
    ['bob/people', 'it comes in one answer'],
    ['bob/custom-table', 'it is requested for one parent after the other'],
    ['mobaro/results', 'it is read by time'],
  ])('refuses an offset where there is none: %s', async (stream, why) => {
    const world = new SyncWorld();
    const { definition } = streamNamed(stream);
    const { refused, sentence } = await resetStream({ name: stream, definition }, 5, ports(world));
    expect([refused, sentence]).toEqual([
      true,
      `${stream} can only begin at the beginning, for ${why}: leave --position out.`,
    ]);
    expect(await world.checkpoints.read(stream)).toBeUndefined();
  });

  it('lets a list that is read by time begin at its history again', async () => {
    const world = madeUpWorld(['changes'], () => ({ status: 200, body: { rows: [] } }));
    const changes = { name: 'made-up/changes', definition: madeUp.streams['changes'] };
    const whole = await nextRun(world, 'changes');
    expect(await nextRun(world, 'changes')).toHaveLength(1);
    await resetStream(changes, 0, ports(world));
    expect(await nextRun(world, 'changes')).toHaveLength(whole.length);
  });
});
