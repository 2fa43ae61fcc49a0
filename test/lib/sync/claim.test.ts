import { describe, expect, it } from 'vitest';

import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { decideClaim, type Claim, type ClaimContext } from '../../../lib/sync/claim.ts';
import type { HaltOutcome } from '../../../lib/sync/outcome.ts';
import { lookMs, newOutage, silenceMsOf, type Outage } from '../../../lib/sync/outage.ts';
import { progressOf } from '../../support/progress.ts';
import { streamNamed } from '../../support/streams.ts';

const now = 1_700_000_000_000;
const leaseEnd = now + 40_000;

const context: ClaimContext = {
  stream: streamNamed('mobaro/users', { settings: { attemptCap: 4, pageBudget: 50 } }),
  now,
  holder: 'me',
  newRun: 'new-run',
  definition: 'hash',
  outage: null,
};

const idle: Checkpoint = { ...newCheckpoint('mobaro/users'), revision: 7, lastTick: now - 900_000 };
const running: Checkpoint = {
  ...idle,
  state: 'running',
  run: 'run',
  sequence: 3,
  position: { kind: 'offset', offset: 60 },
  attempt: 1,
  movedAt: now - 60_000,
  outcome: 'running',
  lastStatus: 503,
  progress: progressOf({ startedAt: now - 120_000, pages: 3, records: 60, written: 60 }),
};

function tick(checkpoint: Checkpoint, scheduledAt = now, outage: Outage | null = null): Claim {
  const request = { kind: 'tick', stream: 'mobaro/users', scheduledAt } as const;
  return decideClaim(request, checkpoint, { ...context, outage });
}

function message(checkpoint: Checkpoint, part: { run?: string; sequence?: number } = {}): Claim {
  const pointer = { v: 1, stream: 'mobaro/users', run: 'run', sequence: 3, ...part } as const;
  return decideClaim({ kind: 'message', message: pointer }, checkpoint, context);
}

/** What both come to where nothing is in the way. */
const taken = { state: 'running', lease: { holder: 'me', until: leaseEnd }, retryAt: null, slot: null };

describe('a tick', () => {
  it.each([
    ['the last one again', now - 900_000],
    ['an older one', now - 900_001],
  ])('that has been acted on does nothing: %s', (_, scheduledAt) => {
    expect(tick(idle, scheduledAt)).toEqual({
      kind: 'decline',
      outcome: 'stale',
      reason: 'this tick has been acted on',
      until: null,
    });
  });

  it('is the first one of a stream that has never had one', () => {
    expect(tick({ ...idle, lastTick: null }, 0)).toMatchObject({ kind: 'claim', next: { lastTick: 0 } });
  });

  it('starts a run of an idle stream, and is remembered', () => {
    expect(tick({ ...idle, sequence: 9, position: running.position })).toMatchObject({
      kind: 'claim',
      next: { ...taken, run: 'new-run', sequence: 0, position: null, attempt: 1, lastTick: now },
    });
  });

  it.each(['running', 'parked'] as const)('goes on with a run that is %s and free', (state) => {
    const claim = tick({ ...running, state, lease: { holder: 'dead', until: now }, retryAt: now });
    expect(claim).toMatchObject({
      kind: 'claim',
      next: { ...taken, run: 'run', position: running.position, attempt: 2, lastTick: now },
    });
  });

  it.each([
    [
      'is held',
      { lease: { holder: 'other', until: now + 1 } },
      'busy',
      'another invocation holds the stream',
    ],
    ['waits', { retryAt: now + 1, reason: 'HTTP 503' }, 'refused', 'HTTP 503'],
    ['waits for no known reason', { retryAt: now + 1 }, 'refused', 'it is too early'],
  ])('leaves alone a run that %s, and does not come again', (_, part, outcome, reason) => {
    for (const state of ['running', 'parked'] as const) {
      expect(tick({ ...running, state, ...part })).toEqual({ kind: 'decline', outcome, reason, until: null });
    }
  });

  it('leaves a paused stream alone', () => {
    expect(tick({ ...running, state: 'paused' })).toEqual({
      kind: 'decline',
      outcome: 'stale',
      reason: 'the stream is paused',
      until: null,
    });
  });
});

