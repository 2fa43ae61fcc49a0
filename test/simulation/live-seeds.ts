import { describe, expect, it } from 'vitest';

import { reproduction, runSeeds } from './run-seeds.ts';

/**
 * So many seeds as tests; several files of them share the cores.
 * @returns what has happened in them, filled as they run.
 */
export function liveSeeds(from: number, count: number): ReadonlySet<string> {
  const step = 50;
  const happened = new Set<string>();
  describe(`seeds ${from} to ${from + count - 1}`, () => {
    for (let start = from; start < from + count; start += step) {
      it(`${start} and the next ${step - 1} end complete, and no invariant breaks on the way`, async () => {
        const { failures, seeds, pages, tally } = await runSeeds(start, step, { stopAfter: 3 });
        for (const what of tally.keys()) happened.add(what);
        expect(failures.map(reproduction)).toEqual([]);
        expect(seeds).toBe(step);
        expect(pages).toBeGreaterThan(step);
      });
    }
  });
  return happened;
}
