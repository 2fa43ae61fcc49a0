import { describe, expect, it } from 'vitest';

import type { Position } from '../../../lib/paging/position.ts';
import { newCheckpoint, type Checkpoint, type RunProgress } from '../../../lib/sync/checkpoint.ts';
import {
  advanced,
  claimed,
  closed,
  deferred,
  drifted,
  exhausted,
  halted,
  opened,
  refused,
  resumed,
  setBack,
} from '../../../lib/sync/transitions.ts';

const now = 1_700_000_000_000;
const hour = 3600 * 1000;
const position: Position = { kind: 'offset', offset: 60 };

const progress: RunProgress = {
  startedAt: now - hour,
  pages: 3,
  records: 60,
  written: 10,
  unchanged: 50,
  partial: false,
  setbacks: 1,
};

/** In the middle of a run, with everything in it that a transition may have to take out. */
const held: Checkpoint = {
  stream: 'mobaro/users',
  revision: 12,
  state: 'running',
  run: 'run',
  sequence: 3,
  position,
  lease: { holder: 'me', until: now + 40_000 },
  attempt: 2,
  retryAt: now - 1000,
  slot: now - 2000,
  lastTick: now - hour,
  movedAt: now - 5000,
  outcome: 'running',
  outcomeAt: now - 4000,
  lastStatus: 503,
  reason: 'HTTP 503',
  trouble: 'exhausted',
  halt: { outcome: 'missing', at: now - 3000, definition: 'former' },
  progress,
  completedAt: now - 2 * hour,
};

/** A person has paused the stream while its page was under way. */
const paused: Checkpoint = { ...held, state: 'paused', outcome: 'paused' };

const page = { records: 20, written: 5, unchanged: 15, status: 200, partial: false };

describe('a new checkpoint', () => {
  it('is idle, has never run, and is not stored yet', () => {
    expect(newCheckpoint('mobaro/users')).toMatchObject({
      stream: 'mobaro/users',
      revision: 0,
      state: 'idle',
      run: null,
      sequence: 0,
      attempt: 0,
      movedAt: 0,
      outcome: null,
      completedAt: null,
    });
  });
});

describe('an opened run', () => {
  it('begins at the first page, with nothing done and no attempt', () => {
    const next = opened(held, 'new-run', now);
    expect(next).toEqual({
      ...resumed(held, now),
      run: 'new-run',
      sequence: 0,
      position: null,
      progress: next.progress,
    });
    expect(next.progress).toMatchObject({
      startedAt: now,
      pages: 0,
      records: 0,
      written: 0,
      unchanged: 0,
      partial: false,
      setbacks: 0,
    });
  });

  it.each(['idle', 'halted', 'exhausted'] as const)('runs, though the stream was %s', (state) => {
    expect(opened({ ...held, state }, 'new-run', now).state).toBe('running');
  });
});

describe('a resumed run', () => {
  it.each(['halted', 'exhausted', 'parked', 'paused'] as const)('goes on where it stands: %s', (state) => {
    expect(resumed({ ...held, state }, now)).toEqual({
      ...held,
      state: 'running',
      lease: null,
      attempt: 0,
      retryAt: null,
      halt: null,
      movedAt: now,
      outcome: 'running',
      outcomeAt: now,
    });
  });
});

describe('a claim', () => {
  it('takes the lease and counts, and nothing is waited for any more', () => {
    expect(claimed({ ...held, state: 'parked', outcome: 'waiting' }, 'other', now + 7000, now)).toEqual({
      ...held,
      lease: { holder: 'other', until: now + 7000 },
      attempt: 3,
      retryAt: null,
      slot: null,
      outcomeAt: now,
    });
  });
});

/** What every page that is stored does. */
const stored = {
  sequence: 4,
  lease: null,
  attempt: 0,
  retryAt: null,
  movedAt: now,
  outcomeAt: now,
  lastStatus: 200,
  reason: null,
  trouble: null,
  halt: null,
};

describe('a page that is stored', () => {
  const next: Position = { kind: 'cursor', cursor: 'next' };

  it('moves the run on, and what was wrong is forgotten', () => {
    expect(advanced({ ...held, outcome: 'waiting' }, { ...page, position: next }, now)).toEqual({
      ...held,
      ...stored,
      state: 'running',
      position: next,
      outcome: 'running',
      progress: { ...progress, pages: 4, records: 80, written: 15, unchanged: 65 },
    });
  });

  it('moves the run of a paused stream on, too, which stays paused', () => {
    expect(advanced(paused, { ...page, position: next }, now)).toMatchObject({
      ...stored,
      state: 'paused',
      outcome: 'paused',
      position: next,
    });
  });

  it.each([
    [false, false, false],
    [false, true, true],
    [true, false, true],
    [true, true, true],
  ])('makes the run partial if it was (%s) or the page is (%s): %s', (before, partial, expected) => {
    const checkpoint = { ...held, progress: { ...progress, partial: before } };
    const moved = advanced(checkpoint, { ...page, partial, position: next }, now);
    expect(moved.progress?.partial).toBe(expected);
  });

  it('is the first that is counted where nothing has been', () => {
    for (const partial of [false, true]) {
      const moved = advanced({ ...held, progress: null }, { ...page, partial, position: next }, now);
      expect(moved.progress).toMatchObject({
        startedAt: now,
        pages: 1,
        records: 20,
        written: 5,
        unchanged: 15,
        partial,
        setbacks: 0,
      });
    }
  });
});

