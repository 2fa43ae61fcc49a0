import { describe, expect, it } from 'vitest';

import { resumeConnection } from '../../../lib/operations/resume.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { definitionHash } from '../../../lib/sync/definition-hash.ts';
import { secretPlaceholder } from '../../../lib/sync/credentials.ts';
import { decideRevival, watch } from '../../../lib/sync/watch.ts';
import { streamNamed } from '../../support/streams.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const minute = 60_000;
const now = Date.parse('2026-03-01T12:00:00Z');
const stream = streamNamed('mobaro/users');
const nextTick = streamNamed('mobaro/users', { settings: { continuation: 'nextTick' } });

function stored(part: Partial<Checkpoint>): Checkpoint {
  return { ...newCheckpoint('mobaro/users'), revision: 3, run: 'run-1', sequence: 2, ...part };
}

/** The queue's visibility (three minutes) and a minute more. */
const silence = 4 * minute;

describe('the watchdog revives', () => {
  it.each([
    ['a run that stands still', { movedAt: now - silence }, 'stranded'],
    ['a run whose holder died', { lease: { holder: 'h', until: now - silence } }, 'stranded'],
    ['a run whose re-drive was lost', { retryAt: now - silence }, 'stranded'],
  ])('%s', (_, part, reason) => {
    const context = { stream, now, newRun: 'run-2', credentials: 'good' } as const;
    const decision = decideRevival(stored({ state: 'running', attempt: 2, ...part }), context);
    expect(decision).toMatchObject({
      reason,
      next: { state: 'running', run: 'run-1', sequence: 2, movedAt: now },
    });
    // A page that kills its function must still come to the attempt cap.
    expect(decision?.next.attempt).toBe(2);
  });

  it.each([
    ['a run that has just moved', { state: 'running', movedAt: now - silence + 1 }],
    ['a run that is held', { state: 'running', lease: { holder: 'h', until: now - silence + 1 } }],
    ['a run that waits', { state: 'running', retryAt: now - silence + 1 }],
    ['what is exhausted', { state: 'exhausted' }],
    ['what is paused', { state: 'paused' }],
    ['what is parked and not due', { state: 'parked', retryAt: now + 1 }],
    ['an idle stream', { state: 'idle', run: null, lastTick: now - 22 * minute }],
    ['an idle stream that has never had a tick', { state: 'idle', run: null }],
    [
      'what is halted and has not changed',
      { state: 'halted', halt: { outcome: 'missing', at: 1, definition: definitionHash(stream) } },
    ],
  ] as const)('but not %s', (_, part) => {
    const context = { stream, now, newRun: 'run-2', credentials: 'good' } as const;
    expect(decideRevival(stored(part), context)).toBeNull();
  });

  it('what is parked, when its time has come', () => {
    const context = { stream, now, newRun: 'run-2', credentials: 'good' } as const;
    expect(decideRevival(stored({ state: 'parked', retryAt: now, attempt: 1 }), context)).toMatchObject({
      reason: 'parked',
      next: { state: 'running', run: 'run-1', attempt: 1 },
    });
  });

  it('a stream that is overdue by half a gap', () => {
    const context = { stream, now, newRun: 'run-2', credentials: 'good' } as const;
    const idle = stored({ state: 'idle', run: null, lastTick: now - 22.5 * minute - 1 });
    expect(decideRevival(idle, context)).toMatchObject({
      reason: 'missed tick',
      next: { state: 'running', run: 'run-2', sequence: 0, position: null, lastTick: now },
    });
  });

  it('a halted stream whose definition has changed', () => {
    const context = { stream, now, newRun: 'run-2', credentials: 'good' } as const;
    const halted = stored({ state: 'halted', halt: { outcome: 'rejected', at: 1, definition: 'older' } });
    expect(decideRevival(halted, context)).toMatchObject({
      reason: 'fixed',
      next: { state: 'running', run: 'run-1', sequence: 2, halt: null, attempt: 0 },
    });
  });

  it('a nextTick stream only if its tick has not come', () => {
    const context = { stream: nextTick, now, newRun: 'run-2', credentials: 'good' } as const;
    const open = stored({ state: 'running', movedAt: now - 10 * minute, lastTick: now - 10 * minute });
    expect(decideRevival(open, context)).toBeNull();
    const late = { ...open, lastTick: now - 23 * minute };
    expect(decideRevival(late, context)).toMatchObject({ reason: 'stranded' });
  });

  it('nothing while the credentials are in doubt', () => {
    const context = { stream, now, newRun: 'run-2', credentials: 'in doubt' } as const;
    expect(decideRevival(stored({ state: 'running', movedAt: 0 }), context)).toBeNull();
  });
});

describe('a lost message', () => {
  it('costs visibility and a watchdog period, and no page', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    const lost = world.queue.receive();
    world.queue.delete(lost?.receiptHandle ?? '');
    expect(await world.watch()).toEqual([]);
    await world.clock.advance(silence);
    expect(await world.watch()).toEqual([{ stream: 'mobaro/users', reason: 'stranded' }]);
    // Said once: the next look finds it moving.
    expect(await world.watch()).toEqual([]);
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });
});

describe('the number', () => {
  it('is published for every connection, also for one that has not begun', async () => {
    const world = new SyncWorld({ streams: ['mobaro/users', 'mobaro/locations'] });
    await world.watch();
    expect([...world.measured.last.entries()]).toEqual([['mobaro', []]]);
  });

  it('lasts as long as its cause', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 404 }) });
    await world.tick();
    for (let look = 0; look < 3; look += 1) {
      await world.clock.advance(5 * minute);
      world.measured.last.clear();
      await world.watch();
      expect(world.troubles()).toContain('missing');
    }
  });

  it('is of what was read: a run that is revived is no better yet', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(5) });
    await world.tick();
    await world.drain();
    world.secrets.change({ apiKey: secretPlaceholder });
    await world.clock.advance(15 * minute);
    await world.tick();
    await world.clock.advance(10 * minute);
    for (const reason of ['missed tick', 'stranded']) {
      expect(await world.watch()).toMatchObject([{ reason }]);
      expect(world.troubles()).toEqual(['unconfigured']);
      await world.drain();
      await world.clock.advance(5 * minute);
    }
  });
});

