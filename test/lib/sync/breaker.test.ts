import { describe, expect, it } from 'vitest';

import {
  closedBreaker,
  halfOpenedBreaker,
  isOwnFault,
  newBreaker,
  openedBreaker,
  outdatedBreaker,
  mayCall,
  type Breaker,
} from '../../../lib/sync/breaker.ts';

const now = 1_700_000_000_000;
const minute = 60_000;

const closed = newBreaker('mobaro');
const users = { stream: 'mobaro/users', secretVersion: 'v1' };
const timesheets = { stream: 'mobaro/timesheets', secretVersion: 'v1' };

/** Opened by a 401 of users with v1. */
const open: Breaker = {
  ...closed,
  revision: 3,
  state: 'open',
  secretVersion: 'v1',
  openedAt: now - minute,
  openedBy: 'mobaro/users',
};
/** A page of users is trying. */
const trying: Breaker = {
  ...open,
  state: 'half-open',
  probe: { stream: 'mobaro/users', until: now + minute },
};

describe('a new breaker', () => {
  it('is closed, and knows nothing', () => {
    expect(newBreaker('bob')).toEqual({
      connection: 'bob',
      revision: 0,
      state: 'closed',
      secretVersion: null,
      openedAt: null,
      doubtUntil: null,
      openedBy: null,
      goodVersion: null,
      probe: null,
    });
  });
});

describe('the passage of a page', () => {
  const until = now + 40_000;
  const ask = (breaker: Breaker, call = users) => mayCall(breaker, { ...call, now, until });

  it('is free while the breaker is closed, but for the version that was refused last', () => {
    expect(ask(closed)).toEqual({ kind: 'free' });
    expect(ask({ ...closed, secretVersion: 'v0' })).toEqual({ kind: 'free' });
    expect(ask({ ...closed, secretVersion: 'v1' })).toEqual({ kind: 'outdated' });
  });

  it('is blocked with the version that was refused', () => {
    expect(ask(open)).toEqual({ kind: 'blocked' });
  });

  it('is a probe with another version, until the lease of its page ends', () => {
    expect(ask(open, { ...users, secretVersion: 'v2' })).toEqual({
      kind: 'probe',
      next: { ...open, state: 'half-open', probe: { stream: 'mobaro/users', until } },
    });
  });

  it('is a probe with the same version where a person has opened it half', () => {
    const half: Breaker = { ...open, state: 'half-open' };
    expect(ask(half)).toEqual({ kind: 'probe', next: { ...half, probe: { stream: 'mobaro/users', until } } });
  });

  it.each([
    ['looks again soon', now + minute, now + 5000],
    ['looks again when the probe is over, if that is sooner', now + 3000, now + 3000],
  ])('waits while another stream is trying, and %s', (_, probeEnds, at) => {
    const breaker = { ...trying, probe: { stream: 'mobaro/users', until: probeEnds } };
    expect(ask(breaker, timesheets)).toEqual({ kind: 'wait', until: at });
  });

  it('takes the place of a probe that is over', () => {
    const over = { ...trying, probe: { stream: 'mobaro/users', until: now } };
    expect(ask(over, timesheets).kind).toBe('probe');
  });

  it("goes on with the probe that is its own stream's", () => {
    expect(ask(trying)).toMatchObject({ kind: 'probe', next: { probe: { stream: 'mobaro/users', until } } });
  });
});

describe('a 401', () => {
  it.each([
    ['a closed breaker', closed],
    ['one that was opened for another version', { ...open, secretVersion: 'v0' }],
    ['a half-open one: the probe has failed', trying],
  ])('opens %s', (_, breaker) => {
    expect(openedBreaker(breaker, timesheets, now)).toEqual({
      ...breaker,
      state: 'open',
      secretVersion: 'v1',
      openedAt: now,
      openedBy: 'mobaro/timesheets',
      probe: null,
    });
  });

  it('says nothing new where the breaker is open for that version', () => {
    expect(openedBreaker(open, timesheets, now)).toBeNull();
  });
});

describe('a 401 with a version that has been replaced since', () => {
  it('is remembered, so that warm functions read the secret anew for as long as they may hold it', () => {
    expect(outdatedBreaker(closed, 'v1', now)).toEqual({
      ...closed,
      secretVersion: 'v1',
      doubtUntil: now + 5 * minute,
    });
  });

  it.each([
    ['it is remembered already', { ...closed, secretVersion: 'v1' }],
    ['the breaker is open', { ...open, secretVersion: 'v2' }],
  ])('changes nothing where %s', (_, breaker) => {
    expect(outdatedBreaker(breaker, 'v1', now)).toBeNull();
  });
});

describe('an answer that is no 401', () => {
  it('says nothing to a closed breaker', () => {
    expect(closedBreaker(closed, users, now)).toBeNull();
    expect(closedBreaker({ ...closed, secretVersion: 'v1' }, users, now)).toBeNull();
  });

  it('closes it for the probe: the version that was refused once is good', () => {
    expect(closedBreaker(trying, users, now)).toEqual({
      ...trying,
      state: 'closed',
      secretVersion: null,
      goodVersion: 'v1',
      doubtUntil: null,
      openedAt: null,
      probe: null,
    });
  });

  it('closes it for the probe with another version, and the refused one stays known', () => {
    expect(closedBreaker(trying, { ...users, secretVersion: 'v2' }, now)).toEqual({
      ...trying,
      state: 'closed',
      secretVersion: 'v1',
      goodVersion: null,
      doubtUntil: now + 5 * minute,
      openedAt: null,
      probe: null,
    });
  });

  it.each([
    ['the breaker is open', open, users],
    ['the breaker is open, though the probe was its own', { ...trying, state: 'open' as const }, users],
    ['another stream is trying', trying, timesheets],
    ['nobody is trying', { ...trying, probe: null }, users],
    ['another version, from before, is still good', open, { ...users, secretVersion: 'v0' }],
    ['another version got through to another stream', trying, { ...timesheets, secretVersion: 'v0' }],
  ])('proves nothing where %s: it may be of a call before', (_, breaker, call) => {
    expect(closedBreaker(breaker, call, now)).toBeNull();
  });
});

describe("a 401 that is the stream's own", () => {
  const settled: Breaker = { ...closed, openedBy: 'mobaro/users', goodVersion: 'v1' };

  it('is one more with the version that has got another one through since', () => {
    expect(isOwnFault(settled, users)).toBe(true);
  });

  it.each([
    ['another stream', settled, timesheets],
    ['another version', settled, { ...users, secretVersion: 'v2' }],
    ['a breaker that is open', { ...settled, state: 'open' as const }, users],
    ['a breaker that never was', closed, users],
  ])('is not one of %s', (_, breaker, call) => {
    expect(isOwnFault(breaker, call)).toBe(false);
  });
});

describe('a person who says that the credentials are fixed', () => {
  it('lets one page try', () => {
    expect(halfOpenedBreaker({ ...open, probe: trying.probe })).toEqual({
      ...open,
      state: 'half-open',
      probe: null,
    });
  });

  it.each([
    ['closed', closed],
    ['half-open already', trying],
  ])('changes nothing where the breaker is %s', (_, breaker) => {
    expect(halfOpenedBreaker(breaker)).toBeNull();
  });
});
