import { describe, expect, it } from 'vitest';

import { decidePermit } from '../../../lib/governor/permit.ts';
import {
  newGovernorState,
  type GovernorState,
  type LimitTerms,
  type VendorWindow,
} from '../../../lib/governor/state.ts';

const second = 1000;
const minute = 60 * second;
/** A full ten seconds. */
const start = 1_700_000_000_000;

/** 60 a minute by the vendor, 48 of them ours: one in 1250 ms, four at once by the plan, nine really. */
const sixty: LimitTerms = { published: 60, chosen: null };
const spacing = 1250;
const planAhead = 3 * spacing;
const spendAhead = 8 * spacing;

const fresh = newGovernorState();

function ask(state: Partial<GovernorState>, now: number, slot: number | null = null, terms = sixty) {
  return decidePermit({ ...fresh, ...state }, { now, terms, slot });
}

/** The line is full: the last slot of the plan is a second ahead. */
const full = {
  planned: start + second + planAhead + spacing,
  lastSlot: start + second,
  spent: start,
};

const plenty: VendorWindow = {
  id: (start + minute) / 1000,
  resetAt: start + minute,
  remaining: 1000,
  first: { at: start, remaining: 1000 },
  seenAt: start,
  answers: 0,
  calls: 0,
  slots: 0,
  foreign: 0,
  isRolling: false,
};
function left(remaining: number, resetAt = start + minute): VendorWindow {
  return { ...plenty, remaining, first: { at: start, remaining }, resetAt };
}

describe('the state before anything is known', () => {
  it('is open, without a limit, and has counted nothing', () => {
    expect(fresh).toEqual({
      closedUntil: 0,
      planned: 0,
      lastSlot: 0,
      spent: 0,
      grantedAt: 0,
      counts: { since: 0, calls: [0] },
      adaptive: { knee: null, grownMs: 0, strikes: 0, calls: 0, waveUntil: 0 },
      limit: null,
      meters: [],
      window: null,
      span: { ms: null, longestMs: 0, measured: null },
    });
  });
});

describe('who asks without a slot', () => {
  it.each([0, second, start])('takes the next one of the plan, and is counted: at %i', (now) => {
    const { permit, next } = ask({}, now);
    expect(permit).toEqual({ granted: true });
    expect(next).toMatchObject({
      // Nothing is closed until 0, and behind a closing nothing has been saved up.
      planned: Math.max(now, planAhead) + spacing,
      lastSlot: now,
      spent: now + spacing,
      grantedAt: now,
      adaptive: { calls: 1 },
    });
    expect(next?.counts.calls[0]).toBe(1);
  });

  it('waits for the next slot of a full line, which is his then', () => {
    const { permit, next } = ask(full, start);
    const slot = start + second + spacing;
    expect(permit).toEqual({ granted: false, at: slot, slot, why: 'paced' });
    expect(next).toEqual({
      ...fresh,
      ...full,
      planned: start + second + planAhead + 2 * spacing,
      lastSlot: slot,
    });
  });

  it.each([
    ['until the gate opens', start + 1, start + 1, 'closed'],
    ['for the line alone, once it has opened', start, start + second + spacing, 'paced'],
  ])('waits %s', (_, closedUntil, at, why) => {
    const { permit } = ask({ ...(why === 'paced' && full), closedUntil }, start);
    expect(permit).toEqual({ granted: false, at, slot: at, why });
  });

  it('waits for whole milliseconds', () => {
    const third: LimitTerms = { published: 7, chosen: null };
    const { permit } = ask({ ...full, planned: start + 0.25 * minute }, start, null, third);
    expect(permit.granted ? null : Number.isInteger(permit.at)).toBe(true);
  });

  it('goes one by one behind a closing: no burst has been saved up', () => {
    const { next } = ask({ closedUntil: start }, start);
    expect(next?.planned).toBe(start + planAhead + spacing);
  });

  it('waits where too much was really let through, whatever the plan has left', () => {
    const spent = start + spendAhead + 700;
    expect(ask({ spent }, start).permit).toMatchObject({ granted: false, at: start + 700 });
  });
});

