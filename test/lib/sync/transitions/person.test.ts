import { describe, expect, it } from 'vitest';

import type { Checkpoint } from '../../../../lib/sync/checkpoint.ts';
import {
  allowedCheckpoint,
  dueCheckpoint,
  isReleased,
  pausedCheckpoint,
  resetCheckpoint,
  resumedCheckpoint,
} from '../../../../lib/sync/transitions/person.ts';
import { opened } from '../../../../lib/sync/transitions/run.ts';
import { hour, inMidRun, now, progress } from '../../../support/claimed-checkpoint.ts';

const week = 7 * 24 * hour;
const free: Checkpoint = { ...inMidRun, lease: null };
const halted = (outcome: NonNullable<Checkpoint['halt']>['outcome']): Checkpoint => ({
  ...inMidRun,
  ...{ state: 'halted', outcome, reason: 'because', halt: { outcome, at: now - hour, definition: 'former' } },
});

describe('a pause', () => {
  it.each([
    ['whose page is at work goes on waiting as before', inMidRun, inMidRun.waitingSince],
    ['whose page is at work waits for nobody', { ...inMidRun, waitingSince: null }, null],
    ['whose page is over waits for a person', { ...free, waitingSince: null }, now],
    ['that has waited before waits since then', free, free.waitingSince],
    [
      'whose lease is over this very moment waits for a person',
      { ...inMidRun, lease: { holder: 'me', until: now }, waitingSince: null },
      now,
    ],
    ['that has no open run does not wait', { ...free, run: null, waitingSince: null }, null],
  ] as const)('of a stream %s', (_, checkpoint, waitingSince) => {
    expect(pausedCheckpoint(checkpoint, now)).toEqual({
      ...checkpoint,
      waitingSince,
      state: 'paused',
      outcome: 'paused',
      outcomeAt: now,
      reason: 'paused by a person',
    });
  });

  it.each(['paused', 'halted'] as const)('changes nothing where the stream is %s', (state) => {
    expect(pausedCheckpoint({ ...free, state }, now)).toBeNull();
  });
});

describe('a resume', () => {
  const resumed = {
    ...{ attempt: 0, halt: null, outcome: 'waiting', outcomeAt: now },
    ...{ reason: 'resumed by a person', freshFrom: now },
  };

  it.each(['halted', 'exhausted', 'parked', 'paused'] as const)(
    'lets the open run go on at once, with its lease: %s',
    (state) => {
      expect(resumedCheckpoint({ ...inMidRun, state }, now)).toEqual({
        ...{ ...inMidRun, ...resumed },
        ...{ state: 'parked', retryAt: now },
        // While it was paused nobody wanted its pages.
        ...(state === 'paused' && { stopped: { by: 'exhausted', since: now } }),
      });
    },
  );

  it('counts from when the run moved last, where it did not wait', () => {
    const checkpoint: Checkpoint = { ...inMidRun, state: 'paused', waitingSince: null };
    expect(resumedCheckpoint(checkpoint, now)?.waitingSince).toBe(inMidRun.movedAt);
  });

  it('renews the budgets of a runaway', () => {
    expect(resumedCheckpoint(halted('runaway'), now)).toMatchObject({
      waitingSince: now,
      progress: { ...progress, pages: 0, waitedMs: hour },
    });
  });

  it.each([
    ['none is open', { ...inMidRun, state: 'exhausted', run: null }],
    ['it would be the same circle again', halted('looping')],
  ] as const)('leaves the beginning of a run to the next tick where %s', (_, checkpoint) => {
    expect(resumedCheckpoint(checkpoint, now)).toEqual({
      ...{ ...checkpoint, ...resumed },
      ...{ state: 'idle', run: null, position: null, retryAt: null, waitingSince: null },
    });
  });

  it.each(['idle', 'running'] as const)('changes nothing where the stream is %s', (state) => {
    expect(resumedCheckpoint({ ...inMidRun, state }, now)).toBeNull();
  });

  it.each([
    ['it is due', { retryAt: now }, true],
    ['it is not due yet', { retryAt: now + 1 }, false],
    ['it waits for nothing', { retryAt: null }, false],
    ['it has been tried', { retryAt: now, attempt: 1 }, false],
    ['it is paused', { retryAt: now, state: 'paused' }, false],
  ] as const)('has been done already, or not, of a stream that is parked, where %s', (_, part, is) => {
    const checkpoint: Checkpoint = { ...inMidRun, state: 'parked', attempt: 0, ...part };
    expect(isReleased(checkpoint, now)).toBe(is);
    expect(resumedCheckpoint(checkpoint, now) === null).toBe(is);
  });
});