describe('the last page', () => {
  const last = { ...page, reason: null };

  it('closes the run: it is complete', () => {
    expect(closed(held, last, now)).toEqual({
      ...held,
      ...stored,
      state: 'idle',
      run: null,
      position: null,
      outcome: 'complete',
      completedAt: now,
      progress: { ...progress, pages: 4, records: 80, written: 15, unchanged: 65 },
    });
  });

  it('says the reason of nothing where the run is complete', () => {
    expect(closed(held, { ...last, reason: 'the vendor left 2 out' }, now).reason).toBeNull();
  });

  it('leaves a paused stream paused', () => {
    expect(closed(paused, last, now)).toMatchObject({ state: 'paused', run: null, outcome: 'complete' });
  });

  it.each([
    ['this page', false, true, 'the vendor left 2 out', 'the vendor left 2 out'],
    ['a former page', true, false, null, 'the vendor left something out of a page of this run'],
  ])('makes it partial if something was left out of %s', (_, before, partial, reason, told) => {
    const checkpoint = { ...held, progress: { ...progress, partial: before } };
    expect(closed(checkpoint, { ...last, partial, reason }, now)).toMatchObject({
      state: 'idle',
      outcome: 'partial',
      reason: told,
      completedAt: now,
    });
  });
});

describe('a page that was no good', () => {
  const back = {
    position: { kind: 'offset', offset: 20 } as Position,
    status: 200,
    reason: 'rows have gone',
  };

  it('sets the run back: what was asked for has changed, so the fence moves', () => {
    expect(setBack({ ...held, state: 'parked', outcome: 'waiting' }, back, now)).toEqual({
      ...held,
      state: 'running',
      sequence: 4,
      position: back.position,
      lease: null,
      attempt: 0,
      retryAt: null,
      movedAt: now,
      outcome: 'running',
      outcomeAt: now,
      lastStatus: 200,
      reason: 'rows have gone',
      progress: { ...progress, pages: 4, setbacks: 2 },
    });
  });

  it('has no figures to raise where there are none', () => {
    expect(setBack({ ...held, progress: null }, back, now).progress).toBeNull();
  });

  it('leaves a paused stream paused', () => {
    expect(setBack(paused, back, now)).toMatchObject({ state: 'paused', outcome: 'paused', sequence: 4 });
  });
});

describe('a run that has drifted', () => {
  const last = { status: 200, reason: 'too many setbacks' };

  it('is over without a result', () => {
    expect(drifted(held, last, now)).toEqual({
      ...held,
      state: 'idle',
      run: null,
      sequence: 4,
      position: null,
      lease: null,
      attempt: 0,
      retryAt: null,
      movedAt: now,
      outcome: 'drifted',
      outcomeAt: now,
      lastStatus: 200,
      reason: 'too many setbacks',
    });
  });

  it('leaves a paused stream paused', () => {
    expect(drifted(paused, last, now)).toMatchObject({ state: 'paused', outcome: 'drifted', run: null });
  });
});

describe('a page that failed for now', () => {
  const wait = { retryAt: now + 8000, status: null, reason: 'time-out' };

  it('waits, and its attempt has counted', () => {
    expect(deferred(held, wait, now)).toEqual({
      ...held,
      state: 'running',
      lease: null,
      retryAt: now + 8000,
      outcome: 'waiting',
      outcomeAt: now,
      lastStatus: null,
      reason: 'time-out',
    });
  });

  it.each([
    [11 * hour, 'running'],
    [11 * hour + 1, 'parked'],
  ])('is parked where a message cannot wait for so long: %i ms, %s', (ms, state) => {
    expect(deferred(held, { ...wait, retryAt: now + ms }, now).state).toBe(state);
  });

  it.each([8000, 20 * hour])('leaves a paused stream paused, after %i ms', (ms) => {
    expect(deferred(paused, { ...wait, retryAt: now + ms }, now).state).toBe('paused');
  });
});

describe('a page that was not asked for after all', () => {
  const wait = { retryAt: now + 8000, reason: 'the limit', slot: now + 7000 };

  it('gets its attempt back, and keeps its slot', () => {
    expect(refused(held, wait, now)).toEqual({
      ...held,
      state: 'running',
      lease: null,
      attempt: 1,
      retryAt: now + 8000,
      slot: now + 7000,
      outcome: 'waiting',
      outcomeAt: now,
      reason: 'the limit',
    });
  });

  it.each([
    [2, 1],
    [1, 0],
    [0, 0],
  ])('after %i attempts has %i', (before, after) => {
    expect(refused({ ...held, attempt: before }, wait, now).attempt).toBe(after);
  });
});

describe('a page that was tried too often', () => {
  it.each(['exhausted', 'malformed'] as const)('leaves the run open at its position: %s', (trouble) => {
    const last = { trouble, status: 500, reason: 'HTTP 500' };
    expect(exhausted({ ...held, trouble: null }, last, now)).toEqual({
      ...held,
      state: 'exhausted',
      lease: null,
      retryAt: null,
      outcome: trouble,
      outcomeAt: now,
      trouble,
      lastStatus: 500,
      reason: 'HTTP 500',
    });
    expect(exhausted(paused, last, now)).toMatchObject({ state: 'paused', outcome: trouble });
  });
});

describe('a halt', () => {
  const halt = { outcome: 'forbidden', definition: 'hash', status: 403, reason: 'HTTP 403' } as const;

  it('leaves the run open at its position, and knows what it was for', () => {
    expect(halted({ ...held, halt: null }, halt, now)).toEqual({
      ...held,
      state: 'halted',
      lease: null,
      attempt: 0,
      retryAt: null,
      outcome: 'forbidden',
      outcomeAt: now,
      lastStatus: 403,
      reason: 'HTTP 403',
      halt: { outcome: 'forbidden', at: now, definition: 'hash' },
    });
  });

  it('leaves a paused stream paused', () => {
    expect(halted(paused, halt, now)).toMatchObject({ state: 'paused', outcome: 'forbidden' });
  });
});
