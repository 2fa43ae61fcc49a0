import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decidePermit, type Permit } from '../../../lib/governor/permit.ts';
import { newGovernorState, type GovernorState, type LimitTerms } from '../../../lib/governor/state.ts';

const start = 1_700_000_000_000;
const minute = 60_000;

/** 60 a minute by the vendor, 48 of them ours: one in 1250 ms, four at once. */
const sixty: LimitTerms = { published: 60, chosen: null };

/** A governor in one variable. */
function governor(terms: LimitTerms, from: Partial<GovernorState> = {}) {
  let state: GovernorState = { ...newGovernorState(), ...from };
  return {
    ask(now: number, slot: number | null = null): Permit {
      const { permit, next } = decidePermit(state, { now, terms, slot });
      state = next ?? state;
      return permit;
    },
    close(until: number): void {
      state = { ...state, closedUntil: Math.max(state.closedUntil, until) };
    },
    get state(): GovernorState {
      return state;
    },
  };
}

/** So many slots, asked for at once after the burst. */
function slotsOf(asked: ReturnType<typeof governor>, count: number, now = start): number[] {
  const slots: number[] = [];
  while (slots.length < count) {
    const permit = asked.ask(now);
    if (!permit.granted) slots.push(permit.slot ?? Number.NaN);
  }
  return slots;
}

