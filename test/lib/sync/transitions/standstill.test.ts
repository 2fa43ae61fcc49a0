import { describe, expect, it } from 'vitest';

import {
  failed,
  deferred,
  exhausted,
  halted,
  haltedForGood,
  refused,
} from '../../../../lib/sync/transitions/standstill.ts';
import { inMidRun, hour, now, paused } from '../../../support/claimed-checkpoint.ts';

describe('a page that failed', () => {
  it('begins to wait where it did not wait yet', () => {
    const wait = { retryAt: now + 8000, status: null, reason: 'time-out' };
    const last = { trouble: 'exhausted', status: 500, reason: 'HTTP 500' } as const;
    const halt = { outcome: 'forbidden', definition: 'hash', status: 403, reason: 'HTTP 403' } as const;
    const working = { ...inMidRun, waitingSince: null };
    expect(deferred(working, wait, now).waitingSince).toBe(now);
    expect(exhausted(working, last, now).waitingSince).toBe(now);
    expect(halted(working, halt, now).waitingSince).toBe(now);
  });
});

describe('a page that failed for now', () => {
  const wait = { retryAt: now + 8000, status: null, reason: 'time-out' };

  it('waits, and its attempt has counted', () => {
    expect(deferred(inMidRun, wait, now)).toEqual({
      ...inMidRun,
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
    expect(deferred(inMidRun, { ...wait, retryAt: now + ms }, now).state).toBe(state);
  });

  it.each([8000, 20 * hour])('leaves a paused stream paused, after %i ms', (ms) => {
    expect(deferred(paused, { ...wait, retryAt: now + ms }, now).state).toBe('paused');
  });
});

describe('a page that was not asked for after all', () => {
  const wait = { retryAt: now + 8000, reason: 'the limit', slots: [now + 7000] };

  it('gets its attempt back, and keeps its slot', () => {
    expect(refused(inMidRun, wait, now)).toEqual({
      ...inMidRun,
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
    expect(refused({ ...inMidRun, attempt: before }, wait, now).attempt).toBe(after);
  });
});

describe('a probe', () => {
  const stopped = { by: 'malformed', since: 7 } as const;
  const probing = { ...inMidRun, state: 'exhausted', outcome: 'malformed', stopped } as const;

  it.each([8000, 20 * hour])(
    'that failed for now has no other try: it is exhausted, as before, after %i ms',
    (ms) => {
      const wait = { retryAt: now + ms, status: null, reason: 'time-out' };
      expect(deferred(probing, wait, now)).toMatchObject({
        ...{ state: 'exhausted', outcome: 'malformed', outcomeAt: now, reason: 'time-out', lease: null },
      });
      expect(deferred({ ...probing, stopped: null }, wait, now).outcome).toBe('exhausted');
    },
  );

  it('that was not asked for after all is what it was, and waits', () => {
    const wait = { retryAt: now + 8000, reason: 'the limit', slots: [now + 7000] };
    expect(refused({ ...probing, outcomeAt: 5, reason: 'HTTP 503', attempt: 6 }, wait, now)).toMatchObject({
      ...{ state: 'exhausted', outcome: 'malformed', outcomeAt: 5, reason: 'HTTP 503', attempt: 5 },
      ...{ lease: null, retryAt: now + 8000, slot: now + 7000 },
    });
  });
});

describe('a try that has failed', () => {
  const last = {
    tried: 2,
    trouble: 'exhausted',
    status: 503,
    reason: 'HTTP 503',
    retryAt: now + 8000,
  } as const;

  it('is tried again, or was the last one', () => {
    expect(failed(inMidRun, { ...last, isSpent: false }, now)).toEqual(deferred(inMidRun, last, now));
    expect(failed(inMidRun, { ...last, isSpent: true }, now)).toEqual(exhausted(inMidRun, last, now));
  });

  it('is tried again where a person has resumed the stream meanwhile', () => {
    const resumed = { ...inMidRun, state: 'parked', attempt: 0, retryAt: now } as const;
    expect(failed(resumed, { ...last, isSpent: true }, now)).toMatchObject({
      ...{ state: 'running', attempt: 0, retryAt: now + 8000 },
    });
  });
});

describe('a page that was tried too often', () => {
  it.each(['exhausted', 'malformed'] as const)('leaves the run open at its position: %s', (trouble) => {
    const last = { trouble, status: 500, reason: 'HTTP 500' };
    expect(exhausted({ ...inMidRun, stopped: null }, last, now)).toEqual({
      ...inMidRun,
      state: 'exhausted',
      lease: null,
      retryAt: now + 30_000,
      outcome: trouble,
      outcomeAt: now,
      stopped: { by: trouble, since: now },
      lastStatus: 500,
      reason: 'HTTP 500',
    });
    expect(exhausted(paused, last, now)).toMatchObject({ state: 'paused', outcome: trouble });
  });
});

describe('a halt', () => {
  const halt = { outcome: 'forbidden', definition: 'hash', status: 403, reason: 'HTTP 403' } as const;

  it('leaves the run open at its position, and knows what it was for', () => {
    expect(halted({ ...inMidRun, halt: null }, halt, now)).toEqual({
      ...inMidRun,
      state: 'halted',
      lease: null,
      attempt: 0,
      retryAt: null,
      outcome: 'forbidden',
      outcomeAt: now,
      lastStatus: 403,
      reason: 'HTTP 403',
      halt: { outcome: 'forbidden', at: now, definition: 'hash' },
      // What was stopped for was something else.
      stopped: { by: 'forbidden', since: now },
    });
    const before = { by: 'missing', since: 7 } as const;
    expect(halted({ ...inMidRun, stopped: before }, halt, now).stopped).toEqual({
      by: 'forbidden',
      since: 7,
    });
    expect(halted({ ...inMidRun, stopped: null }, halt, now).stopped).toEqual({
      by: 'forbidden',
      since: now,
    });
  });

  it('leaves a paused stream paused', () => {
    expect(halted(paused, halt, now)).toMatchObject({ state: 'paused', outcome: 'forbidden' });
  });
});

describe('a halt at which the run could never go on', () => {
  it('is one, and the run is over', () => {
    const halt = { outcome: 'missing', definition: 'hash', status: 404, reason: 'HTTP 404' } as const;
    expect(haltedForGood(inMidRun, halt, now)).toEqual({
      ...halted(inMidRun, halt, now),
      ...{ run: null, position: null, waitingSince: null },
    });
  });
});
