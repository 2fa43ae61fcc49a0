import { describe, expect, it } from 'vitest';

import { paceOf } from '../../../lib/governor/pace.ts';
import { newGovernorState, type GovernorState } from '../../../lib/governor/state.ts';

/** Refused before at so many a minute; null if never. */
function kneeAt(knee: number | null, limit: number | null = null): GovernorState {
  const state = newGovernorState();
  return { ...state, limit, adaptive: { ...state.adaptive, knee } };
}

describe('the pace', () => {
  it.each([
    // knee, published, rate, slots at once by the plan, and of calls
    ['of a vendor that tells nothing', null, null, 300, 120, 150],
    ['of a limit of 60', null, 60, 48, 4, 9],
    ['of a limit of 600', null, 600, 480, 48, 96],
    ['below the limit after a 429', 50, 60, 45, 1, 1],
    ['at the limit all the same, with room for a burst', 100, 60, 48, 4, 9],
    ['after a 429 of a vendor that tells nothing', 200, null, 180, 1, 4],
    ['after a 429 of a quick vendor', 1000, null, 900, 9, 19],
    ['at the highest unknown rate', 2000, null, 1200, 12, 25],
  ])('%s', (_, knee, published, rate, plan, spend) => {
    const pace = paceOf(kneeAt(knee), { published, chosen: null });
    const spacing = 60_000 / rate;
    expect(pace.limit).toBe(published);
    expect(pace.rate).toBeCloseTo(rate, 8);
    expect(pace.spacing).toBeCloseTo(spacing, 8);
    expect(pace.planAhead).toBeCloseTo((plan - 1) * spacing, 6);
    // Whoever comes late for a slot still finds it.
    expect(pace.spendAhead).toBeCloseTo(Math.max((spend - 1) * spacing, Math.min(spacing, 2500)), 6);
  });

  it.each([
    ['a minute where no shorter window is known', 600, null, null, 48, 96],
    ["a minute where the limit is not the vendor's word", null, 600, 10_000, 48, 96],
    ['its own window where that is shorter', 600, null, 10_000, 8, 16],
  ])('has bursts that find room in %s', (_, told, published, ms, plan, spend) => {
    const state = kneeAt(null, told);
    const pace = paceOf({ ...state, span: { ...state.span, ms } }, { published, chosen: null });
    expect(pace.planAhead / pace.spacing + 1).toBeCloseTo(plan, 8);
    expect(pace.spendAhead / pace.spacing + 1).toBeCloseTo(spend, 8);
  });

  it('lets one that is late by 2.5 s still through where calls are rare', () => {
    const pace = paceOf(newGovernorState(), { published: 1, chosen: null });
    expect(pace).toEqual({
      limit: 1,
      rate: 0.8,
      spacing: 75_000,
      planAhead: 0,
      spendAhead: 2500,
      window: { limit: 1, ms: 60_000 },
    });
  });

  it.each([
    ['the vendor has said so', 100, 60, null, 100],
    ["the user's is lower", 100, 60, 30, 30],
    ["the vendor's word is lower than the user's", 15, 60, 30, 15],
    ["there is the user's alone", null, null, 30, 30],
    ['there is a published one alone', null, 60, null, 60],
    ['there is none', null, null, null, null],
  ])('goes by the limit, where %s', (_, told, published, chosen, limit) => {
    expect(paceOf(kneeAt(null, told), { published, chosen }).limit).toBe(limit);
  });
});
