import { describe, expect, it } from 'vitest';

import { maxSleepMs } from '../../lib/sync/limits.ts';
import { cases } from './governor-cases.ts';
import { holdsItsCase, isShort } from './governor-holds.ts';
import { simulate } from './governed-world.ts';

/** The figures of docs/governor.md for limits of a minute and many streams. `governor-at-length.test.ts` has the others. */
describe.each(cases.filter(isShort))('$name', (one) => {
  it.each(one.streams.slice(-1))('with %i streams: hardly a 429, and all of it used', async (streams) => {
    await holdsItsCase(one, streams);
  });
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
    expect(Math.max(...story.slept)).toBeLessThanOrEqual(maxSleepMs);
    expect(Math.max(...story.slept)).toBeGreaterThan(0);
  });
});