describe('a connection that cannot be watched', () => {
  it('does not keep the others from it, and is an error', async () => {
    const world = new SyncWorld({ vendor: () => ({ status: 401 }) });
    await world.tick();
    const other = new SyncWorld({ vendor: () => ({ status: 404 }) });
    await other.tick();
    const failing = {
      name: 'mobaro',
      streams: [...world.streams.values()],
      queue: world.queue,
      secretVersion: () => Promise.reject(new Error('denied')),
    };
    const bob = {
      name: 'bob',
      streams: [streamNamed('bob/people')],
      queue: other.queue,
      secretVersion: () => Promise.resolve('v'),
    };
    const { checkpoints, breakers, outages, measured: measurements, clock, deps } = world;
    const watched = watch({
      connections: [failing, bob],
      checkpoints,
      breakers,
      outages,
      measurements,
      faults: deps.faults,
      clock,
      newId: deps.newId,
    });
    await expect(watched).rejects.toThrow('Not everything could be watched');
    expect(world.troubles('bob/people')).toEqual([]);
  });
});

describe('a connection that a person has resumed', () => {
  it('is tried by one page at the next look, of a stream that had no run open, too', async () => {
    const world = new SyncWorld({
      streams: ['mobaro/users', 'mobaro/locations'],
      vendor: () => ({ status: 401 }),
    });
    await world.tick('mobaro/users');
    await world.tick('mobaro/locations');
    const { checkpoints, breakers, clock } = world;
    await resumeConnection('mobaro', [...world.streams.keys()], { checkpoints, breakers, clock });
    world.vendor.handle(mobaroWith(5));
    expect(await world.watch()).toHaveLength(1);
    await world.drain();
    expect(await world.watch()).toHaveLength(1);
    await world.drain();
    for (const stream of world.streams.keys()) {
      expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
    }
    expect(world.troubles('mobaro')).toEqual([]);
  });
});

describe('a breaker that is half-open', () => {
  const fortyOne = (): { status: number } => ({ status: 401 });

  async function mendedButLost(): Promise<SyncWorld> {
    const world = new SyncWorld({ vendor: fortyOne });
    await world.tick();
    world.secrets.change({ apiKey: 'another' });
    world.vendor.handle(mobaroWith(5));
    await world.watch();
    // The message of the probing page is lost, or the watchdog died before it sent it.
    world.queue.delete(world.queue.receive()?.receiptHandle ?? '');
    return world;
  }

  it('is tried again when the probing page got lost', async () => {
    const world = await mendedButLost();
    await world.clock.advance(silence);
    expect(await world.watch()).toEqual([{ stream: 'mobaro/users', reason: 'stranded' }]);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
    expect(world.troubles('mobaro')).toEqual([]);
  });

  it('is unauthorized until a page has got through', async () => {
    const world = new SyncWorld({ vendor: fortyOne });
    await world.tick();
    world.secrets.change({ apiKey: 'another' });
    world.vendor.handle(mobaroWith(5));
    // The next round comes before the page has.
    await world.watch();
    await world.watch();
    expect(world.troubles('mobaro')).toEqual(['unauthorized']);
    await world.drain();
    expect(world.troubles('mobaro')).toEqual([]);
  });

  it('is tried again when the probing page was told to wait for long', async () => {
    const world = await mendedButLost();
    const checkpoint = await world.checkpoint();
    const retryAt = world.clock.now() + 12 * 60 * minute;
    await world.checkpoints.replace({ ...checkpoint, state: 'parked', retryAt });
    await world.clock.advance(12 * 60 * minute);
    expect(await world.watch()).toEqual([{ stream: 'mobaro/users', reason: 'parked' }]);
  });
});

describe('ticks that found a stream under way', () => {
  it('were not missed', () => {
    const context = { stream, now, newRun: 'run-2', credentials: 'good' } as const;
    const slow = stored({ state: 'idle', run: null, lastTick: now - 60 * minute, completedAt: now - minute });
    expect(decideRevival(slow, context)).toBeNull();
  });

  it('are made up for once each where a page comes with each', () => {
    const context = { stream: nextTick, now, newRun: 'run-2', credentials: 'good' } as const;
    const late = stored({ state: 'running', movedAt: now - 30 * minute, lastTick: now - 30 * minute });
    expect(decideRevival(late, context)?.next).toMatchObject({ lastTick: now });
  });
});

describe('an item that is damaged', () => {
  it('hides no other stream, is noted, and is a halt', async () => {
    const world = new SyncWorld({ streams: ['mobaro/users', 'mobaro/locations'] });
    const { checkpoints } = world;
    const readAll = checkpoints.readAll.bind(checkpoints);
    checkpoints.readAll = async (names, onUnreadable) => {
      onUnreadable?.('mobaro/users', { isNewer: false, error: new Error('damaged') });
      return readAll(names.filter((name) => name !== 'mobaro/users'));
    };
    await world.watch();
    expect(world.faults).toMatchObject([{ stream: 'mobaro/users' }]);
    expect(await world.checkpoint('mobaro/locations')).toMatchObject({ freshFrom: world.clock.now() });
    expect(world.troubles('mobaro')).toEqual(['halted']);
  });
});
