import { defineConfig } from 'vitest/config';

import { mutatedPart } from './parts.ts';

/** For mutation testing alone: the unit tests of one part, with properties that try the same values each time. */
export default defineConfig({
  test: {
    include: [...mutatedPart().part.tests],
    // Longer than Stryker waits: a slow machine is no dead mutant.
    testTimeout: 120_000,
    setupFiles: ['test/mutation/same-values-each-time.ts'],
  },
});
