import { describe, expect, it } from 'vitest';

import type { VendorWindow } from '../../../lib/governor/state.ts';
import { foreignRate, hasRoom, isNearer, windowSeen, windowSpacing } from '../../../lib/governor/window.ts';

const second = 1000;
const minute = 60 * second;
const start = 1_700_000_000_000;
const id = (start + minute) / 1000;
const sixty = { limit: 60, ms: minute };

const window: VendorWindow = {
  id,
  resetAt: start + minute,
  remaining: 40,
  first: { at: start, remaining: 40 },
  seenAt: start,
  answers: 0,
  calls: 0,
  slots: 0,
  foreign: 0,
  isRolling: false,
};

describe('an answer', () => {
  const seen = {
    ...{ at: start + second, remaining: 39, reset: id, resetAt: start + minute },
    ...{ limit: 50, windowMs: null },
  };

  it('is the first of its window where none is known', () => {
    expect(windowSeen(null, seen)).toEqual({
      ...window,
      remaining: 39,
      first: { at: start + second, remaining: 39 },
      seenAt: start + second,
    });
  });

  it.each([
    ['the same reset', 0, id, start + minute],
    ['a reset that flickers upwards', 1, id + 1, start + minute + second],
    ['a reset that flickers downwards', -1, id, start + minute],
  ])('belongs to the same window with %s: the later end counts', (_, flicker, expected, resetAt) => {
    const again = { ...seen, reset: id + flicker, resetAt: start + minute + flicker * second };
    expect(windowSeen(window, again)).toEqual({
      ...window,
      id: expected,
      resetAt,
      remaining: 39,
      seenAt: start + second,
      answers: 1,
    });
  });

  it('that was overtaken by another takes nothing back', () => {
    const late = { ...seen, at: start - second, remaining: 41 };
    expect(windowSeen(window, late)).toEqual({ ...window, answers: 1 });
  });

  it('of an older window says nothing', () => {
    expect(windowSeen(window, { ...seen, reset: id - 2 })).toBe(window);
  });

  describe('whose reset is nearer', () => {
    const far = 500_000;
    const lie: VendorWindow = {
      ...{ ...window, id: start / 1000 + far, resetAt: start + far * second, remaining: 3 },
      first: { at: start, remaining: 3 },
    };
    const named = (later: number, wait: number): typeof seen => ({
      ...{ ...seen, at: start + later, remaining: 39 },
      ...{ reset: (start + later + wait) / 1000, resetAt: start + later + wait },
    });

    it.each([
      ['a minute, long after', lie, named(minute, minute), true],
      ['a minute, at once', lie, named(10, minute), true],
      ['an hour', lie, named(second, 60 * minute), true],
      ['three days', lie, named(5 * second, 72 * 60 * minute), true],
      ['the end of the window before, overtaken', lie, named(500, second), false],
      ['half a minute, where it was a minute', window, named(3 * second, 30 * second), true],
      ['the same, overtaken', window, named(second, 30 * second), false],
      ['the same, of before', window, named(-second, 30 * second), false],
      ['a second less, which is flickering', window, named(3 * second, 56 * second), false],
      ['two seconds less', window, named(3 * second, 55 * second), true],
    ])('begins its window, unless it was overtaken: %s', (_, before, answer, isNew) => {
      const after = windowSeen(before, answer);
      expect(after.resetAt).toBe(isNew ? answer.resetAt : before.resetAt);
      expect(after.remaining).toBe(isNew ? 39 : Math.min(before.remaining, after.remaining));
      expect(after.answers === 0 && after.first.at === answer.at).toBe(isNew);
    });
  });

  it.each([
    ['less is used up than it has answered', { answers: 4, calls: 4, remaining: 40 }, 1, 48, true],
    ['as much is used up as it has answered', { answers: 4, calls: 4, remaining: 40 }, 1, 44, false],
    ['some may be under way, counted already', { answers: 4, calls: 8, remaining: 40 }, 1, 47, false],
    ['its reset is the same', { answers: 4, calls: 4, remaining: 40 }, 0, 49, false],
  ])('is of a new window, however close its reset is: %s', (_, part, later, remaining, isNew) => {
    const { reset, resetAt } = seen;
    const next = { ...seen, remaining, reset: reset + later, resetAt: resetAt + later * second };
    const after = windowSeen({ ...window, ...part }, next);
    expect(after.first.at === seen.at).toBe(isNew);
    expect(after.remaining).toBe(isNew ? remaining : 40);
    expect(windowSeen({ ...window, ...part }, { ...next, limit: null }).remaining).toBe(40);
  });

  it('of a later window begins it, with what was learned of others', () => {
    const shared = { ...window, calls: 3, slots: 4, answers: 2, foreign: 20 };
    expect(windowSeen(shared, { ...seen, reset: id + 2, resetAt: start + minute + 2 * second })).toEqual({
      ...window,
      id: id + 2,
      resetAt: start + minute + 2 * second,
      remaining: 39,
      first: { at: start + second, remaining: 39 },
      seenAt: start + second,
      foreign: 20,
      // Eleven are used up, and nine were: they are counted still.
      isRolling: true,
    });
  });
});

