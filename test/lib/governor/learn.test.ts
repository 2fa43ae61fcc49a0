import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isTelling, learned, type Observation } from '../../../lib/governor/learn.ts';
import { paceOf } from '../../../lib/governor/pace.ts';
import { decidePermit } from '../../../lib/governor/permit.ts';
import { newGovernorState, type GovernorState, type LimitTerms } from '../../../lib/governor/state.ts';
import { foreignRate, hasRoom, windowSpacing } from '../../../lib/governor/window.ts';

const start = 1_700_000_000_000;
const minute = 60_000;
const unknown: LimitTerms = { published: null, chosen: null };
const ofFifty = { limit: 50, ms: minute };
const fifty: LimitTerms = { published: 50, chosen: null };

const nothing: Observation = {
  at: start,
  refused: false,
  until: null,
  limit: null,
  windowMs: null,
  window: null,
};
const refused = (at: number, until: number | null = null): Observation => ({
  ...nothing,
  at,
  refused: true,
  until,
});
/** An answer in the window that ends a minute after the start. */
const answered = (at: number, remaining: number, limit = 50): Observation => ({
  ...nothing,
  at,
  limit,
  window: { remaining, reset: (start + minute) / 1000, resetAt: start + minute },
});

/** So many calls, evenly over so long a time from the start. @returns when it ended, too */
function usedFor(state: GovernorState, calls: number, ms: number, from = start): GovernorState {
  let current = state;
  for (let call = 1; call <= calls; call += 1) {
    const now = Math.round(from + (ms * call) / calls);
    // Without a limit's say: what is looked at is what was learned.
    const free = { ...current, planned: 0, spent: 0, lastSlot: 0, window: null, closedUntil: 0 };
    const { next } = decidePermit(free, { now, terms: unknown, slot: null });
    current = { ...current, ...next, window: current.window, closedUntil: current.closedUntil };
  }
  return current;
}

const rateOf = (state: GovernorState, terms = unknown): number => paceOf(state, terms).rate;

describe('the rate of a vendor that tells nothing', () => {
  it('starts at 300 a minute, and grows by a tenth of it in a minute of use, up to 1200', () => {
    expect(rateOf(newGovernorState())).toBe(300);
    const used = usedFor(newGovernorState(), 300, minute);
    expect(rateOf(used)).toBeCloseTo(330, -1);
    expect(rateOf({ ...used, adaptive: { ...used.adaptive, grownMs: 10_000 * minute } })).toBe(1200);
  });

  it('hardly grows while nobody asks', () => {
    const used = usedFor(newGovernorState(), 10, 1000);
    const later = usedFor(used, 1, 0, start + 12 * 60 * minute);
    expect(rateOf(later) - rateOf(used)).toBeLessThan(10);
  });

  it('falls with a 429 to what got through in the last minute, and comes back to just below within a minute', () => {
    const used = usedFor(newGovernorState(), 260, minute);
    const after = learned(used, unknown, refused(start + minute));
    expect(after.adaptive.knee).toBeCloseTo(260, -1);
    expect(rateOf(after)).toBeCloseTo(0.9 * 260, -1);
    const back = usedFor(after, 234, minute, start + minute);
    expect(rateOf(back)).toBeCloseTo(0.98 * 260, -1);
    const rested = usedFor(back, 20 * 250, 20 * minute, start + 2 * minute);
    expect(rateOf(rested)).toBe(rateOf(back));
    const tried = usedFor(rested, 15 * 250, 15 * minute, start + 22 * minute);
    expect(rateOf(tried)).toBeGreaterThan(1.02 * 260);
  });

  it.each([
    ['by no more than 30 % at once', 0, 0.7],
    ['by no more than 3 % where it has stood the test', 10 * minute, 0.97],
  ])('falls %s', (_, grownMs, part) => {
    const state = usedFor(newGovernorState(), 60, minute);
    const proven = { ...state, adaptive: { ...state.adaptive, knee: 200, grownMs } };
    const before = rateOf(proven);
    expect(learned(proven, unknown, refused(start + minute)).adaptive.knee).toBeCloseTo(before * part);
  });

  it('does not fall where little was asked for: somebody else has used the window up, and everybody waits', () => {
    const state = usedFor(newGovernorState(), 20, minute);
    const proven = { ...state, adaptive: { ...state.adaptive, knee: 200 } };
    const after = learned(proven, unknown, refused(start + minute));
    expect(rateOf(after)).toBe(rateOf(proven));
    expect(after.closedUntil).toBeGreaterThan(start + minute);
  });

  it('falls once for one wave, and once for a vendor that refuses everything for a while', () => {
    const first = learned(usedFor(newGovernorState(), 300, minute), unknown, refused(start + minute));
    const same = learned(first, unknown, refused(start + minute + 900));
    expect(same.adaptive).toEqual(first.adaptive);
    let current = first;
    const pauses = [first.closedUntil - start - minute];
    for (let wave = 0; wave < 4; wave += 1) {
      const at = current.closedUntil + 500;
      current = learned(usedFor(current, 1, 0, current.closedUntil), unknown, refused(at));
      pauses.push(current.closedUntil - at);
    }
    expect(current.adaptive.knee).toBe(first.adaptive.knee);
    expect(pauses).toEqual([1000, 4000, 12_000, 36_000, 36_000]);
    // Calls went through in between: it is another trouble.
    const well = usedFor(current, 100, minute, current.closedUntil);
    const again = learned(well, unknown, refused(current.closedUntil + minute));
    expect(again.adaptive.strikes).toBe(1);
    expect(rateOf(again)).toBeLessThan(rateOf(well));
  });

  it('never falls to nothing', () => {
    let state = newGovernorState();
    for (let hour = 1; hour < 100; hour += 1) {
      state = learned(state, unknown, refused(start + hour * 60 * minute));
    }
    expect(rateOf(state)).toBeGreaterThanOrEqual(0.9);
  });
});

