import { describe, expect, it } from 'vitest';

import { reproduction, runSeeds } from './run-seeds.ts';
import type { ScenarioOptions } from './scenario.ts';

/** So many seeds as tests; several files of them share the cores. */
export function liveSeeds(from: number, count: number, drift: ScenarioOptions['drift'] = 'none'): void {
  const step = 100;
  describe(`seeds ${from} to ${from + count - 1}, drift ${drift}`, () => {
    for (let start = from; start < from + count; start += step) {
      it(`${start} and the next ${step - 1} end complete, and no invariant breaks on the way`, async () => {
        const { failures, seeds, pages } = await runSeeds(start, step, { drift, stopAfter: 3 });
        expect(failures.map((failure) => reproduction(failure, { drift }))).toEqual([]);
        expect(seeds).toBe(step);
        expect(pages).toBeGreaterThan(step);
      });
    }
  });
}
