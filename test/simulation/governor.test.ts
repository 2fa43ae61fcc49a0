import { describe, expect, it } from 'vitest';

import { longestSleepMs } from '../../lib/sync/sync-page.ts';
import { simulate } from './governed-world.ts';
import { cases, figuresOf } from './governor-cases.ts';

/** The figures of docs/governor.md, held to what is asked of them. */
describe.each(cases)('$name', (one) => {
  it.each(one.streams)('with %i streams: hardly a 429, and all of it used', async (streams) => {
    const { use, refused, fairness, redrivesPerPage, story } = await figuresOf(one, streams, 1);
    expect(use).toBeGreaterThanOrEqual(one.least.use);
    expect(refused).toBeLessThanOrEqual(one.least.refused);
    // In a run of minutes a stream is a page or two behind another one at most.
    expect(fairness).toBeGreaterThan(0.8);
    // A refusal costs one re-drive, not a poll.
    expect(redrivesPerPage).toBeLessThan(1.5);
    expect(Math.max(0, ...story.slept)).toBeLessThanOrEqual(longestSleepMs);
  });
});

describe('a window of another length than a minute, however the vendor counts and tells it', () => {
  const counted = [
    { calls: 10, windowMs: 1000, measured: [2, 4] },
    { calls: 20, windowMs: 10_000, measured: [3, 6] },
    { calls: 50, windowMs: 30_000, measured: [5, 10] },
    { calls: 1000, windowMs: 3_600_000, measured: [60, 120] },
  ] as const;
  const ways = (['fixed', 'aligned', 'sliding'] as const).flatMap((window) =>
    (['absolute', 'dated', 'delta', 'draft'] as const).map((headers) => ({ window, headers })),
  );
  // Hours take long, and how they are told makes no difference beyond these two.
  const each = counted.flatMap((limit) =>
    ways
      .filter(({ headers }) => limit.calls < 1000 || headers === 'dated' || headers === 'draft')
      .map((way) => ({ ...limit, ...way })),
  );

  it.each(each)(
    '$calls in $windowMs ms, $window, $headers: no 429, and three quarters of it used',
    async ({ measured, ...vendor }) => {
      const { use, refused, refusedBefore } = await figuresOf(
        {
          ...{ name: '', streams: [], wholeIs: '', least: { use: 0, refused: 0 } },
          scenario: { vendor, published: null },
          measured,
          whole: (vendor.calls * 60_000) / vendor.windowMs,
        },
        12,
        7,
      );
      // Where the last second counts from each call, chance crowds meet an end of it more often.
      const isAnySecond = vendor.window === 'sliding' && vendor.windowMs === 1000;
      expect(use).toBeGreaterThanOrEqual(isAnySecond ? 0.7 : 0.75);
      expect(use).toBeLessThanOrEqual(1.02);
      // At the end of its first hour it is not known yet that the vendor looks back: its resets make nothing free.
      const isAnyHour = vendor.window === 'sliding' && vendor.calls === 1000;
      expect(refused).toBeLessThanOrEqual(isAnyHour ? 0.05 : 0);
      expect(refusedBefore).toBeLessThanOrEqual(12);
    },
  );
});

describe('whatever the seed', () => {
  it.each([2, 3, 4, 5])(
    'a published limit is kept without one 429, and in any minute (seed %i)',
    async (seed) => {
      const vendor = { calls: 50, window: 'sliding', headers: 'absolute' } as const;
      const story = await simulate({ streams: 12, vendor, published: 50, minutes: 15, seed });
      expect(story.calls.filter(({ allowed }) => !allowed)).toEqual([]);
      expect(story.calls.length).toBeGreaterThan(15 * 40 * 0.97);
    },
  );

  it('no attempt is spent by a refusal, and nothing is slept away', async () => {
    const vendor = { calls: 50, window: 'fixed', headers: 'absolute' } as const;
    const story = await simulate({ streams: 12, vendor, published: 50, minutes: 10 });
    const refusals = story.reports.filter(({ outcome }) => outcome === 'refused');
    expect(refusals.length).toBeGreaterThan(100);
    expect(refusals.every(({ attempt, requests }) => attempt === 0 && requests === 0)).toBe(true);
    expect(Math.max(...story.slept)).toBeLessThanOrEqual(longestSleepMs);
    expect(Math.max(...story.slept)).toBeGreaterThan(0);
  });
});