describe('who shows a slot', () => {
  const due = { ...full, lastSlot: start };

  it('is let through without a change of the plan, and counted', () => {
    const { permit, next } = ask(due, start, start);
    expect(permit).toEqual({ granted: true });
    expect(next).toMatchObject({ planned: full.planned, lastSlot: start, spent: start + spacing });
    expect(next).toMatchObject({ grantedAt: start, adaptive: { calls: 1 } });
  });

  it.each([
    ['ten minutes later still has it', 10 * minute, full.planned],
    ['later than that queues anew', 10 * minute + 1, start + 10 * minute + 1 + spacing],
  ])('%s', (_, late, planned) => {
    const { permit, next } = ask(due, start + late, start);
    expect(permit).toEqual({ granted: true });
    expect(next?.planned).toBe(planned);
  });

  it.each([
    ['of the past', start - 1],
    ['of this very moment', start],
    ['of the future', start + 7 * minute],
  ])('that was never given out takes the next one of the plan: one %s', (_, slot) => {
    const { permit, next } = ask({ lastSlot: start - 2 }, start, slot);
    expect(permit).toEqual({ granted: true });
    expect(next).toMatchObject({ planned: start + spacing, lastSlot: start });
  });

  it('too early keeps it', () => {
    const slot = start + second;
    expect(ask(full, start, slot)).toEqual({
      permit: { granted: false, at: slot, slot, why: 'paced' },
      next: null,
    });
  });

  it('too early keeps one that lies behind a closing', () => {
    const slot = start + second;
    const { permit, next } = ask({ ...full, closedUntil: slot }, start, slot);
    expect([permit, next]).toEqual([{ granted: false, at: slot, slot, why: 'paced' }, null]);
  });

  it.each([
    ['while it lasts queues anew', start + 1, full.planned + spacing],
    ['once it is over still has it', start, full.planned],
  ])('that lies within a closing %s', (_, closedUntil, planned) => {
    expect(ask({ ...due, closedUntil }, start, start - 1).next?.planned).toBe(planned);
  });

  it.each([
    ['is let through at the moment there is room', 0, { granted: true }],
    ['keeps it for a moment', 1, { granted: false, at: start + 1, slot: start, why: 'paced' }],
    ['keeps it for two seconds', 2000, { granted: false, at: start + 2000, slot: start, why: 'paced' }],
  ])('and finds a crowd of others who are late: %s', (_, over, permit) => {
    const decision = ask({ ...due, spent: start + spendAhead + over }, start, start);
    expect(decision.permit).toEqual(permit);
    expect(decision.next === null).toBe(over > 0);
  });

  it('and finds a greater crowd queues anew', () => {
    const at = start + 2001;
    expect(ask({ ...due, planned: 0, spent: start + spendAhead + 2001 }, start, start)).toMatchObject({
      permit: { granted: false, at, slot: at, why: 'paced' },
      next: { lastSlot: at },
    });
  });

  it('queues anew where the vendor has no room any more', () => {
    const { permit, next } = ask({ ...due, planned: 0, window: left(0) }, start, start);
    expect(permit).toMatchObject({ granted: false, at: start + minute });
    expect(next?.lastSlot).toBe(start + minute);
  });
});

describe('the length of the windows', () => {
  const from = { at: start - second, reset: start / 1000 };
  const measured = { from, passed: 1, reset: start / 1000, resetAt: start, calls: 3, answers: 2 };

  it('is measured by what is let through, and by nothing else', () => {
    const span = { ms: null, longestMs: second, measured };
    const counted = { ...span, measured: { ...measured, calls: 4 } };
    expect(ask({ span }, start).next?.span).toEqual(counted);
    expect(ask({ ...full, span }, start).next?.span).toEqual(span);
    expect(ask({ ...full, lastSlot: start, span }, start, start).next?.span).toEqual(counted);
  });

  it('is not measured before an answer has begun it', () => {
    expect(ask({}, start).next?.span).toEqual(fresh.span);
  });
});

