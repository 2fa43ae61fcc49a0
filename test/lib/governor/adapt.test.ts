import { describe, expect, it } from 'vitest';

import { adaptiveRate, countedBefore, refusedBy, used } from '../../../lib/governor/adapt.ts';
import {
  newGovernorState,
  type Adaptive,
  type Counts,
  type GovernorState,
} from '../../../lib/governor/state.ts';

const second = 1000;
const minute = 60 * second;
/** A full ten seconds. */
const start = 1_700_000_000_000;

const fresh = newGovernorState().adaptive;

describe('the rate', () => {
  it.each([
    [0, 90],
    [0.5, 94],
    [1, 98],
    [2, 98],
    [31, 98],
    [41, 118],
    [81, 198],
    [100_000, 1200],
  ])('after %d minutes of use since a 429 at 100 a minute is %d', (minutes, rate) => {
    expect(adaptiveRate({ ...fresh, knee: 100, grownMs: minutes * minute }, null)).toBeCloseTo(rate, 8);
  });

  it.each([
    ['a limit that is known caps it', 100, 50, 50],
    ['a limit above it does not', 100, 500, 90],
    ['it is one a minute at least', 0.5, null, 1],
    ['but not more than the limit', 0.5, 0.8, 0.8],
  ])('right after a 429: %s', (_, knee, ceiling, rate) => {
    expect(adaptiveRate({ ...fresh, knee }, ceiling)).toBeCloseTo(rate, 8);
  });

  it.each([
    [0, null, 300],
    [10, null, 600],
    [30, null, 1200],
    [31, null, 1200],
    [0, 48, 48],
    [0, 5000, 5000],
    [10, 5000, 5000],
  ])('before any 429, after %d minutes of use and with a ceiling of %s, is %d', (minutes, ceiling, rate) => {
    expect(adaptiveRate({ ...fresh, grownMs: minutes * minute }, ceiling)).toBeCloseTo(rate, 8);
  });
});

describe('time in use', () => {
  const after = (idle: number): Adaptive =>
    used({ ...newGovernorState(), grantedAt: start }, start + idle).adaptive;

  it.each([
    [4 * second, 4 * second],
    [15 * second, 15 * second],
    [16 * second, 15 * second],
    [12 * 60 * minute, 15 * second],
    // Somebody else's clock.
    [-5 * second, 0],
  ])('grows with a call %d ms after the last by %d ms', (idle, grown) => {
    expect(after(idle)).toEqual({ ...fresh, grownMs: grown, calls: 1 });
  });

  it('does not begin before the first call', () => {
    expect(used(newGovernorState(), start).adaptive).toEqual({ ...fresh, grownMs: 0, calls: 1 });
  });
});

describe('the counts of calls', () => {
  const counting = (counts: Counts, now: number): Counts =>
    used({ ...newGovernorState(), counts, grantedAt: start }, now).counts;

  it('go by spans of ten seconds, the newest first', () => {
    const moments = [0, 1, 9.999, 10, 12, 25].map((seconds) => start + seconds * second);
    const counts = moments.reduce(counting, { since: start, calls: [0] });
    expect(counts).toEqual({ since: start + 20 * second, calls: [1, 2, 3] });
  });

  it('begin a span at a full ten seconds, whenever the call comes', () => {
    expect(counting({ since: start, calls: [5] }, start + 17 * second)).toEqual({
      since: start + 10 * second,
      calls: [1, 5],
    });
  });

  it('keep the span that is under way and the six before it', () => {
    const seven = { since: start, calls: [1, 2, 3, 4, 5, 6, 7] };
    expect(counting(seven, start + 10 * second).calls).toEqual([1, 1, 2, 3, 4, 5, 6]);
    expect(counting(seven, start + minute).calls).toEqual([1, 0, 0, 0, 0, 0, 1]);
    expect(counting(seven, start + 70 * second).calls).toEqual([1, 0, 0, 0, 0, 0, 0]);
    expect(counting(seven, start + 24 * 60 * minute).calls).toEqual([1, 0, 0, 0, 0, 0, 0]);
  });

  it('take a call by a clock that is behind into the span that is under way', () => {
    expect(counting({ since: start, calls: [3, 1] }, start - 15 * second)).toEqual({
      since: start,
      calls: [4, 1],
    });
  });

  it.each([
    ['at the beginning of a span', 0, 64 + 63],
    ['later, less of the oldest', 3, 0.7 * 64 + 63],
    ['at the end of a span, nothing of the oldest', 10, 63],
    ['after half a minute, what is younger than that', 30, 1 + 2 + 4 + 8],
    ['after a minute, the last span alone', 60, 1],
    ['a little later, a part of it', 65, 0.5],
    ['later still, nothing', 71, 0],
  ])('tell what came in the last minute: %s', (_, seconds, through) => {
    const counts = { since: start, calls: [1, 2, 4, 8, 16, 32, 64] };
    expect(countedBefore(counts, start + seconds * second, 60 * second)).toBeCloseTo(through, 8);
  });
});

