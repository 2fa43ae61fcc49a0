import { expect } from 'vitest';

import { maxSleepMs } from '../../lib/sync/limits.ts';
import { figuresOf, type Case } from './governor-cases.ts';

/** Limits of other lengths than a minute, and high ones, take long to live through. */
export const isShort = ({ scenario: { vendor } }: Case): boolean =>
  vendor.windowMs === undefined && vendor.calls <= 60;

/** Holds a case, with so many streams, to what is asked of it. */
export async function holdsItsCase(one: Case, streams: number): Promise<void> {
  const { use, refused, fairness, redrivesPerPage, story } = await figuresOf(one, streams, 1);
  expect(use).toBeGreaterThanOrEqual(one.least.use);
  expect(refused).toBeLessThanOrEqual(one.least.refused);
  // In a run of minutes a stream is a page or two behind another one at most.
  expect(fairness).toBeGreaterThan(0.8);
  // A refusal costs one re-drive, not a poll.
  expect(redrivesPerPage).toBeLessThan(1.5);
  expect(Math.max(0, ...story.slept)).toBeLessThanOrEqual(maxSleepMs);
}