describe("the vendor's window", () => {
  it('counts the calls that are let through, and the slots', () => {
    const first = ask({ window: plenty }, start);
    expect(first.next?.window).toEqual({ ...plenty, calls: 1, slots: 1 });
    const waiting = ask({ ...full, window: plenty }, start);
    expect(waiting.next?.window).toEqual({ ...plenty, slots: 1 });
    const shown = ask({ ...full, lastSlot: start, window: plenty }, start, start);
    expect(shown.next?.window).toEqual({ ...plenty, calls: 1 });
  });

  it.each([
    ['before its reset', start + second + spacing + 1, 1],
    ['at its reset', start + second + spacing, 0],
    ['after its reset', start + second + spacing - 1, 0],
  ])('counts a slot that lies %s: %i, %i', (_, resetAt, slots) => {
    expect(ask({ ...full, window: left(1000, resetAt) }, start).next?.window?.slots).toBe(slots);
  });

  it('leaves bursts alone where it has plenty', () => {
    const first = ask({ window: plenty }, start).next ?? fresh;
    expect(ask(first, start).permit).toEqual({ granted: true });
  });

  it('leaves bursts alone where it has just what the pace needs', () => {
    // 59.4 of it in 74.25 s are one in 1250 ms.
    const enough = { ...left(60, start + 74_250) };
    expect(ask({ lastSlot: start, window: enough }, start).permit).toEqual({ granted: true });
    const less = { ...left(60, start + 74_251) };
    expect(ask({ lastSlot: start, window: less }, start).permit).toMatchObject({ granted: false });
  });

  it('spreads what is left of it, if that is less than the pace', () => {
    const ask10 = (terms: LimitTerms) =>
      ask({ lastSlot: start, window: left(10) }, start, null, terms).permit;
    expect(ask10(sixty)).toMatchObject({ at: start + Math.ceil(minute / 9.4) });
    // Without a limit a hundredth of the pace is left over.
    expect(ask10({ published: null, chosen: null })).toMatchObject({ at: start + Math.ceil(minute / 7) });
  });

  it('holds nobody beyond its reset', () => {
    expect(ask({ lastSlot: start, window: left(0) }, start).permit).toMatchObject({ at: start + minute });
    // The line itself is longer than that.
    const { permit } = ask({ ...full, window: left(0, start + second) }, start);
    expect(permit).toMatchObject({ at: start + second + spacing });
  });
});

describe('a limit of hours', () => {
  const hour = 60 * minute;
  const seenAt = start;
  const window: VendorWindow = { ...plenty, resetAt: start + hour, remaining: 0, seenAt, isRolling: true };
  const state = { limit: 50 / 60, window, span: { ms: null, longestMs: hour, measured: null } };
  /** So soon after a call there is none by such a limit. */
  const isHeld = (now: number, known: Partial<GovernorState>): boolean => {
    const { next } = ask(known, now);
    return !ask(next ?? {}, now).permit.granted;
  };

  it('holds for two of its windows after the vendor has named it, and not for ever', () => {
    expect(isHeld(seenAt + 2 * hour, state)).toBe(true);
    expect(isHeld(seenAt + 2 * hour + 1, state)).toBe(false);
    const { next } = ask(state, seenAt + 2 * hour + 1);
    expect(next).toMatchObject({ limit: null, window: null, span: { longestMs: 0 } });
  });

  it('holds on where it is one of minutes, or was named again', () => {
    const ofMinutes = { ...state, span: { ...state.span, longestMs: 2 * minute } };
    expect(isHeld(seenAt + 10 * hour, ofMinutes)).toBe(true);
    const again = { ...state, window: { ...window, seenAt: seenAt + hour } };
    expect(isHeld(seenAt + 3 * hour, again)).toBe(true);
  });
});
