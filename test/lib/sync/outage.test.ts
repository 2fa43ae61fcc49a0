import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  endedOutage,
  failedProbe,
  firstPauseMs,
  isCarried,
  joinedOutage,
  leftOutage,
  lookMs,
  maxPauseMs,
  mayProbe,
  newOutage,
  postponedProbe,
  revivedProbe,
  silenceMsOf,
  successorOf,
  takenTurn,
  type Outage,
  type Prober,
} from '../../../lib/sync/outage.ts';

const now = 1_700_000_000_000;
const silenceMs = 240_000;
const none = newOutage('mobaro');
const least = (): number => 0;

const page = (stream: string): Prober => ({
  connection: stream.slice(0, stream.indexOf('/')),
  stream,
  silenceMs,
});
const users = page('mobaro/users');
const tasks = page('mobaro/tasks');
const others = page('second/users');

/** It has just begun with `mobaro/users`. */
const standing: Outage = {
  ...{ limitScope: 'mobaro', revision: 3, since: now, pauseMs: firstPauseMs, nextAt: now + firstPauseMs },
  carriers: { mobaro: 'mobaro/users' },
};

describe('a page whose tries are spent', () => {
  it('begins an outage, and asks again after half a minute', () => {
    expect(joinedOutage({ ...none, revision: 3 }, users, now, least)).toEqual({
      next: standing,
      until: now + firstPauseMs,
    });
    expect(joinedOutage(none, users, now, () => 1).until).toBe(now + firstPauseMs + 3000);
  });

  it('leaves it to the page of its connection that asks already', () => {
    expect(joinedOutage(standing, tasks, now + 1, least)).toEqual({ next: null, until: null });
  });

  it('waits for a whole pause where it is the one that asks: a person has had it tried meanwhile', () => {
    const later = standing.nextAt + 5;
    const nextAt = later + firstPauseMs;
    expect(joinedOutage(standing, users, later, least)).toEqual({
      next: { ...standing, nextAt },
      until: nextAt,
    });
    const far = { ...standing, nextAt: nextAt + 1 };
    expect(joinedOutage(far, users, later, least)).toEqual({ next: far, until: nextAt + 1 });
  });

  it('looks, as the first one of another connection, what has become of each probe', () => {
    expect(joinedOutage(standing, others, now + 1, least)).toEqual({
      next: { ...standing, carriers: { mobaro: 'mobaro/users', second: 'second/users' } },
      until: standing.nextAt + lookMs,
    });
    const late = standing.nextAt + 1;
    expect(joinedOutage(standing, others, late, least).until).toBe(late + lookMs);
  });

  it('begins another outage where nobody has asked for long', () => {
    const late = standing.nextAt + silenceMs;
    expect(joinedOutage(standing, tasks, late - 1, least).next).toBeNull();
    expect(joinedOutage({ ...standing, pauseMs: maxPauseMs }, tasks, late, least).next).toEqual({
      ...standing,
      ...{ since: late, nextAt: late + firstPauseMs, carriers: { mobaro: 'mobaro/tasks' } },
    });
  });
});