describe('a tick of a halted stream', () => {
  const halted = (outcome: HaltOutcome, definition = 'hash', reason: string | null = null): Checkpoint => ({
    ...running,
    state: 'halted',
    attempt: 0,
    outcome,
    reason,
    halt: { outcome, at: now - 1, definition },
  });

  it.each([
    ['forbidden', 'forbidden'],
    ['missing', 'missing'],
    ['rejected', 'rejected'],
    ['looping', 'rejected'],
    ['runaway', 'rejected'],
  ] as const)('declines as long as nothing has changed: %s is %s', (outcome, named) => {
    expect(tick(halted(outcome, 'hash', 'HTTP 4xx'))).toEqual({
      kind: 'decline',
      outcome: named,
      reason: 'HTTP 4xx',
      until: null,
    });
  });

  it('declines in words even without a reason', () => {
    expect(tick(halted('missing'))).toMatchObject({ reason: 'the stream is halted' });
  });

  it.each([
    ['its definition has changed', halted('missing', 'former')],
    ['it was for a 401, and the breaker has let the page through', halted('unauthorized')],
    ['nobody knows what it was halted for', { ...halted('missing'), halt: null }],
  ])('goes on where it stands once %s', (_, checkpoint) => {
    expect(tick(checkpoint)).toMatchObject({
      kind: 'claim',
      next: { ...taken, run: 'run', sequence: 3, position: running.position, attempt: 1, halt: null },
    });
  });

  it('starts a run if it has none', () => {
    const checkpoint = { ...halted('missing', 'former'), run: null, position: null };
    expect(tick(checkpoint)).toMatchObject({
      kind: 'claim',
      next: { ...taken, run: 'new-run', sequence: 0, lastTick: now },
    });
  });
});

describe('a message', () => {
  it('takes the page that it points to', () => {
    const claim = message({ ...running, slot: now - 1, retryAt: now, lease: { holder: 'dead', until: now } });
    expect(claim).toEqual({
      kind: 'claim',
      next: { ...running, ...taken, attempt: 2, outcome: 'running', outcomeAt: now },
    });
  });

  it.each([
    ['of another run', { run: 'former' }],
    ['of a page that is past', { sequence: 2 }],
    ['of a page that is not there yet', { sequence: 4 }],
  ])('is stale if it is %s', (_, part) => {
    expect(message(running, part)).toEqual({
      kind: 'decline',
      outcome: 'stale',
      reason: 'the run has moved on',
      until: null,
    });
  });

  it.each(['idle', 'parked', 'halted', 'paused'] as const)('is stale where the stream is %s', (state) => {
    expect(message({ ...running, state })).toEqual({
      kind: 'decline',
      outcome: 'stale',
      reason: `the stream is ${state}`,
      until: null,
    });
  });

  it('comes again when the lease of another ends', () => {
    expect(message({ ...running, lease: { holder: 'other', until: now + 1 } })).toEqual({
      kind: 'decline',
      outcome: 'busy',
      reason: 'another invocation holds the stream',
      until: now + 1,
    });
  });

  it('comes again when the page may be tried', () => {
    expect(message({ ...running, retryAt: now + 1, reason: 'HTTP 429' })).toEqual({
      kind: 'decline',
      outcome: 'refused',
      reason: 'HTTP 429',
      until: now + 1,
    });
  });
});

describe('a page that has been tried', () => {
  it.each([
    [3, 'claim'],
    [4, 'end'],
    [5, 'end'],
  ])('%i times, where four are allowed: %s', (attempt, kind) => {
    expect(message({ ...running, attempt }).kind).toBe(kind);
  });

  it('too often is given up without a call, and its run stays open', () => {
    const reason = '4 tries in a row ended without a result';
    expect(message({ ...running, attempt: 4 })).toMatchObject({
      kind: 'end',
      next: {
        state: 'exhausted',
        run: 'run',
        position: running.position,
        outcome: 'exhausted',
        stopped: { by: 'exhausted' },
        lastStatus: 503,
        reason,
      },
    });
  });
});