describe('a reservation', () => {
  it('is let through once its time has come, and asked to come again if it has not', () => {
    const asked = governor(sixty);
    const [slot = 0] = slotsOf(asked, 3);
    const before = asked.state;
    expect(asked.ask(slot - 1, slot)).toEqual({ granted: false, at: slot, slot, why: 'paced' });
    expect(asked.state).toBe(before);
    expect(asked.ask(slot, slot)).toEqual({ granted: true });
  });

  it('that comes late is let through at once, and takes nothing from those behind it', () => {
    const asked = governor(sixty);
    const [first = 0, second = 0] = slotsOf(asked, 3);
    expect(asked.ask(second, second)).toEqual({ granted: true });
    expect(asked.ask(second + 900, first)).toEqual({ granted: true });
  });

  it('counts once: shown again it is held against what was really let through', () => {
    const asked = governor(sixty);
    const [slot = 0] = slotsOf(asked, 1);
    const granted = Array.from({ length: 50 }, () => asked.ask(slot, slot)).filter(
      (permit) => permit.granted,
    );
    // Four at the start and these: what one minute may hold beyond the rate is nine.
    expect(granted.length).toBeLessThanOrEqual(9 + 1);
  });

  it.each([
    ['forgotten for long', (slot: number) => slot - 11 * minute],
    ['made up', (slot: number) => slot + 7 * minute],
  ])('that is %s is worth nothing', (_, forge) => {
    const asked = governor(sixty);
    const last = slotsOf(asked, 40).at(-1) ?? 0;
    const permit = asked.ask(start + 1, forge(start + 1));
    expect(permit).toMatchObject({ granted: false });
    expect(permit.granted ? 0 : permit.slot).toBeGreaterThan(last);
  });

  it('within a closing is moved behind it, once', () => {
    const asked = governor(sixty);
    const [slot = 0] = slotsOf(asked, 1);
    asked.close(start + minute);
    const moved = asked.ask(slot, slot);
    expect(moved).toEqual({ granted: false, at: start + minute, slot: start + minute, why: 'closed' });
    expect(asked.ask(start + minute + 700, start + minute)).toEqual({ granted: true });
  });

  it('is moved when the vendor has no room for it any more', () => {
    const window = {
      id: 1,
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
    const asked = governor(sixty, { window });
    const [slot = 0] = slotsOf(asked, 1);
    const spent = { ...asked.state, window: { ...window, remaining: 0 } };
    const { permit } = decidePermit(spent, { now: slot, terms: sixty, slot });
    expect(permit).toMatchObject({ granted: false, at: start + minute });
  });
});

describe('the line', () => {
  it('starts with a burst, and not after a closing', () => {
    const asked = governor(sixty);
    expect([1, 2, 3, 4, 5].map(() => asked.ask(start).granted)).toEqual([true, true, true, true, false]);
    const closed = governor(sixty);
    closed.close(start);
    expect([1, 2].map(() => closed.ask(start).granted)).toEqual([true, false]);
  });

  it.each([
    [1, 0.8],
    [5, 4],
    [50, 40],
    [600, 480],
  ])('of a limit of %d a minute moves %d times a minute', (published, share) => {
    const slots = slotsOf(governor({ published, chosen: null }), 10);
    expect(slots[9]! - slots[0]!).toBeCloseTo((9 * minute) / share, -1);
  });

  it("keeps to the user's figure whatever the vendor says, and to the vendor's if it is lower", () => {
    const gap = (terms: LimitTerms, limit: number | null): number => {
      const slots = slotsOf(governor(terms, { limit }), 3);
      return Math.round(slots[2]! - slots[1]!);
    };
    expect(gap({ published: 60, chosen: 30 }, 100)).toBe(2500);
    expect(gap({ published: 60, chosen: 30 }, 15)).toBe(5000);
    expect(gap({ published: 60, chosen: null }, 120)).toBe(625);
    expect(gap({ published: null, chosen: null }, 120)).toBe(625);
    expect(gap({ published: null, chosen: null }, null)).toBe(200);
  });
});

/** What streams do: ask anew, or come with what they were given; late, twice, never, or with something made up. */
const move = fc.record({
  wait: fc.integer({ min: 0, max: 4000 }),
  kind: fc.constantFrom('new', 'due', 'due', 'late', 'again', 'forged', 'close' as const),
  pick: fc.nat(1000),
});

describe('whatever streams do', () => {
  it.each([5, 7, 50, 600])('a limit of %d is kept in every minute', (published) => {
    fc.assert(
      fc.property(fc.array(move, { minLength: 100, maxLength: 400 }), (moves) => {
        const asked = governor({ published, chosen: null });
        const granted: number[] = [];
        const slots: number[] = [];
        let now = start;
        for (const { wait, kind, pick } of moves) {
          now += published > 100 ? Math.round(wait / 10) : wait;
          const some = slots[pick % Math.max(1, slots.length)] ?? null;
          if (kind === 'close') asked.close(now + pick);
          const slot = kind === 'new' || kind === 'close' ? null : kind === 'forged' ? now - pick : some;
          const permit = asked.ask(now, slot);
          if (permit.granted) {
            granted.push(now);
            expect(now).toBeGreaterThanOrEqual(asked.state.closedUntil);
          } else if (permit.slot !== null) slots.push(permit.slot);
        }
        for (const from of granted) {
          const within = granted.filter((at) => at >= from && at <= from + minute).length;
          expect(within).toBeLessThanOrEqual(published);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('slots are given out in order, each to be redeemed by whoever comes for it in time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 20, maxLength: 200 }),
        fc.integer({ min: 2, max: 12 }),
        (delays, streams) => {
          const asked = governor(sixty);
          let lastSlot = 0;
          let refusedTwice = 0;
          const line = Array.from({ length: streams }, () => ({ slot: null as number | null, comes: start }));
          for (const delay of delays) {
            line.sort((a, b) => a.comes - b.comes);
            const next = line[0]!;
            const permit = asked.ask(next.comes, next.slot);
            if (permit.granted) {
              next.slot = null;
              next.comes += 300;
              continue;
            }
            if (next.slot !== null) refusedTwice += 1;
            if (permit.slot !== next.slot) expect(permit.slot).toBeGreaterThanOrEqual(lastSlot);
            lastSlot = Math.max(lastSlot, permit.slot ?? 0);
            next.slot = permit.slot;
            next.comes = permit.at + (delay % 1000);
          }
          expect(refusedTwice).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