describe('a page that wants to probe', () => {
  it.each([
    ['where no outage stands', none, users, { kind: 'now' }],
    ['when its time has come', { ...standing, nextAt: now }, users, { kind: 'now' }],
    ['not before', { ...standing, nextAt: now + 1 }, users, { kind: 'wait', until: now + 1 + lookMs }],
    ['not where another stream does', { ...standing, nextAt: now }, tasks, { kind: 'another' }],
    [
      'when its time has come, though another connection might',
      { ...standing, nextAt: now },
      others,
      { kind: 'now' },
    ],
  ] as const)('may do so %s', (_, outage, asking, may) => {
    expect(mayProbe(outage, asking, now)).toEqual(may);
  });

  it('takes the turn of all, for this pause and the next', () => {
    const at = standing.nextAt;
    expect(takenTurn(standing, users, at, least)).toEqual({
      next: { ...standing, pauseMs: 45_000, nextAt: at + 45_000 },
      until: null,
    });
    expect(takenTurn(standing, others, at, () => 1).next).toEqual({
      ...standing,
      ...{ pauseMs: 45_000, nextAt: at + 49_500 },
      carriers: { mobaro: 'mobaro/users', second: 'second/users' },
    });
  });

  it('waits where another one was faster', () => {
    expect(takenTurn(standing, users, standing.nextAt - 1, least)).toEqual({
      next: null,
      until: standing.nextAt + lookMs,
    });
  });

  it('begins an outage where none stands, so that nobody else calls', () => {
    expect(takenTurn({ ...none, revision: 3 }, users, now, least)).toEqual({ next: standing, until: null });
  });

  it('makes pauses of half a minute to five, each half as long again', () => {
    let outage = standing;
    const lengths = Array.from({ length: 9 }, () => {
      outage = takenTurn(outage, users, outage.nextAt, least).next ?? outage;
      return outage.pauseMs / 1000;
    });
    expect(lengths).toEqual([45, 67.5, 101.25, 151.875, 227.8125, 300, 300, 300, 300]);
  });

  it('is late for the next pause where it could not call yet', () => {
    expect(postponedProbe(standing, standing.nextAt + 1)).toEqual({
      ...standing,
      nextAt: standing.nextAt + 1,
    });
    expect(postponedProbe(standing, standing.nextAt)).toBeNull();
    expect(postponedProbe(none, now)).toBeNull();
  });
});

describe('a probe that has failed', () => {
  const turn = { ...standing, pauseMs: 45_000, nextAt: now + 47_000 };

  it('hands over to the next stream, and the pause begins then', () => {
    const end = now + 20_000;
    expect(failedProbe(turn, users, 'mobaro/tasks', end, least)).toEqual({
      next: { ...turn, nextAt: end + 45_000, carriers: { mobaro: 'mobaro/tasks' } },
      until: end + 45_000,
    });
    expect(failedProbe(turn, users, 'mobaro/users', now + 1, least)).toEqual({
      next: turn,
      until: now + 47_000,
    });
  });

  it('changes nothing where the watchdog has sent another one meanwhile', () => {
    const revived = { ...turn, carriers: { mobaro: 'mobaro/tasks' } };
    expect(failedProbe(revived, users, 'mobaro/users', now, least)).toEqual({ next: null, until: null });
  });

  it('begins another outage where an answer was good meanwhile', () => {
    expect(failedProbe(none, users, 'mobaro/tasks', now, least)).toEqual(
      joinedOutage(none, users, now, least),
    );
  });
});

describe('a probe whose stream does not wait any more', () => {
  it('is another stream’s, or no stream’s of its connection', () => {
    expect(leftOutage(standing, users, 'mobaro/tasks')?.carriers).toEqual({ mobaro: 'mobaro/tasks' });
    const both = { ...standing, carriers: { mobaro: 'mobaro/users', second: 'second/users' } };
    expect(leftOutage(both, users, null)).toEqual({ ...both, carriers: { second: 'second/users' } });
  });

  it('ends the outage where nobody else waits', () => {
    expect(leftOutage(standing, users, null)).toEqual({ ...none, revision: 3 });
  });

  it('is none of its business any more where another stream carries it', () => {
    expect(leftOutage(standing, tasks, 'mobaro/users')).toBeNull();
    expect(leftOutage({ ...none, carriers: { mobaro: 'mobaro/users' } }, users, null)).toBeNull();
  });
});

describe('the end of an outage', () => {
  it('forgets all of it', () => {
    expect(endedOutage(standing)).toEqual({ ...none, revision: 3 });
    expect(endedOutage(none)).toBeNull();
  });
});