describe('the moment that a 429 names', () => {
  it('is kept, and no earlier one takes its place', () => {
    const first = learned(newGovernorState(), fifty, refused(start, start + 30_000));
    expect(first.closedUntil).toBe(start + 30_000);
    expect(learned(first, fifty, refused(start + 10, start + 5000)).closedUntil).toBe(start + 30_000);
    expect(learned(first, fifty, refused(start + 10, start + 50_000)).closedUntil).toBe(start + 50_000);
  });

  it('is only the least once it was not true', () => {
    const first = learned(newGovernorState(), fifty, refused(start, start + 1000));
    const second = learned(first, fifty, refused(start + 1500, start + 2000));
    expect(second.closedUntil).toBe(start + 1500 + 4000);
  });
});

describe("the vendor's window", () => {
  it('tells the limit, if it is one for a minute', () => {
    expect(learned(newGovernorState(), fifty, answered(start, 69, 70)).limit).toBe(70);
    const hour = { remaining: 900, reset: start / 1000 + 3600, resetAt: start + 60 * minute };
    const ofAnHour = { ...nothing, limit: 1000, window: hour };
    expect(learned(newGovernorState(), fifty, ofAnHour).limit).toBeNull();
    expect(paceOf(learned(newGovernorState(), fifty, answered(start, 69, 70)), fifty).rate).toBe(56);
  });

  it('is spread until its reset', () => {
    const { window } = learned(newGovernorState(), fifty, answered(start, 20));
    expect(windowSpacing(window, ofFifty, start)).toBeCloseTo(minute / (20 - 0.5));
    expect(windowSpacing(window, ofFifty, start + minute)).toBe(0);
    expect(windowSpacing(null, ofFifty, start)).toBe(0);
  });

  it('only tightens: the least that was seen counts, and an older window does not', () => {
    const seen = [answered(start, 40), answered(start + 10, 30), answered(start + 20, 35)];
    const state = seen.reduce((current, one) => learned(current, fifty, one), newGovernorState());
    expect(state.window).toMatchObject({ remaining: 30, answers: 2 });
    const old = { ...nothing, window: { remaining: 50, reset: start / 1000 - 5, resetAt: start + 1 } };
    expect(learned(state, fifty, old).window).toEqual(state.window);
  });

  it('is a new one after its reset, and then says more again', () => {
    const state = learned(newGovernorState(), fifty, answered(start, 3));
    const reset = (start + 2 * minute) / 1000;
    const fresh = { remaining: 49, reset, resetAt: start + 2 * minute };
    const next = learned(state, fifty, { ...nothing, at: start + minute, limit: 50, window: fresh });
    expect(next.window).toMatchObject({ remaining: 49, answers: 0, calls: 0, slots: 0 });
  });

  it('shows what others take: it is left to them, in the next window, too', () => {
    // In 30 s ten of ours were answered, and twenty more are gone.
    let state = learned(newGovernorState(), fifty, answered(start, 49));
    for (let answer = 1; answer <= 10; answer += 1) {
      state = learned(state, fifty, answered(start + answer * 3000, 49 - answer * 3));
    }
    const { window } = state;
    if (window === null) throw new Error('no window');
    expect(foreignRate(window)).toBeCloseTo(20);
    const left = window.remaining - 20 / 2 - 0.5;
    expect(windowSpacing(window, ofFifty, start + 30_000)).toBeCloseTo(30_000 / left);
    const reset = (start + 2 * minute) / 1000;
    const fresh = { remaining: 49, reset, resetAt: start + 2 * minute };
    const next = learned(state, fifty, { ...nothing, at: start + minute, limit: 50, window: fresh });
    expect(next.window?.foreign).toBeCloseTo(20);
  });

  it('has no room where all that is left is under way', () => {
    const { window } = learned(newGovernorState(), fifty, answered(start, 2));
    if (window === null) throw new Error('no window');
    expect(hasRoom({ ...window, calls: 1 }, ofFifty, start)).toBe(true);
    expect(hasRoom({ ...window, calls: 2 }, ofFifty, start)).toBe(false);
    expect(hasRoom({ ...window, calls: 2, answers: 1 }, ofFifty, start)).toBe(true);
    expect(hasRoom({ ...window, calls: 2 }, ofFifty, start + minute)).toBe(true);
    expect(windowSpacing({ ...window, slots: 2 }, ofFifty, start)).toBe(Infinity);
  });

  it('that is used up lets nobody through before its reset', () => {
    const state = learned(newGovernorState(), fifty, answered(start, 0));
    const { permit } = decidePermit(state, { now: start + 1, terms: fifty, slot: null });
    expect(permit).toMatchObject({ granted: false, at: start + minute });
  });
});

