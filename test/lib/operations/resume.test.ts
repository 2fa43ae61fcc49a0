import { beforeEach, describe, expect, it } from 'vitest';

import { resumeConnection, resumeStream, type ResumePorts } from '../../../lib/operations/resume.ts';
import { newBreaker, type Breaker } from '../../../lib/sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { HaltOutcome } from '../../../lib/sync/outcome.ts';
import { resumedCheckpoint } from '../../../lib/sync/transitions/person.ts';
import { FakeBreakers } from '../../support/fakes/fake-breakers.ts';
import { FakeCheckpoints } from '../../support/fakes/fake-checkpoints.ts';
import { progressOf } from '../../support/progress.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
const users = 'mobaro/users';

let checkpoints: FakeCheckpoints;
let breakers: FakeBreakers;
let ports: ResumePorts;

beforeEach(() => {
  checkpoints = new FakeCheckpoints();
  breakers = new FakeBreakers();
  ports = { checkpoints, breakers, clock: { now: () => now } };
});

const stopped = { by: 'exhausted', since: 4 } as const;

const openRun: Partial<Checkpoint> = {
  run: 'run-1',
  sequence: 2,
  position: { kind: 'offset', offset: 40 },
  lastTick: 7,
  movedAt: 5,
};

const progress = progressOf({
  startedAt: 1,
  pages: 9,
  records: 180,
  written: 180,
  unchanged: 0,
});

function haltedFor(outcome: HaltOutcome, more: Partial<Checkpoint> = {}): Partial<Checkpoint> {
  return { ...openRun, state: 'halted', outcome, halt: { outcome, at: 3, definition: 'd' }, ...more };
}

async function stored(more: Partial<Checkpoint>, stream = users): Promise<void> {
  await checkpoints.replace({ ...newCheckpoint(stream), ...more });
}

async function storedBreaker(more: Partial<Breaker>): Promise<void> {
  await breakers.replace({ ...newBreaker('mobaro'), ...more });
}

describe('resumeStream', () => {
  it.each([
    ['halted', haltedFor('missing')],
    ['exhausted', { ...openRun, state: 'exhausted', stopped, attempt: 5 }],
    ['parked', { ...openRun, state: 'parked', retryAt: now + 1000, attempt: 2 }],
    ['paused', { ...openRun, state: 'paused' }],
  ] as const)('makes the open run of a stream that is %s due at once, at its position', async (_, before) => {
    await stored(before);

    const done = await resumeStream(users, ports);

    expect(done).toEqual({
      target: users,
      changed: true,
      sentence: 'mobaro/users goes on at offset 40 with the next tick, or when the watchdog comes by.',
      toTry: users,
    });
    expect(await checkpoints.read(users)).toMatchObject({
      ...openRun,
      state: 'parked',
      retryAt: now,
      attempt: 0,
      halt: null,
      lease: null,
      outcome: 'waiting',
    });
  });

  it('leaves it to the next good page to say that what had stopped the stream is over', async () => {
    await stored({ ...openRun, state: 'exhausted', stopped, attempt: 5 });
    await resumeStream(users, ports);
    expect(await checkpoints.read(users)).toMatchObject({ state: 'parked', stopped });
  });

  it('readies a stream without an open run for its next tick', async () => {
    await stored({ ...haltedFor('forbidden'), run: null, position: null });

    // It is well only when a page has got through.
    expect(await resumeStream(users, ports)).toMatchObject({
      sentence: 'mobaro/users starts with the next tick.',
      toTry: users,
    });
    expect(await checkpoints.read(users)).toMatchObject({ state: 'idle', retryAt: null, halt: null });
  });

  it('leaves a stream that was paused between two runs to its tick', async () => {
    await stored({ state: 'paused', outcome: 'paused', completedAt: 5 });

    expect(await resumeStream(users, ports)).toMatchObject({ changed: true, toTry: null });
    expect(await checkpoints.read(users)).toMatchObject({ state: 'idle' });
  });

  it.each([
    ['idle', 'mobaro/users is not halted; it starts with the next tick.'],
    ['running', 'mobaro/users is under way and is left alone.'],
  ] as const)('leaves alone a stream that is %s', async (state, sentence) => {
    await stored({ ...openRun, state });

    expect(await resumeStream(users, ports)).toEqual({
      target: users,
      changed: false,
      sentence,
      toTry: null,
    });
    expect(await checkpoints.read(users)).toMatchObject({ state, revision: 1 });
  });

  it('says that a stream has never run', async () => {
    expect(await resumeStream(users, ports)).toMatchObject({
      changed: false,
      sentence: 'mobaro/users has never run; there is nothing to resume.',
    });
    expect(await checkpoints.read(users)).toBeUndefined();
  });

  it('changes nothing the second time', async () => {
    await stored(haltedFor('missing'));
    await resumeStream(users, ports);

    expect(await resumeStream(users, ports)).toMatchObject({
      changed: false,
      sentence:
        'mobaro/users has been resumed already; it goes on with the next tick, or when the watchdog comes by.',
    });
    expect(await checkpoints.read(users)).toMatchObject({ revision: 2 });
  });

  it('tries again when somebody else writes in between', async () => {
    await stored(haltedFor('missing'));
    let meddle = true;
    const replace = async (next: Checkpoint): Promise<Checkpoint | undefined> => {
      if (meddle) {
        meddle = false;
        await checkpoints.replace({ ...next, ...haltedFor('missing', { sequence: 3 }) });
      }
      return checkpoints.replace(next);
    };
    const meddled = Object.assign(Object.create(checkpoints) as FakeCheckpoints, {
      read: (stream: string) => checkpoints.read(stream),
      replace,
    });

    expect(await resumeStream(users, { ...ports, checkpoints: meddled })).toMatchObject({ changed: true });
    expect(await checkpoints.read(users)).toMatchObject({ state: 'parked', sequence: 3, revision: 3 });
  });

  it('points at the connection where that is what stands in the way', async () => {
    await stored(haltedFor('unauthorized'));
    await storedBreaker({ state: 'open', secretVersion: 'v1', openedAt: 3 });

    const { sentence } = await resumeStream(users, ports);

    expect(sentence).toContain('its connection mobaro is halted as a whole');
    expect(await breakers.read('mobaro')).toMatchObject({ state: 'open' });
  });
});