describe('a reset', () => {
  const begun = (checkpoint: Checkpoint): Checkpoint => ({
    ...opened(checkpoint, 'new', now),
    ...{ lease: checkpoint.lease, slot: null, position: null, waitingSince: now },
    ...{ readUntil: null, reason: 'reset by a person' },
  });
  const reset = (checkpoint: Checkpoint, offset = 0): Checkpoint =>
    resetCheckpoint(checkpoint, { newRun: 'new', offset, now });

  it.each([
    ['is under way', inMidRun],
    ['has gone in a circle', halted('looping')],
    ['has run away', halted('runaway')],
    ['is halted for what nobody knows', { ...inMidRun, state: 'halted', halt: null }],
    ['runs again after a halt', { ...halted('missing'), state: 'running' }],
  ] as const)('of a stream that %s gives its run up for a new one, which is due', (_, checkpoint) => {
    const due = { state: 'parked', retryAt: now, outcome: 'waiting' };
    expect(reset(checkpoint)).toEqual({ ...begun(checkpoint), ...due });
  });

  it.each(['unauthorized', 'forbidden', 'missing', 'rejected'] as const)(
    'leaves a stream halted that is %s',
    (outcome) => {
      const checkpoint = halted(outcome);
      const { halt, outcomeAt } = checkpoint;
      const still = { state: 'halted', halt, outcome, outcomeAt, reason: 'because' };
      expect(reset(checkpoint)).toEqual({ ...begun(checkpoint), ...still });
    },
  );

  it('leaves a paused stream paused', () => {
    const checkpoint: Checkpoint = { ...inMidRun, state: 'paused' };
    const still = { state: 'paused', halt: inMidRun.halt, outcome: 'paused' };
    expect(reset(checkpoint)).toEqual({ ...begun(checkpoint), ...still });
  });

  it('may leave rows out, which says so', () => {
    expect(reset(inMidRun, 400)).toMatchObject({
      position: { kind: 'offset', offset: 400, blind: true },
      progress: { skippedRows: 400, records: 0 },
    });
    expect(reset(inMidRun)).toMatchObject({ position: null, progress: { skippedRows: 0 } });
  });
});

describe('a run that a person starts', () => {
  it.each([
    [null, now],
    [now - hour, now - hour],
  ])('is due, and waits since it waited: %s', (waitingSince, since) => {
    expect(dueCheckpoint({ ...inMidRun, waitingSince }, now)).toEqual({
      ...inMidRun,
      ...{ state: 'parked', retryAt: now, waitingSince: since },
      ...{ outcome: 'waiting', outcomeAt: now, reason: 'started by a person' },
    });
  });
});

describe('deletions that a person allows', () => {
  const held = { ...inMidRun, allowed: null, allowedUntil: null };

  it.each([
    ['none are allowed yet', held],
    ['fewer are', { ...held, allowed: 149, allowedUntil: now + 1 }],
    ['the allowance is over', { ...held, allowed: 150, allowedUntil: now - 1 }],
  ])('are as many as are held back, for seven days, where %s', (_, checkpoint) => {
    expect(allowedCheckpoint(checkpoint, now)).toEqual({
      ...checkpoint,
      ...{ allowed: 150, allowedUntil: now + week },
    });
  });

  it.each([
    ['none are held back', { ...held, heldDeletions: null }],
    ['so many are allowed', { ...held, allowed: 150, allowedUntil: now + 1 }],
    ['more are', { ...held, allowed: 151, allowedUntil: now + 1 }],
  ])('change nothing where %s', (_, checkpoint) => {
    expect(allowedCheckpoint(checkpoint, now)).toBeNull();
  });

  it('that are none are allowed, too', () => {
    const none = { ...held, heldDeletions: { rows: 0, of: 9, since: now } };
    expect(allowedCheckpoint(none, now)?.allowed).toBe(0);
  });
});