describe('a reset that is far away, and was not meant', () => {
  const second = 1000;
  const lie = (remaining: number, seconds: number): Observation => {
    const resetAt = start + seconds * second;
    return { ...nothing, at: start, limit: 100, window: { remaining, reset: resetAt / 1000, resetAt } };
  };
  const now = (at: number, remaining = 99): Observation => {
    const resetAt = at - (at % minute) + minute;
    return { ...nothing, at, limit: 100, window: { remaining, reset: resetAt / 1000, resetAt } };
  };

  it.each([
    ['nearly nothing left for days', lie(3, 500_000)],
    ['nothing left for days', lie(0, 500_000)],
    ['nothing left for a week', lie(0, 604_800)],
    ['little left for an hour', lie(10, 3600)],
    ['little left for ten minutes', lie(2, 600)],
  ])('stops nobody once answers say otherwise: %s', (_, answer) => {
    let state = learned(newGovernorState(), unknown, answer);
    // Many ask, and are sent far away.
    for (let asks = 0; asks < 20; asks += 1) {
      state = decidePermit(state, { now: start + 100, terms: unknown, slot: null }).next ?? state;
    }
    let granted = 0;
    for (let at = start + second; at <= start + 2 * minute; at += second) {
      state = learned(state, unknown, now(at));
      const { permit, next } = decidePermit(state, { now: at, terms: unknown, slot: null });
      state = next ?? state;
      if (permit.granted) granted += 1;
      else expect(permit.at - at).toBeLessThanOrEqual(at < start + 4 * second ? 604_800_000 : minute);
    }
    expect(granted).toBeGreaterThan(115);
    expect(state.span.longestMs).toBeLessThanOrEqual(minute);
    expect(state.limit).toBe(100);
  });

  it('holds while nothing else is said', () => {
    const state = learned(newGovernorState(), unknown, lie(0, 3600));
    const { permit } = decidePermit(state, { now: start + minute, terms: unknown, slot: null });
    expect(permit).toMatchObject({ granted: false, at: start + 3_600_000 });
  });

  it('leaves slots alone that are no farther away than the nearer reset, and what was let through counted', () => {
    const before = learned(newGovernorState(), unknown, lie(90, 600));
    const reserved = { ...before, lastSlot: start + 9000, planned: start + 12_000, spent: start + 5000 };
    const after = learned(reserved, unknown, now(start + 5000));
    expect(after).toMatchObject({ lastSlot: start + 9000, planned: start + 12_000, spent: start + 5000 });
    // Whoever has the slot at the nearer reset keeps it, too.
    const last = { ...reserved, lastSlot: start + 40_000 };
    expect(learned(last, unknown, now(start + 5000))).toMatchObject({ lastSlot: start + 40_000 });
    const far = { ...reserved, lastSlot: start + 590_000, planned: start + 595_000 };
    const back = { lastSlot: start + 5000, planned: start + 5000, spent: start + 5000 };
    expect(learned(far, unknown, now(start + 5000))).toMatchObject(back);
  });

  it('gives whoever has a slot behind it another one, before it', () => {
    const waiting = learned(newGovernorState(), unknown, lie(3, 500_000));
    const sent = decidePermit(waiting, { now: start + 100, terms: unknown, slot: null });
    const slot = sent.permit.granted ? null : sent.permit.slot;
    expect(slot).toBeGreaterThan(start + 60 * minute);
    const after = learned(sent.next ?? waiting, unknown, now(start + second));
    const { permit } = decidePermit(after, { now: start + second, terms: unknown, slot });
    expect(permit).toEqual({ granted: true });
  });
});

