import { describe, expect, it } from 'vitest';

import { resumeConnection, resumeStream } from '../../../lib/operations/resume.ts';
import { syncPage } from '../../../lib/sync/sync-page.ts';
import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const users = 'mobaro/users';
const { signal } = new AbortController();

function offsets(world: SyncWorld): (string | null)[] {
  return world.vendor.requests.map(({ request }) => new URL(request.url).searchParams.get('Offset'));
}

describe('a stream that halted in the midst of its run', () => {
  async function haltedInTheMidst(status: number): Promise<SyncWorld> {
    const whole = mobaroWith(60);
    const world = new SyncWorld({
      vendor: (request) =>
        new URL(request.url).searchParams.get('Offset') === '38' ? { status } : whole(request),
    });
    await world.tick();
    await world.drain();
    world.vendor.handle(whole);
    return world;
  }

  it('may stand still for longer than its budget of time, for waiting is no work', async () => {
    const world = await haltedInTheMidst(403);
    await world.clock.advance(7 * 24 * 3_600_000);
    await resumeStream(users, world);
    await world.clock.advance(1000);
    await world.tick();
    await world.drain();

    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
  });

  it('is not asked again by ticks until it is resumed, and then goes on at its offset', async () => {
    const world = await haltedInTheMidst(410);
    await world.clock.advance(1000);
    await world.tick();
    expect(offsets(world)).toEqual(['0', '19', '38']);

    await resumeStream(users, world);
    await world.clock.advance(1000);
    await world.tick();
    await world.drain();

    expect(offsets(world)).toEqual(['0', '19', '38', '38', '57']);
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete', halt: null });
    expect(await world.storedIds()).toHaveLength(60);
  });

  it('also goes on by the watchdog, before its next tick', async () => {
    const world = await haltedInTheMidst(403);

    await resumeStream(users, world);
    await world.clock.advance(1000);
    await world.watch();
    await world.drain();

    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });

  it('tries the same key again once its connection is resumed', async () => {
    const world = await haltedInTheMidst(401);
    await world.clock.advance(1000);
    await world.tick();
    expect(offsets(world)).toHaveLength(3);

    await resumeConnection('mobaro', [users], world);
    await world.clock.advance(1000);
    await world.tick();
    await world.drain();

    expect(offsets(world)).toEqual(['0', '19', '38', '38', '57']);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
    expect(await world.breakers.read('mobaro')).toMatchObject({ state: 'closed' });
  });
});

describe('a stream that is paused and resumed while a page of it is under way', () => {
  it('is not asked a second time meanwhile', async () => {
    const world = new SyncWorld();
    const whole = mobaroWith(45);
    const meanwhile: unknown[] = [];
    world.vendor.handle(async (request) => {
      world.vendor.handle(whole);
      await world.checkpoints.replace({ ...(await world.checkpoint()), state: 'paused', outcome: 'paused' });
      await resumeStream(users, world);
      const scheduledAt = world.clock.now() + 1;
      meanwhile.push(await syncPage({ kind: 'tick', stream: users, scheduledAt }, world.deps, signal));
      return whole(request) as FakeAnswer;
    });
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', streamOutcome: 'running' });
    expect(meanwhile).toMatchObject([{ outcome: 'busy', requests: 0 }]);
    expect(offsets(world)).toEqual(['0']);
  });
});

describe('a runaway', () => {
  it('that is resumed goes on for as many pages as its budget, and no more', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(100), settings: { pageBudget: 2 } });
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'runaway' });

    await resumeStream(users, world);
    await world.clock.advance(1000);
    await world.tick();
    await world.drain();

    expect(offsets(world)).toEqual(['0', '19', '38', '57']);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'runaway' });
  });
});