describe('the watchdog', () => {
  const revived = (outage: Outage, at = now, waiting = ['mobaro/tasks', 'mobaro/users']) =>
    revivedProbe(outage, 'mobaro', waiting, silenceMs, at);

  it('leaves a probe alone that is to come', () => {
    expect(revived(standing)).toBeNull();
    expect(revived(standing, standing.nextAt + silenceMs - 1)).toBeNull();
  });

  it.each([
    ['is long silent', standing, now + firstPauseMs + silenceMs],
    ['waits no more, or is not there', { ...standing, carriers: { mobaro: 'mobaro/gone' } }, now],
    ['is none of this connection', { ...standing, carriers: { second: 'second/users' } }, now],
  ])('sends another stream where the one that asks %s', (_, outage, at) => {
    expect(revived(outage, at)).toEqual({
      stream: 'mobaro/tasks',
      next: {
        ...outage,
        nextAt: Math.max(outage.nextAt, at),
        carriers: { ...outage.carriers, mobaro: 'mobaro/tasks' },
      },
    });
  });

  it('sends one at once where no outage stands, as for streams that an older version gave up', () => {
    expect(revived(none)).toEqual({
      stream: 'mobaro/tasks',
      next: {
        ...none,
        ...{ since: now, pauseMs: firstPauseMs, nextAt: now, carriers: { mobaro: 'mobaro/tasks' } },
      },
    });
  });
});

it('streams take turns in the order of their names', () => {
  const waiting = ['mobaro/c', 'mobaro/a', 'mobaro/b'];
  expect(
    ['mobaro/a', 'mobaro/b', 'mobaro/c', 'mobaro/bb', ''].map((name) => successorOf(name, waiting)),
  ).toEqual([...['mobaro/b', 'mobaro/c', 'mobaro/a', 'mobaro/c', 'mobaro/a']]);
});

it('a probe is lost when its message may not be invisible any more', () => {
  expect(silenceMsOf({ visibilityMs: 180_000 })).toBe(silenceMs);
  expect(isCarried(standing, silenceMs, standing.nextAt + silenceMs - 1)).toBe(true);
  expect(isCarried(standing, silenceMs, standing.nextAt + silenceMs)).toBe(false);
  expect(isCarried(none, silenceMs, 0)).toBe(false);
});

it('whoever comes whenever, in whatever order: one call a pause, each pause as long as it has to be', () => {
  const streams = [users, tasks, others, page('second/tasks')];
  const step = fc.record({
    who: fc.constantFrom(...streams),
    does: fc.constantFrom('gives up', 'asks', 'fails', 'leaves', 'is postponed', 'is looked after'),
    /** Within the silence after which an outage is another one. */
    after: fc.integer({ min: 0, max: 60_000 }),
    successor: fc.constantFrom('mobaro/users', 'mobaro/tasks'),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let outage: Outage = none;
      let at = now;
      const calls: number[] = [];
      for (const { who, does, after, successor, random } of steps) {
        at += after;
        const before = outage;
        const next = {
          'gives up': () => joinedOutage(outage, who, at, () => random).next,
          asks: () => takenTurn(outage, who, at, () => random).next,
          fails: () => failedProbe(outage, who, successor, at, () => random).next,
          leaves: () => leftOutage(outage, who, successor),
          'is postponed': () => postponedProbe(outage, at + random * 1000),
          'is looked after': () =>
            revivedProbe(outage, who.connection, [who.stream], silenceMs, at)?.next ?? null,
        }[does]();
        outage = next ?? outage;
        if (does === 'asks' && next !== null) calls.push(at);
        // Nothing makes a probe come earlier.
        if (before.since !== null) expect(outage.nextAt).toBeGreaterThanOrEqual(before.nextAt);
      }
      const gaps = calls.slice(1).map((call, index) => call - (calls[index] ?? 0));
      const pauses = gaps.map((_, index) => Math.min(firstPauseMs * 1.5 ** index, maxPauseMs));
      expect(gaps.every((gap, index) => gap >= (pauses[index] ?? 0))).toBe(true);
    }),
    { numRuns: 500 },
  );
});
