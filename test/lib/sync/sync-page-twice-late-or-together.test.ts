import { describe, expect, it } from 'vitest';

import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { killedAt } from '../../support/killed.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('ticks and messages that come twice, late or together', () => {
  it('a tick that was acted on starts nothing', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(5) });
    const scheduledAt = world.clock.now();
    await world.tick('mobaro/users', scheduledAt);
    await world.clock.advance(minute);
    expect(await world.tick('mobaro/users', scheduledAt)).toMatchObject({ outcome: 'stale', requests: 0 });
    expect(await world.tick('mobaro/users', scheduledAt - 1)).toMatchObject({ outcome: 'stale' });
  });

  it('a tick on a run that waits leaves it alone', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 503, headers: { 'retry-after': '600' } }) });
    await world.tick();
    await world.clock.advance(minute);
    expect(await world.tick()).toMatchObject({ outcome: 'refused', next: 'none', requests: 0 });
    expect(world.queue.contents).toHaveLength(1);
  });

  it('a tick on a run that is free goes on with it, and the message it overtook dies', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    await world.clock.advance(minute);
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', sequence: 1 });
    expect(world.queue.contents).toHaveLength(2);
    expect(await world.deliver()).toMatchObject({ outcome: 'stale', requests: 0 });
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
  });

  it('a message that comes twice does its page once', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    const [sent] = world.queue.contents;
    await world.queue.send(sent!.message, 0);
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
    expect(world.reports.filter(({ outcome }) => outcome === 'stale')).toHaveLength(1);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });

  it('two invocations at once make one call', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    const [sent] = world.queue.contents;
    world.vendor.handle(async (request) => {
      world.vendor.handle(mobaroWith(45));
      const second = await world.invoke({ kind: 'message', message: sent!.message });
      expect(second).toMatchObject({ outcome: 'busy', requests: 0 });
      return mobaroWith(45)(request) as FakeAnswer;
    });
    expect(await world.deliver()).toMatchObject({ outcome: 'fetched', sequence: 1 });
    expect(world.vendor.requests).toHaveLength(2);
  });

  it('a message waits for the lease of another invocation', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    const free = await world.checkpoint();
    const until = world.clock.now() + 40_000;
    await world.checkpoints.replace({ ...free, lease: { holder: 'somebody else', until } });
    expect(await world.deliver()).toMatchObject({ outcome: 'busy', next: 'redrive', retryAt: until });
    expect(await world.tick('mobaro/users', world.clock.now() + 1)).toMatchObject({
      outcome: 'busy',
      next: 'none',
    });
    await world.drain();
    expect(world.vendor.requests[1]?.at).toBeGreaterThanOrEqual(until);
  });

  it('who lost the lease while the vendor answered stores no position', async () => {
    const world = new SyncWorld();
    world.vendor.handle(async (request) => {
      const held = await world.checkpoint();
      await world.checkpoints.replace({ ...held, sequence: 7, lease: { holder: 'somebody else', until: 0 } });
      return mobaroWith(45)(request) as FakeAnswer;
    });
    expect(await world.tick()).toMatchObject({ outcome: 'stale', next: 'none' });
    expect(await world.checkpoint()).toMatchObject({ sequence: 7, position: null });
    expect(world.queue.contents).toEqual([]);
  });

  it('a change that leaves the lease alone costs the holder nothing', async () => {
    const world = new SyncWorld();
    world.vendor.handle(async (request) => {
      await world.checkpoints.replace({ ...(await world.checkpoint()), lastTick: 5 });
      return mobaroWith(45)(request) as FakeAnswer;
    });
    expect(await world.tick()).toMatchObject({ outcome: 'fetched' });
    expect(await world.checkpoint()).toMatchObject({ sequence: 1, lastTick: 5 });
  });

  it('a stream that was paused while its page was under way keeps the page and stops', async () => {
    const world = new SyncWorld();
    world.vendor.handle(async (request) => {
      await world.checkpoints.replace({ ...(await world.checkpoint()), state: 'paused', outcome: 'paused' });
      return mobaroWith(45)(request) as FakeAnswer;
    });
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', next: 'none', streamOutcome: 'paused' });
    expect(await world.checkpoint()).toMatchObject({
      state: 'paused',
      position: { kind: 'offset', offset: 20 },
    });
    await world.clock.advance(hour);
    expect(await world.tick()).toMatchObject({ outcome: 'stale', reason: 'the stream is paused' });
    expect(await world.watch()).toEqual([]);
  });

  it('a message for a stream that this deployment does not have is let go', async () => {
    const world = new SyncWorld();
    const message = { v: 1, stream: 'mobaro/gone', run: 'r', sequence: 0 } as const;
    expect(await world.invoke({ kind: 'message', message })).toMatchObject({
      outcome: 'stale',
      next: 'none',
    });
  });
});

describe('a crash', () => {
  it('counts as an attempt, and at the cap the next one closes the run without a call', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    const { deps, revive } = killedAt('vendor', world);
    const [sent] = world.queue.contents;
    for (let crash = 1; crash <= 5; crash += 1) {
      await expect(world.invoke({ kind: 'message', message: sent!.message }, deps)).rejects.toThrow('killed');
      revive();
      expect((await world.checkpoint()).attempt).toBe(crash);
      await world.clock.advance(180_000);
    }
    await world.deliver();
    expect(world.vendor.requests).toHaveLength(1);
    expect(await world.checkpoint()).toMatchObject({
      state: 'exhausted',
      outcome: 'exhausted',
      reason: '5 tries in a row ended without a result',
    });
    expect(world.troubles()).toContain('exhausted');
  });
});
