import { describe, expect, it } from 'vitest';

import { learned, type Observation } from '../../../lib/governor/learn.ts';
import { newGovernorState, type GovernorState, type LimitTerms } from '../../../lib/governor/state.ts';

const minute = 60_000;
const start = 1_700_000_000_000;
const terms: LimitTerms = { published: null, chosen: null };
const fresh = newGovernorState();
const known: GovernorState = { ...fresh, limit: 40 };

/** An answer with a limit, in a window that ends so much later. */
function answer(limit: number | null, untilReset = minute): Observation {
  const resetAt = start + untilReset;
  const window = { remaining: 10, reset: resetAt / 1000, resetAt };
  return { at: start, refused: false, until: null, limit, windowMs: null, window };
}

describe('an answer that is no 429', () => {
  it('changes neither the rate nor the gate', () => {
    const state: GovernorState = { ...fresh, counts: { since: start - 1000, calls: [300] } };
    expect(learned(state, terms, answer(50))).toMatchObject({
      closedUntil: 0,
      counts: state.counts,
      adaptive: fresh.adaptive,
    });
  });

  it('without a window changes nothing', () => {
    expect(learned(known, terms, { ...answer(50), window: null })).toEqual(known);
  });
});

describe('the limit', () => {
  it.each([
    ['told for a minute', 50, minute, 50],
    ['told for a minute and the second by which a reset flickers', 50, minute + 1000, 50],
    ['of a longer window', 50, minute + 1001, 40],
    ['not told', null, minute, 40],
    ['of one a minute', 1, minute, 1],
    ['of nothing at all, which is none', 0, minute, 40],
  ])('is what was %s', (_, told, untilReset, limit) => {
    expect(learned(known, terms, answer(told, untilReset)).limit).toBe(limit);
  });
});

describe('a limit whose window is soon over', () => {
  it.each([
    ['is not taken for one of a minute', fresh, 5000, null],
    ['is one of a minute, if it ends later than in a moment', fresh, 5001, 10],
    ['is learned where another was known before', known, 5000, 10],
  ])('%s', (_, state, untilReset, limit) => {
    expect(learned(state, terms, answer(10, untilReset)).limit).toBe(limit);
  });

  it.each([
    ['is still waited for', 4999, null],
    ['is one of a minute, where no window has passed for five seconds', 5000, 10],
  ])('%s', (_, later, limit) => {
    const before = learned(fresh, terms, answer(10, 5000));
    expect(learned(before, terms, { ...answer(10, 5000), at: start + later }).limit).toBe(limit);
  });

  it('is waited for as long as its windows pass one after the other, and is one of theirs then', () => {
    let state = fresh;
    const limits = [0, 4000, 8000, 12_000, 16_000].map((later) => {
      const { measured } = state.span;
      const span = { ...state.span, measured: measured && { ...measured, calls: measured.calls + 1 } };
      const resetAt = start + later + 4000;
      const window = { remaining: 9, reset: resetAt / 1000, resetAt };
      state = learned({ ...state, span }, terms, { ...answer(10), at: start + later, window });
      return state.limit;
    });
    expect(limits).toEqual([null, null, null, null, 150]);
  });
});

describe('a 429', () => {
  const refused: Observation = { ...answer(50), refused: true, until: start + 2500.5 };

  it('closes the gate in whole milliseconds, and its window counts, too', () => {
    const state: GovernorState = { ...fresh, counts: { since: start - 1000, calls: [300] } };
    expect(learned(state, terms, refused)).toMatchObject({
      closedUntil: start + 2501,
      limit: 50,
      window: { remaining: 10 },
      // Of the pace that the limit allows, not of the one before.
      adaptive: { knee: 40, strikes: 1 },
    });
  });

  it('opens no gate earlier', () => {
    const closed: GovernorState = { ...fresh, closedUntil: start + minute };
    expect(learned(closed, terms, refused).closedUntil).toBe(start + minute);
  });
});
