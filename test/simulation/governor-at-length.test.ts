import { describe, expect, it } from 'vitest';

import { cases, figuresOf } from './governor-cases.ts';
import { holdsItsCase, isShort } from './governor-holds.ts';

/** What `governor.test.ts` leaves out. */
describe.each(cases)('$name', (one) => {
  const others = isShort(one) ? one.streams.slice(0, -1) : one.streams;
  it.each(others)('with %i streams: hardly a 429, and all of it used', async (streams) => {
    await holdsItsCase(one, streams);
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
