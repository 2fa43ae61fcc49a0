import { describe, expect, it } from 'vitest';

import { resumeStream } from '../../../lib/operations/resume.ts';
import { ChangingList, worldOf } from '../../support/changing-list.ts';
import { SyncWorld } from '../../support/sync-world.ts';

describe('a run whose budget of time is spent', () => {
  const slow = (hours: number) => ({ timeBudgetHours: hours });

  it('is halted as a runaway at its position, and a person grants it as much again', async () => {
    const world = new SyncWorld({ vendor: new ChangingList(100).answer, settings: slow(2) });
    await world.tick();
    await world.clock.advance(2 * 3_600_000);
    expect(await world.deliver()).toMatchObject({ outcome: 'rejected', streamOutcome: 'runaway' });
    expect(await world.checkpoint()).toMatchObject({
      state: 'halted',
      position: { offset: 20 },
      reason: "the run's budget of 2 hours of work is spent",
    });
    expect(world.troubles()).toContain('held');
    await resumeStream('mobaro/users', world);
    await world.clock.advance(3_600_000);
    await world.tick();
    await world.clock.advance(2 * 3_600_000 - 1);
    expect(await world.deliver()).toMatchObject({ outcome: 'fetched', sequence: 2 });
    await world.clock.advance(1);
    expect(await world.deliver()).toMatchObject({ streamOutcome: 'runaway' });
  });

  it('goes on with another definition, too, and with its budgets anew', async () => {
    const world = new SyncWorld({ vendor: new ChangingList(60).answer, settings: { pageBudget: 2 } });
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ state: 'halted', outcome: 'runaway' });
    const [users] = [...world.streams.values()];
    if (users === undefined) throw new Error('no stream');
    const redefined = { ...users, settings: { ...users.settings, pageSize: 100 } };
    const deps = { ...world.deps, streams: new Map([[users.name, redefined]]) };
    await world.clock.advance(15 * 60_000);
    const tick = { kind: 'tick', stream: users.name, scheduledAt: world.clock.now() } as const;
    expect(await world.invoke(tick, deps)).toMatchObject({ outcome: 'fetched', streamOutcome: 'running' });
  });

  it('may still look for what has gone, once it has been through', async () => {
    const world = await worldOf(new ChangingList(19), { ...slow(2) }, { runs: 2 });
    await world.clock.advance(15 * 60_000);
    await world.tick();
    await world.clock.advance(3 * 3_600_000);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });

  it('does not count what it waits for the vendor', async () => {
    const list = new ChangingList(100);
    const world = new SyncWorld({ vendor: list.answer, settings: slow(2) });
    await world.tick();
    world.vendor.handle(() => ({ status: 429, headers: { 'retry-after': String(9 * 3600) } }));
    await world.deliver();
    world.vendor.handle(list.answer);
    await world.clock.advance(9 * 3_600_000 + 60_000);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });

  it('does not count the time between the ticks that carry it', async () => {
    const world = new SyncWorld({
      vendor: new ChangingList(100).answer,
      settings: { ...slow(2), continuation: 'nextTick' },
    });
    for (let tick = 0; tick < 6; tick += 1) {
      await world.tick();
      await world.clock.advance(3_600_000);
      await world.drain();
    }
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });
});
