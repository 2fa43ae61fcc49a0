import { defineConfig } from 'vitest/config';

import { parts } from './test/mutation/parts.ts';

/** The part that is mutated, see `test/mutation/mutate.ts`. Without one: whatever would judge any part. */
const mutated = process.env['PAGEKEEPER_MUTATED_PART'];
const judging = Object.entries(parts).filter(([name]) => mutated === undefined || name === mutated);

/** For mutation testing alone: the unit tests of pure code, with properties that try the same values each time. */
export default defineConfig({
  test: {
    include: judging.flatMap(([, { tests }]) => tests),
    // Longer than Stryker waits: a slow machine is no dead mutant.
    testTimeout: 120_000,
    setupFiles: ['test/mutation/same-values-each-time.ts'],
  },
});
