import { describe, expect, it } from 'vitest';

import { openPosition, readStatus, streamStatus } from '../../../lib/operations/status.ts';
import type { Position } from '../../../lib/paging/position.ts';
import { outcomeInWords, positionInWords } from '../../../lib/operations/words.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import { newCheckpoint, newProgress } from '../../../lib/sync/checkpoint.ts';
import { streamOutcomes } from '../../../lib/sync/outcome.ts';
import { FakeBreakers } from '../../support/fakes/fake-breakers.ts';
import { FakeCheckpoints } from '../../support/fakes/fake-checkpoints.ts';
import { FakeMutes } from '../../support/fakes/fake-mutes.ts';
import { progressOf } from '../../support/progress.ts';

const at = Date.parse('2026-11-22T10:00:00Z');
const iso = '2026-11-22T10:00:00.000Z';
const users = newCheckpoint('mobaro/users');

describe('readStatus', () => {
  it('tells of every stream in the given order, of those that never ran, too, and of their connections', async () => {
    const checkpoints = new FakeCheckpoints();
    const breakers = new FakeBreakers();
    const mutes = new FakeMutes();
    await checkpoints.replace({ ...users, state: 'idle', outcome: 'complete', completedAt: at });
    await breakers.replace({ ...newBreaker('mobaro'), state: 'open', openedAt: at });

    const mute = { revision: 0, since: at, until: at + 60_000, why: 'moves', by: 'ada' };
    await mutes.replace({ ...mute, connection: 'mobaro' });
    // It is over.
    await mutes.replace({ ...mute, connection: 'bob', until: at });

    const streams = ['bob/people', 'mobaro/users', 'mobaro/webhooks'];
    const status = await readStatus(streams, { checkpoints, breakers, mutes }, at);

    expect(status.streams.map(({ stream, state, completedAt }) => [stream, state, completedAt])).toEqual([
      ['bob/people', 'new', null],
      ['mobaro/users', 'idle', iso],
      ['mobaro/webhooks', 'new', null],
    ]);
    expect(status.connections).toEqual([
      { connection: 'bob', key: 'closed', refusedSince: null, muted: null },
      {
        ...{ connection: 'mobaro', key: 'open', refusedSince: iso },
        muted: { since: iso, until: '2026-11-22T10:01:00.000Z', why: 'moves', by: 'ada' },
      },
    ]);
  });
});

describe('streamStatus', () => {
  it('says since when and for what a stream is halted', () => {
    const halt = { outcome: 'missing', at, definition: 'd' } as const;

    expect(streamStatus('mobaro/users', { ...users, state: 'halted', halt })).toMatchObject({
      haltedSince: iso,
      haltedFor: 'missing',
    });
    expect(streamStatus('mobaro/users', { ...users, state: 'running', halt })).toMatchObject({
      haltedSince: null,
      haltedFor: null,
    });
  });

  it('says since when a stream has given up, over the tries that its ticks have made since', () => {
    const spent = { ...users, state: 'exhausted', outcomeAt: at + 60_000 } as const;
    const stopped = { by: 'exhausted', since: at } as const;

    expect(streamStatus('mobaro/users', { ...spent, stopped }).givenUpSince).toBe(iso);
    expect(streamStatus('mobaro/users', { ...spent, state: 'running', stopped }).givenUpSince).toBeNull();
  });

  it('says until when an open run waits, and nothing of the kind where none does', () => {
    const waiting = { ...users, retryAt: at };

    expect(streamStatus('mobaro/users', { ...waiting, state: 'running' }).waitingUntil).toBe(iso);
    expect(streamStatus('mobaro/users', { ...waiting, state: 'parked' }).waitingUntil).toBe(iso);
    expect(streamStatus('mobaro/users', { ...waiting, state: 'exhausted' }).waitingUntil).toBeNull();
  });

  it('shows what the run has done', () => {
    const progress = progressOf({
      startedAt: at,
      pages: 2,
      records: 40,
      written: 3,
      unchanged: 37,
      deleted: 0,
    });

    expect(streamStatus('mobaro/users', { ...users, progress }).run).toEqual({
      startedAt: iso,
      pages: 2,
      records: 40,
      written: 3,
      unchanged: 37,
      deleted: 0,
    });
  });
});