describe('a run that has', () => {
  const progress = running.progress;
  if (progress === null) throw new Error('no progress');

  it.each([
    [49, 'claim'],
    [50, 'end'],
    [51, 'end'],
  ])('%i pages, where its budget is 50: %s', (pages, kind) => {
    expect(message({ ...running, progress: { ...progress, pages } }).kind).toBe(kind);
  });

  it('spent its budget is halted as a runaway, until its definition changes', () => {
    const reason = "the run's budget of 50 pages is spent";
    expect(message({ ...running, progress: { ...progress, pages: 50 } })).toMatchObject({
      kind: 'end',
      next: {
        state: 'halted',
        outcome: 'runaway',
        lastStatus: 503,
        reason,
        halt: { outcome: 'runaway', at: now, definition: 'hash' },
      },
    });
  });

  const budgetMs = context.stream.settings.timeBudgetHours * 3_600_000;
  const worked = (ms: number) => ({ ...progress, startedAt: now - ms - 5000, waitedMs: 5000 });

  it.each([
    [budgetMs - 1, 'claim'],
    [budgetMs, 'end'],
  ])('worked for %i ms, and waited beside: %s', (ms, kind) => {
    const claim = message({ ...running, waitingSince: null, progress: worked(ms) });
    expect(claim.kind).toBe(kind);
    if (claim.kind !== 'end') return;
    const reason = `the run's budget of ${context.stream.settings.timeBudgetHours} hours of work is spent`;
    expect(claim.next).toMatchObject({ state: 'halted', outcome: 'runaway', reason });
  });

  it('waited since does not work since', () => {
    const waiting = { ...running, waitingSince: now - 1, progress: worked(budgetMs) };
    expect(message(waiting).kind).toBe('claim');
  });

  it('been through may look for what has gone for as long as it takes', () => {
    const sweep = { kind: 'sweep', step: 'count', after: null, live: 0, gone: 0, end: null } as const;
    expect(message({ ...running, position: sweep, progress: worked(2 * budgetMs) }).kind).toBe('claim');
  });

  it('no figures yet is within its budget', () => {
    expect(message({ ...running, progress: null }).kind).toBe('claim');
  });
});

describe('a stream whose tries are spent', () => {
  const spent: Checkpoint = {
    ...running,
    ...{ state: 'exhausted', attempt: 4, outcome: 'malformed', outcomeAt: now - 5000, reason: 'HTTP 503' },
  };
  const waiting = 'its tries are spent, and one page of mobaro at a time asks again';
  const outage: Outage = {
    ...{ ...newOutage('mobaro'), since: now - 60_000, pauseMs: 45_000, nextAt: now },
    carriers: { mobaro: 'mobaro/users' },
  };
  const asked = (its: Outage, checkpoint = spent): Claim => {
    const pointer = { v: 1, stream: 'mobaro/users', run: 'run', sequence: 3 } as const;
    return decideClaim({ kind: 'message', message: pointer }, checkpoint, { ...context, outage: its });
  };
  /** Still exhausted, to all who look at it. */
  const probing = {
    kind: 'claim',
    next: {
      ...{ state: 'exhausted', outcome: 'malformed', outcomeAt: now - 5000, reason: 'HTTP 503' },
      ...{
        run: 'run',
        sequence: 3,
        position: running.position,
        attempt: 5,
        lease: { holder: 'me', until: leaseEnd },
      },
    },
  };

  it('is left to the probe of its limit scope by its ticks', () => {
    const decline = { kind: 'decline', outcome: 'refused', reason: waiting, until: null };
    expect(tick(spent, now, outage)).toEqual(decline);
    expect(tick(spent, now, { ...outage, carriers: { second: 'second/users' } })).toEqual(decline);
  });

  it.each([
    ['none stands, as where an older version gave it up', newOutage('mobaro')],
    ['it has long been silent', { ...outage, nextAt: now - silenceMsOf(context.stream) }],
  ])('is probed by its tick where %s', (_, its) => {
    expect(tick(spent, now, its)).toMatchObject({ ...probing, next: { ...probing.next, lastTick: now } });
  });

  it('is probed by its message when the time has come', () => {
    expect(asked(outage)).toMatchObject(probing);
    expect(asked({ ...outage, nextAt: now + 1 })).toEqual({
      ...{ kind: 'decline', outcome: 'refused', reason: waiting, until: now + 1 + lookMs },
    });
  });

  it('is not probed by a message while that of another stream is on its way', () => {
    expect(asked({ ...outage, carriers: { mobaro: 'mobaro/tasks' } })).toEqual({
      ...{ kind: 'decline', outcome: 'stale', reason: waiting, until: null },
    });
  });

  it('waits for its permit, and for the end of a probe that is under way', () => {
    expect(asked(outage, { ...spent, retryAt: now + 1 })).toMatchObject({
      outcome: 'refused',
      until: now + 1,
    });
    const lease = { holder: 'another', until: now + 1 };
    expect(asked(outage, { ...spent, lease })).toMatchObject({ outcome: 'busy', until: now + 1 });
    expect(tick({ ...spent, lease }, now, newOutage('mobaro'))).toMatchObject({
      outcome: 'busy',
      until: null,
    });
  });
});