/** So many calls in the ten seconds before the start, and what was learned before. */
function having(calls: number, adaptive: Partial<Adaptive> = {}): GovernorState {
  return {
    ...newGovernorState(),
    counts: { since: start - 10 * second, calls: [calls] },
    adaptive: { ...fresh, calls, ...adaptive },
  };
}

describe('the first 429', () => {
  it('ends the growth at what got through, and closes for a second', () => {
    expect(refusedBy(having(90), 100, { at: start, until: null })).toEqual({
      adaptive: { knee: 90, grownMs: 0, strikes: 1, calls: 0, waveUntil: start + second },
      closedUntil: start + second,
    });
  });

  it('is the first one at whatever time', () => {
    const state: GovernorState = { ...newGovernorState(), counts: { since: 0, calls: [90] } };
    const { adaptive } = refusedBy(state, 100, { at: 500, until: null });
    expect(adaptive).toMatchObject({ knee: 90, strikes: 1 });
  });

  it.each([
    ['sooner than a second', start + 300],
    ['in a minute', start + minute],
  ])('closes exactly until the moment that it names: %s', (_, until) => {
    const { adaptive, closedUntil } = refusedBy(having(90), 100, { at: start, until });
    expect([closedUntil, adaptive.waveUntil]).toEqual([until, until]);
  });

  it('counts its wave in whole milliseconds', () => {
    expect(refusedBy(having(90), 100, { at: start, until: start + 0.5 }).adaptive.waveUntil).toBe(start + 1);
  });
});

describe('what got through before a 429', () => {
  it.each([
    ['more than the pace', 120, 0, 100],
    ['most of the pace', 80, 0, 80],
    ['little of it: no more than 30 % are taken away', 30, 0, 70],
    ['just enough to count', 25, 0, 70],
    ['little, where the pace has stood for three minutes', 30, 3 * minute, 70],
    ['little, where it has stood for longer', 30, 3 * minute + 1, 97],
  ])('is what the vendor allows: %s', (_, calls, grownMs, knee) => {
    const { adaptive } = refusedBy(having(calls, { grownMs }), 100, { at: start, until: null });
    expect(adaptive).toMatchObject({ knee, grownMs: 0 });
  });

  it('tells nothing of the pace if it was less than a quarter of it', () => {
    const learned = { knee: 300, grownMs: 5 * minute };
    const { adaptive } = refusedBy(having(24, learned), 100, { at: start, until: null });
    expect(adaptive).toEqual({ ...learned, strikes: 1, calls: 0, waveUntil: start + second });
  });

  it('is one a minute at least', () => {
    expect(refusedBy(having(1), 1.2, { at: start, until: null }).adaptive.knee).toBe(1);
  });
});

describe('another 429', () => {
  const wave = { knee: 90, grownMs: 100, strikes: 1, calls: 0, waveUntil: start };

  it('of the same wave changes nothing, and keeps its word', () => {
    const state = having(0, { ...wave, waveUntil: start + 1 });
    expect(refusedBy(state, 300, { at: start, until: null })).toEqual({
      adaptive: state.adaptive,
      closedUntil: 0,
    });
    expect(refusedBy(state, 300, { at: start, until: start + minute }).closedUntil).toBe(start + minute);
  });

  it('once the gate is open belongs to the same trouble: the pause is longer, the rate stays', () => {
    expect(refusedBy(having(0, wave), 300, { at: start, until: null })).toEqual({
      adaptive: { ...wave, strikes: 2, calls: 0, waveUntil: start + 4 * second },
      closedUntil: start + 4 * second,
    });
  });

  it.each([
    ['that is less than the pause', start + second, start + 4 * second],
    ['that is more', start + minute, start + minute],
  ])('of the same trouble takes the moment it names for the least: %s', (_, until, closedUntil) => {
    expect(refusedBy(having(0, wave), 300, { at: start, until }).closedUntil).toBe(closedUntil);
  });

  it.each([
    ['hardly more calls than one wave has', 11, 0, 2],
    ['more calls', 12, 0, 1],
    ['less than two minutes', 0, 2 * minute - 1, 2],
    ['two minutes', 0, 2 * minute, 1],
    ['a day', 0, 24 * 60 * minute, 1],
  ])('after %s (%i calls, %i ms) is strike %i', (_, calls, later, strikes) => {
    const { adaptive } = refusedBy(having(0, { ...wave, calls }), 300, { at: start + later, until: null });
    expect(adaptive.strikes).toBe(strikes);
  });

  it.each([
    [1, 4],
    [2, 12],
    [3, 36],
    [4, 36],
    [40, 36],
  ])('after %i strikes closes for %i s', (strikes, seconds) => {
    const { closedUntil } = refusedBy(having(0, { ...wave, strikes }), 300, { at: start, until: null });
    expect(closedUntil).toBe(start + seconds * second);
  });
});