describe('a window that begins anew', () => {
  it.each([
    ['fewer calls than could have been made since', 50, 40, false],
    ['most of the calls that were counted', 50, 39, true],
    ['nobody knows how many calls', null, 0, false],
  ])('looks back where it begins with %s', (_, limit, remaining, isRolling) => {
    const resetAt = start + 2 * minute;
    const seen = { at: start + minute, remaining, reset: resetAt / 1000, resetAt, limit, windowMs: null };
    expect(windowSeen(window, seen).isRolling).toBe(isRolling);
  });
});

describe('a reset', () => {
  const hour: VendorWindow = { ...window, id: start / 1000 + 3600, resetAt: start + 60 * minute };
  const long: VendorWindow = { ...window, resetAt: start + minute + 1 };

  it.each([
    ['two seconds nearer, two seconds later', window, 2000, id - 2, 58_000, true],
    ['the same, sooner', window, 1999, id - 2, 58_000, false],
    ['a second nearer, which is flickering', window, 2000, id - 1, 59_000, false],
    ['the very same', window, 2000, id, minute, false],
    ['where the window began, and not of the one before', window, 2000, id - 58, 2001, true],
    ['where the window began', window, 2000, id - 58, 2000, false],
    ['nearer in a window of more than a minute', long, 2000, id - 2, 58_000, false],
    ['a minute nearer, at once', hour, 0, id, 59 * minute, false],
    ['more than a minute nearer, at once', hour, 0, id, 59 * minute - 1, true],
  ])('takes back a farther one: %s', (_, before, later, reset, ahead, isTakenBack) => {
    const seen = { at: start + later, remaining: 30, reset, resetAt: start + ahead };
    expect(isNearer(before, { ...seen, limit: 50, windowMs: null })).toBe(isTakenBack);
  });
});

describe('the rate of other clients', () => {
  it.each([
    ['as it was known before, while nothing has been seen', { foreign: 20 }, 20],
    ['nothing, where all that is gone was ours', { remaining: 30, answers: 10 }, 0],
    ['nothing, where more came than was taken', { remaining: 40, answers: 10 }, 0],
    // 20 in 30 s are 40 a minute; the former figure of none counts for as much.
    ['half of the former and half of the new after 30 s', { remaining: 20, seenAt: start + 30 * second }, 20],
    ['more of the new, the longer it is', { remaining: 0, foreign: 10, seenAt: start + 90 * second }, 22.5],
  ])('is %s', (_, part, rate) => {
    expect(foreignRate({ ...window, ...part })).toBeCloseTo(rate, 8);
  });
});

describe('the spacing of a window', () => {
  it.each([
    ['the rest of it by what is left', {}, 0, minute / 39.4],
    ['wider by what is under way', { slots: 12, answers: 10, remaining: 30 }, 0, minute / 27.4],
    [
      'not narrower where more was answered than given out',
      { slots: 0, answers: 10, remaining: 30 },
      0,
      minute / 29.4,
    ],
    ['wider by what others will take until the reset', { foreign: 20 }, 0, minute / 19.4],
    ['of half of it, by what is left', {}, 30 * second, (30 * second) / 39.4],
    ['endless where nothing is left', { remaining: 0 }, 0, Infinity],
    ['endless where less than one is left', { remaining: 1 }, 0, Infinity],
    ['none at its end', { remaining: 0 }, minute, 0],
    ['none after its end', { remaining: 0 }, minute + 1, 0],
  ])('is %s', (_, part, later, spacing) => {
    expect(windowSpacing({ ...window, ...part }, sixty, start + later)).toBeCloseTo(spacing, 6);
  });

  it('gives all the rest of the window to the one call that is left', () => {
    const two = { ...window, remaining: 2, first: { at: start, remaining: 2 } };
    expect(windowSpacing(two, { limit: 100, ms: minute }, start)).toBe(minute);
  });

  it.each([
    [4999, 0],
    [5000, Infinity],
  ])('of one of %d ms with nothing left is %d: in a shorter one what was said is old', (ms, spacing) => {
    expect(windowSpacing({ ...window, remaining: 0 }, { limit: 60, ms }, start)).toBe(spacing);
    expect(hasRoom({ ...window, remaining: 0 }, { limit: 60, ms }, start)).toBe(spacing === 0);
  });

  it('is none where no window is known', () => {
    expect(windowSpacing(null, sixty, start)).toBe(0);
  });
});

describe('the room of a window', () => {
  const shared = { ...window, remaining: 3, first: { at: start, remaining: 3 }, foreign: 60 };

  it.each([
    ['others have taken one a second', shared, 2 * second, true],
    ['others have probably taken the last', shared, 2 * second + 1, false],
    [
      'a clock is behind the answer',
      { ...shared, remaining: 1, first: { at: start, remaining: 1 } },
      -second,
      true,
    ],
    ['nothing is left', { ...window, remaining: 0 }, 0, false],
    ['nothing is left, but the window ends', { ...window, remaining: 0 }, minute, true],
    ['all that is left is under way', { ...window, remaining: 2, calls: 2 }, 0, false],
    ['more was answered than is counted', { ...window, remaining: 0, answers: 5 }, 0, false],
  ])('counts what has been taken since: %s', (_, seen, later, room) => {
    expect(hasRoom(seen, sixty, start + later)).toBe(room);
  });

  it('is there where no window is known', () => {
    expect(hasRoom(null, sixty, start)).toBe(true);
  });
});
