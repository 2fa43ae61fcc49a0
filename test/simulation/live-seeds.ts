import { describe, expect, it } from 'vitest';

import { reproduction, runSeeds } from './run-seeds.ts';

/** So many seeds as tests; several files of them share the cores. */
export function liveSeeds(from: number, count: number): void {
  const step = 50;
  describe(`seeds ${from} to ${from + count - 1}`, () => {
    for (let start = from; start < from + count; start += step) {
      it(`${start} and the next ${step - 1} end complete, and no invariant breaks on the way`, async () => {
        const { failures, seeds, pages } = await runSeeds(start, step, { stopAfter: 3 });
        expect(failures.map(reproduction)).toEqual([]);
        expect(seeds).toBe(step);
        expect(pages).toBeGreaterThan(step);
      });
    }
  });
}