describe('streamStatus, of fields', () => {
  it('says which of those asked for no row had', () => {
    expect(streamStatus('mobaro/users', users).fieldsNotGiven).toBeNull();
    const coverage = { absent: ['work.title'], first: null, definition: 'hash', withheld: [] };
    const ran = { ...users, completedAt: at, outcome: 'complete' } as const;
    expect(streamStatus('mobaro/users', { ...ran, coverage })).toMatchObject({
      fieldsNotGiven: ['work.title'],
      fieldsAwaited: null,
    });
    const withheld = ['payroll.salary'];
    const awaited = streamStatus('mobaro/users', { ...ran, coverage: { ...coverage, withheld } });
    expect(awaited.fieldsAwaited).toEqual(withheld);
  });
});

describe('streamStatus, of a stream that is walked by what has changed', () => {
  it('says which kind of run it is, and when the whole list is due', () => {
    expect(streamStatus('mobaro/users', users)).toMatchObject({ changesSince: null, wholeWalk: null });
    const ran = { ...users, completedAt: at, outcome: 'complete' } as const;
    const readUntil = { at, definition: 'hash', whole: { at, nextAt: at + 1000 } };
    const progress = { ...newProgress(at), changesSince: at };
    expect(streamStatus('mobaro/users', { ...ran, readUntil, progress })).toMatchObject({
      changesSince: iso,
      wholeWalk: { at: iso, dueAt: new Date(at + 1000).toISOString() },
    });
  });
});

describe('streamStatus, of deletions', () => {
  it('says how many are held back, and how many of them are allowed', () => {
    const held = { rows: 150, of: 197, since: at };

    expect(streamStatus('mobaro/users', users).heldDeletions).toBeNull();
    expect(
      streamStatus('mobaro/users', {
        ...users,
        heldDeletions: held,
        allowed: 150,
        allowedUntil: Date.parse('2026-03-08T12:00:00Z'),
      }).heldDeletions,
    ).toEqual({
      rows: 150,
      of: 197,
      since: iso,
      allowed: 150,
      allowedUntil: '2026-03-08T12:00:00.000Z',
    });
  });

  it('says that a run has come to its sweep, without the id of the record where it stands', () => {
    const after = 'users/1-A';
    const position = { kind: 'sweep', step: 'delete', after, live: 9, gone: 1, end: null } as const;
    const status = streamStatus('mobaro/users', { ...users, state: 'running', run: 'r', position });

    expect(status).toMatchObject({ sweeping: true, position: null });
    expect(JSON.stringify(status)).not.toContain(after);
    expect(streamStatus('mobaro/users', users).sweeping).toBe(false);
  });
});

describe('openPosition', () => {
  it.each([
    ['running', { kind: 'offset', offset: 40 }, 40],
    ['exhausted', { kind: 'cursor', cursor: 'abc' }, 'abc'],
    ['halted', null, null],
    ['idle', { kind: 'offset', offset: 40 }, null],
  ] as const)('of a stream that is %s at %j is %j', (state, position, expected) => {
    expect(openPosition({ ...users, state, position })).toBe(expected);
  });
});

describe('outcomeInWords', () => {
  it('is true of each way to an outcome that there are several to', () => {
    expect(outcomeInWords('drifted')).toMatch(/rows moved .*, or its cursor expired twice/);
  });

  it('has different words for every outcome', () => {
    expect(new Set(streamOutcomes.map(outcomeInWords)).size).toBe(streamOutcomes.length);
  });
});

describe('positionInWords', () => {
  it.each<[Position | null, string]>([
    [null, 'the beginning'],
    [{ kind: 'offset', offset: 0 }, 'offset 0'],
    [{ kind: 'cursor', cursor: 'abc' }, 'its stored cursor'],
    [
      { kind: 'sweep', step: 'count', after: 'id-1', live: 1, gone: 0, end: null },
      'its search for deleted records',
    ],
  ])('calls %j %s', (position, words) => {
    expect(positionInWords(position)).toBe(words);
  });
});