describe('what is known after an answer', () => {
  const numbersIn = (part: unknown): readonly unknown[] =>
    typeof part === 'object' && part !== null ? Object.values(part).flatMap(numbersIn) : [part];
  const areSome = (state: GovernorState): boolean =>
    numbersIn(state).every((part) => typeof part !== 'number' || Number.isFinite(part));
  const odd = fc.oneof(
    fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, -1, 1e-10, 1e300, Number.MAX_VALUE, 5e-324),
    fc.integer({ min: start - minute, max: start + 9 * minute }),
  );
  const observations = fc.record({
    at: odd,
    refused: fc.boolean(),
    until: fc.option(odd),
    limit: fc.option(odd),
    windowMs: fc.option(odd),
    window: fc.option(fc.record({ remaining: odd, reset: odd, resetAt: odd })),
  });

  it('is all numbers, whatever the answers say', () => {
    fc.assert(
      fc.property(fc.array(observations, { maxLength: 6 }), (seen) => {
        const state = seen.reduce((before, one) => learned(before, fifty, one), newGovernorState());
        return areSome(state);
      }),
    );
  });

  it('is all numbers again where some were none', () => {
    const broken: GovernorState = { ...newGovernorState(), planned: NaN, limit: Infinity };
    expect(areSome(learned(broken, fifty, answered(start, 40)))).toBe(true);
  });

  it.each([
    [0, 50],
    [1e-10, 50],
    [999, 50],
    [-60_000, 50],
    [NaN, 50],
    [1000, 3000],
    [10_000, 300],
    [minute, 50],
    [3_600_000, null],
    [Infinity, null],
  ])(
    'of a policy of %d ms is a limit of %d a minute: nobody counts in less than a second, and a longer one is none',
    (windowMs, limit) => {
      const state = learned(newGovernorState(), unknown, { ...answered(start, 40), windowMs });
      expect(state.limit).toBe(limit);
      expect(state.span.ms ?? 1000).toBeGreaterThanOrEqual(1000);
    },
  );
});

describe('an answer', () => {
  it.each([
    ['a 429', refused(start), true],
    ['a window', answered(start, 1), true],
    ['a limit alone', { ...nothing, limit: 1000 }, false],
    ['nothing', nothing, false],
  ])('is worth a write if it tells something: %s', (_, seen, telling) => {
    expect(isTelling(seen)).toBe(telling);
  });
});
