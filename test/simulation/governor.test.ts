import { describe, expect, it } from 'vitest';

import { longestSleepMs } from '../../lib/sync/sync-page.ts';
import { cases, figuresOf, streamCounts } from './governor-cases.ts';
import { simulate } from './governed-world.ts';

/** The figures of docs/governor.md, held to what is asked of them. */
describe.each(cases)('$name', (one) => {
  it.each(streamCounts)('with %i streams: hardly a 429, and all of it used', async (streams) => {
    const { use, refused, fairness, redrivesPerPage } = await figuresOf(one, streams, 1);
    expect(use).toBeGreaterThanOrEqual(one.least.use);
    expect(refused).toBeLessThanOrEqual(one.least.refused);
    // In a run of minutes a stream is a page or two behind another one at most.
    expect(fairness).toBeGreaterThan(0.8);
    // A refusal costs one re-drive, not a poll.
    expect(redrivesPerPage).toBeLessThan(1.5);
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
    expect(Math.max(...story.slept)).toBeLessThanOrEqual(longestSleepMs);
    expect(Math.max(...story.slept)).toBeGreaterThan(0);
  });
});
