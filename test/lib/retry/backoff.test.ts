import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { backoff, spread } from '../../../lib/retry/backoff.ts';
import { defaultAttemptCap } from '../../../lib/sync/settings.ts';

describe('back-off', () => {
  it.each([
    [1, 4000, 5000],
    [2, 8000, 10_000],
    [3, 16_000, 20_000],
    [4, 32_000, 40_000],
    [5, 64_000, 80_000],
  ])('doubles: try %i waits %i ms and up to a quarter more, %i ms', (attempt, least, most) => {
    expect(backoff(attempt, () => 0)).toBe(least);
    expect(backoff(attempt, () => 1)).toBe(most);
  });

  it('spreads the tries that are allowed by default over a minute at least', () => {
    const waits = Array.from({ length: defaultAttemptCap - 1 }, (_, index) => backoff(index + 1, () => 0));
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThanOrEqual(60_000);
  });
});

describe('the spread over a wait that the vendor named', () => {
  it('is never less than the vendor said', () => {
    fc.assert(
      fc.property(fc.nat(604_800_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (wait, random) => {
        const spreadWait = spread(wait, () => random);
        return spreadWait >= wait && spreadWait <= wait + 5000;
      }),
    );
  });

  it.each([
    [100_000, 105_000, '5 s at most'],
    [10_000, 11_000, 'a tenth'],
    [1000, 1250, 'a quarter of a second at least'],
    [0, 250, 'even if no wait was named'],
  ])('of %i ms is up to %i ms: %s', (wait, most) => {
    expect(spread(wait, () => 0)).toBe(wait);
    expect(spread(wait, () => 1)).toBe(most);
  });

  it('moves callers apart even after a short wait', () => {
    expect(spread(1000, () => 0.99)).toBeGreaterThan(1200);
    expect(spread(1000, () => 0)).toBe(1000);
  });
});
