import { describe, expect, it } from 'vitest';

import { learned, type Observation } from '../../../lib/governor/learn.ts';
import { paceOf } from '../../../lib/governor/pace.ts';
import { spanLearned } from '../../../lib/governor/span.ts';
import { newGovernorState, type GovernorState, type WindowSpan } from '../../../lib/governor/state.ts';
import { windowSpacing } from '../../../lib/governor/window.ts';

const second = 1000;
const minute = 60 * second;
const start = 1_700_000_000_000;
const terms = { published: null, chosen: null };
const nothing: WindowSpan = newGovernorState().span;

interface Said {
  readonly at: number;
  readonly used: number;
  readonly resetAt: number;
  readonly limit?: number | null;
  readonly windowMs?: number | null;
}

/** A call that is let through, and its answer. */
function answered(span: WindowSpan, { at, used, resetAt, limit = 10, windowMs = null }: Said): WindowSpan {
  const { measured } = span;
  const called = { ...span, measured: measured && { ...measured, calls: measured.calls + 1 } };
  const remaining = (limit ?? 10) - used;
  return spanLearned(called, { at, remaining, reset: resetAt / 1000, resetAt, limit, windowMs });
}

/** One call in each of so many windows that follow each other. */
function windowsOf(ms: number, count: number, every = ms): readonly Said[] {
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * every;
    return { at, used: 1, resetAt: at - (at % ms) + ms };
  });
}

const learnedFrom = (said: readonly Said[], from = nothing): WindowSpan => said.reduce(answered, from);

describe('the length of a window', () => {
  it.each([
    [1000, 1000],
    [5000, 5000],
    [10_000, 10_000],
    [30_000, 30_000],
    // Nobody counts in 9.7 or 10.4 s.
    [9700, 10_000],
    [9000, 10_000],
    [11_000, 10_000],
    [10_400, 10_000],
    [7500, 7500],
    // Nor in less than a second.
    [500, 1000],
  ])('of windows of %d ms that follow each other is %d ms', (ms, expected) => {
    expect(learnedFrom(windowsOf(ms, 5)).ms).toBe(expected);
  });

  it('is not known before four of them have passed', () => {
    expect(learnedFrom(windowsOf(10_000, 4)).ms).toBeNull();
  });

  it.each([
    ['is a minute', windowsOf(minute, 9)],
    ['is an hour', windowsOf(60 * minute, 9)],
    ['is a minute, to within a tenth', windowsOf(56_000, 9)],
  ])('stays unknown where it %s', (_, said) => {
    expect(learnedFrom(said).ms).toBeNull();
  });

  it('is no longer than what was measured, and comes down as calls come closer', () => {
    const slow = learnedFrom(windowsOf(1000, 5, 7000));
    expect(slow.ms).toBe(7000);
    // What lies between counts once, and the next ones by themselves.
    const later = windowsOf(1000, 9).map((said) => ({
      ...said,
      at: said.at + minute,
      resetAt: said.resetAt + minute,
    }));
    expect(learnedFrom(later, slow).ms).toBe(1000);
    const idle = windowsOf(1000, 5, 9000).map((said) => ({
      ...said,
      at: said.at + 2 * minute,
      resetAt: said.resetAt + 2 * minute,
    }));
    expect(learnedFrom(idle, learnedFrom(later, slow)).ms).toBe(1000);
  });

  it('is never shorter than the time until a reset, but for what rounding adds', () => {
    const short = learnedFrom(windowsOf(1000, 5));
    const at = start + minute;
    expect(answered(short, { at, used: 1, resetAt: at + 3000 }).ms).toBe(1000);
    expect(answered(short, { at, used: 1, resetAt: at + 12_000 }).ms).toBe(10_000);
    expect(answered(short, { at, used: 1, resetAt: at + 70_000 }).ms).toBeNull();
  });

  it('goes on being measured where a reset is as far away as that, and begins anew where it is farther', () => {
    const short = learnedFrom(windowsOf(1000, 5));
    const at = start + minute;
    const from = short.measured?.from;
    expect(answered(short, { at, used: 1, resetAt: at + 3000 }).measured?.from).toEqual(from);
    const anew = { at, reset: (at + 3001) / 1000 };
    expect(answered(short, { at, used: 1, resetAt: at + 3001 }).measured?.from).toEqual(anew);
  });

  it('is no shorter than the time between the resets, where the answers came closer to each other', () => {
    const said = [9, 19, 29, 39, 41].map((later) => ({
      at: start + later * second,
      used: 1,
      resetAt: start + (later - (later % 10) + 10) * second,
    }));
    expect(learnedFrom(said).ms).toBe(10_000);
  });

  it.each([
    ['has passed at its reset, which may be two seconds too late', 2000, 1, 0, 1],
    ['has not passed before', 1999, 1, 0, 0],
    ['has not passed where more is counted than was answered', 2000, 2, 4, 0],
    ['has passed where no more is counted, whatever is under way', 2000, 1, 4, 1],
  ])('%s', (_, later, used, underWay, passed) => {
    const first = answered(nothing, { at: start, used: 1, resetAt: start + 4000 });
    const { measured } = first;
    const span = { ...first, measured: measured && { ...measured, calls: underWay } };
    const next = answered(span, { at: start + later, used, resetAt: start + 6000 });
    expect(next.measured?.passed).toBe(passed);
  });

  it('is what a policy says, at once', () => {
    const said = { at: start, used: 1, resetAt: start + 4000 };
    expect(answered(nothing, { ...said, windowMs: 10_000 }).ms).toBe(10_000);
    expect(answered(nothing, { ...said, windowMs: 3_600_000 }).ms).toBeNull();
    expect(answered({ ...nothing, ms: 1000 }, { ...said, windowMs: minute }).ms).toBeNull();
  });

  it.each([
    ['others use it, too, so that more is counted than we have called', { used: 5 }],
    ['no limit is told', { limit: null }],
  ])('cannot be learned where %s', (_, part) => {
    expect(learnedFrom(windowsOf(1000, 20).map((said) => ({ ...said, ...part }))).ms).toBeNull();
  });

  it('is not taken from a reset that flickers within one window', () => {
    // One window of a minute; its reset goes up by a second each time.
    const said = Array.from({ length: 9 }, (_, index) => ({
      at: start + index * 1000,
      used: index + 1,
      resetAt: start + minute + index * second,
    }));
    expect(learnedFrom(said).ms).toBeNull();
  });

  it('is not taken from answers that overtook each other at the beginning of one window', () => {
    const used = [2, 1, 4, 3, 6, 5, 8, 7];
    const said = used.map((count, index) => ({
      at: start + index * 100,
      used: count,
      resetAt: start + 30 * second + index * 100,
    }));
    expect(learnedFrom(said)).toMatchObject({ ms: null, measured: { passed: 0 } });
  });

  it('of a vendor that looks back ten seconds from each call is learned, though its resets move with each', () => {
    const every = 4000;
    const said = Array.from({ length: 20 }, (_, index) => {
      const at = start + index * every;
      const oldest = Math.max(start, at - 2 * every);
      return { at, used: Math.min(index + 1, 3), resetAt: oldest + 10 * second };
    });
    const { ms } = learnedFrom(said);
    expect(ms).toBeGreaterThanOrEqual(10_000);
    expect(ms).toBeLessThan(15_000);
  });

  it('of one that looks back a minute is not taken for the little that is left until a reset', () => {
    const every = 1500;
    const said = Array.from({ length: 200 }, (_, index) => {
      const at = start + index * every;
      const counted = Math.min(index + 1, 40);
      return { at, used: counted, resetAt: at - (counted - 1) * every + minute, limit: 50 };
    });
    expect(learnedFrom(said).ms).toBeNull();
  });
});