describe('resumedCheckpoint', () => {
  it('starts a looping stream from the beginning, where the same page again would loop again', () => {
    const looping = { ...newCheckpoint(users), ...haltedFor('looping') };

    expect(resumedCheckpoint(looping, now)).toMatchObject({ state: 'idle', run: null, position: null });
  });

  it('grants a runaway its budget of pages once more', () => {
    const runaway = { ...newCheckpoint(users), ...haltedFor('runaway', { progress }) };

    expect(resumedCheckpoint(runaway, now)).toMatchObject({
      state: 'parked',
      progress: { ...progress, pages: 0, waitedMs: now - progress.startedAt },
    });
  });

  it.each([
    ['halted', haltedFor('missing', { progress, waitingSince: 3 }), 3],
    ['paused, which nobody has noted the time of', { ...openRun, state: 'paused', progress } as const, 5],
  ])('counts all the time that a run was %s as waiting, not as work', (_, before, since) => {
    expect(resumedCheckpoint({ ...newCheckpoint(users), ...before }, now)?.waitingSince).toBe(since);
  });

  it('keeps the progress of any other run', () => {
    const missing = { ...newCheckpoint(users), ...haltedFor('missing', { progress }) };

    expect(resumedCheckpoint(missing, now)).toMatchObject({ progress });
  });
});

describe('resumeConnection', () => {
  const all = [users, 'mobaro/webhooks', 'mobaro/locations'];

  it('lets one page try the key, and leaves the streams to it', async () => {
    await storedBreaker({ state: 'open', secretVersion: 'v1', openedAt: 3 });
    await stored(haltedFor('unauthorized'));
    await stored(haltedFor('missing'), 'mobaro/webhooks');
    await stored({ state: 'idle' }, 'mobaro/locations');

    const done = await resumeConnection('mobaro', all, ports);

    expect(done.map(({ target, changed, toTry }) => [target, changed, toTry])).toEqual([
      ['mobaro', true, users],
      ['mobaro/webhooks', false, null],
    ]);
    expect(done[1]?.sentence).toContain('mobaro/webhooks stays halted, for another reason');
    expect(await breakers.read('mobaro')).toMatchObject({
      state: 'half-open',
      probe: null,
      secretVersion: 'v1',
    });
    // What a page of it will find is not known yet: it stays what it is, and whoever looks is told so.
    expect(await checkpoints.read(users)).toMatchObject({ state: 'halted', revision: 1 });
    expect(await checkpoints.read('mobaro/webhooks')).toMatchObject({ state: 'halted' });
    expect(await checkpoints.read('mobaro/locations')).toMatchObject({ state: 'idle', revision: 1 });
  });

  it('says so when the key has not been refused', async () => {
    expect(await resumeConnection('mobaro', all, ports)).toEqual([
      {
        ...{ target: 'mobaro', changed: false, toTry: null },
        sentence: 'mobaro is not halted: its key has not been refused.',
      },
    ]);
  });

  it('does not disturb a page that is trying the key already', async () => {
    const probe = { stream: users, until: now + 1000 };
    await storedBreaker({ state: 'half-open', probe });

    const [done] = await resumeConnection('mobaro', all, ports);

    expect(done).toMatchObject({ changed: false });
    expect(await breakers.read('mobaro')).toMatchObject({ probe, revision: 1 });
  });
});
