import { describe, expect, it } from 'vitest';

import type { Checkpoint } from '../../../../lib/sync/checkpoint.ts';
import {
  claimed,
  continued,
  isOpen,
  isStuck,
  opened,
  resumed,
  sentOn,
  ticked,
  unconfigured,
} from '../../../../lib/sync/transitions/run.ts';
import { firstSeen, unparked, unstranded } from '../../../../lib/sync/transitions/watchdog.ts';
import { inMidRun, now } from '../../../support/claimed-checkpoint.ts';

type Outcome = NonNullable<Checkpoint['halt']>['outcome'];
const cursor = { kind: 'cursor', cursor: 'c' } as const;
const haltedFor = (outcome: Outcome, part: Partial<Checkpoint> = {}): Checkpoint => ({
  ...inMidRun,
  ...{ state: 'halted', halt: { outcome, at: now, definition: 'former' } },
  ...part,
});

describe('a run', () => {
  it.each([
    ['goes in a circle', haltedFor('looping'), true],
    ['stands at a cursor that is gone', haltedFor('missing', { position: cursor, lastStatus: 404 }), true],
    ['stands at one that was refused', haltedFor('rejected', { position: cursor, lastStatus: 400 }), true],
    ['may not read', haltedFor('forbidden', { position: cursor, lastStatus: 400 }), false],
    ['stands at a good cursor', haltedFor('missing', { position: cursor, lastStatus: 503 }), false],
    ['stands at an offset', haltedFor('missing', { lastStatus: 404 }), false],
    ['is not halted', { ...inMidRun, halt: null, position: cursor, lastStatus: 404 }, false],
  ])('that %s is given up for a new one, or taken up where it stands', (_, checkpoint, stuck) => {
    expect(isStuck(checkpoint)).toBe(stuck);
    const next = stuck ? opened(checkpoint, 'new', now) : resumed(checkpoint, now);
    expect(continued(checkpoint, 'new', now)).toEqual(next);
  });

  it('is begun where none is open', () => {
    const over: Checkpoint = { ...inMidRun, run: null };
    expect([isOpen(over), isOpen(inMidRun)]).toEqual([false, true]);
    expect(continued(over, 'new', now)).toEqual(opened(over, 'new', now));
  });

  it('is known by the time of its tick', () => {
    expect(ticked(inMidRun, now)).toEqual({ ...inMidRun, lastTick: now });
  });
});

describe('a run that is exhausted', () => {
  const spent: Checkpoint = {
    ...inMidRun,
    state: 'exhausted',
    outcome: 'malformed',
    lease: null,
    attempt: 5,
  };

  it('is so while it probes, too', () => {
    expect(claimed({ ...spent, run: 'run' }, 'me', now + 1, now)).toEqual({
      ...claimed({ ...inMidRun, attempt: 5, lease: null }, 'me', now + 1, now),
      ...{ state: 'exhausted', outcome: 'malformed', outcomeAt: spent.outcomeAt },
    });
  });

  it('is sent on by the good answer of another one, with all its tries', () => {
    expect(sentOn(spent, now)).toEqual(resumed(spent, now));
    expect(sentOn({ ...spent, lease: { holder: 'dead', until: now } }, now)).toMatchObject({ attempt: 0 });
  });

  it.each([
    ['a page of it is under way', { lease: { holder: 'me', until: now + 1 } }],
    ['it is paused', { state: 'paused' }],
    ['it goes on already', { state: 'running' }],
  ] as const)('or not, where %s', (_, part) => {
    expect(sentOn({ ...spent, ...part }, now)).toBeNull();
  });
});

describe('a secret with its placeholder', () => {
  it.each(['idle', 'running', 'parked', 'exhausted'] as const)('is told of a stream that is %s', (state) => {
    const checkpoint: Checkpoint = { ...inMidRun, state };
    const told = { outcome: 'unconfigured', outcomeAt: now, reason: 'no key' };
    expect(unconfigured(checkpoint, 'no key', now)).toEqual({ ...checkpoint, ...told });
  });

  it.each([
    ['it has been told', { outcome: 'unconfigured' }],
    ['the stream is halted', { state: 'halted' }],
    ['the stream is paused', { state: 'paused' }],
  ] as const)('is not told where %s', (_, part) => {
    expect(unconfigured({ ...inMidRun, ...part }, 'no key', now)).toBeNull();
  });
});

describe('the watchdog', () => {
  it('begins to count how fresh a stream is, once', () => {
    const unseen: Checkpoint = { ...inMidRun, freshFrom: null };
    expect(firstSeen(unseen, now)).toEqual({ ...unseen, freshFrom: now });
    expect(firstSeen(inMidRun, now)).toBeNull();
  });

  it('sends a message for a run that none carries, which costs no attempt and renews none', () => {
    expect(unstranded(inMidRun, 5, now)).toEqual({ ...inMidRun, movedAt: now, lastTick: 5 });
  });

  it('sends one for a run whose wait is over', () => {
    const parked: Checkpoint = { ...inMidRun, state: 'parked' };
    expect(unparked(parked, now)).toEqual({ ...parked, state: 'running', movedAt: now });
  });
});