/** A vendor of ten in so long, asked once in each of its windows. */
function stateOf(ms: number): GovernorState {
  return windowsOf(ms, 6).reduce((state, { at, resetAt }) => {
    const { measured } = state.span;
    const called = {
      ...state,
      span: { ...state.span, measured: measured && { ...measured, calls: measured.calls + 1 } },
    };
    const window = { remaining: 9, reset: resetAt / 1000, resetAt };
    const seen: Observation = { at, refused: false, until: null, limit: 10, windowMs: null, window };
    return learned(called, terms, seen);
  }, newGovernorState());
}

describe('the pace of a short window', () => {
  it.each([
    [1000, 600],
    [10_000, 60],
    [minute, 10],
  ])('of %d ms is that of the limit: %d a minute', (ms, limit) => {
    const state = stateOf(ms);
    expect(state.limit).toBeCloseTo(limit, 8);
    expect(paceOf(state, terms)).toMatchObject({ rate: 0.8 * limit, window: { limit: 10, ms } });
  });

  it('has no burst that its window has no room for, nor lets anybody be late by much of it', () => {
    const { spacing, planAhead, spendAhead } = paceOf(stateOf(1000), terms);
    expect([spacing, planAhead, spendAhead]).toEqual([125, 0, 125]);
    // Also where the user's own figure is lower, and would have room for more.
    const chosen = paceOf(stateOf(1000), { published: null, chosen: 300 });
    expect(chosen.planAhead / chosen.spacing + 1).toBeLessThanOrEqual(6);
  });

  it('keeps to less after a 429, too', () => {
    const state = stateOf(1000);
    const { planAhead, spendAhead, rate } = paceOf(
      { ...state, adaptive: { ...state.adaptive, knee: 400 } },
      terms,
    );
    expect([planAhead, spendAhead]).toEqual([0, 125]);
    expect(rate).toBe(360);
  });

  it('is not held back by what the last answers have left, which is old by then', () => {
    const { window } = stateOf(1000);
    const used = window && { ...window, remaining: 0 };
    expect(windowSpacing(used, { limit: 10, ms: 1000 }, start + 5000)).toBe(0);
    expect(windowSpacing(used, { limit: 10, ms: 10_000 }, start + 5000)).toBe(Infinity);
  });
});

describe('a vendor that looks back an hour', () => {
  it('is asked at the pace of the hour, for no reset of its makes it free', () => {
    const said = (at: number, remaining: number, resetAt: number): Observation => ({
      ...{ at, refused: false, until: null, limit: 1000, windowMs: null },
      window: { remaining, reset: resetAt / 1000, resetAt },
    });
    let state = learned(newGovernorState(), terms, said(start, 999, start + 60 * minute));
    expect(state.limit).toBeNull();
    state = learned(state, terms, said(start + 59 * minute, 100, start + 60 * minute));
    const next = start + 60 * minute + 3000;
    state = learned(state, terms, said(next, 101, next + 1000));
    expect(state.window?.isRolling).toBe(true);
    expect(state.limit).toBeCloseTo(1000 / 60, 8);
    // A window that begins with nothing used up is one again.
    const fresh = next + 70 * minute;
    state = learned(state, terms, said(fresh, 999, fresh + 60 * minute));
    expect(state.window?.isRolling).toBe(false);
  });
});
