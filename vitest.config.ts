import { tmpdir } from 'node:os';
import path from 'node:path';

import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants the counts of this run, as JSON. */
const report = process.env['PAGEKEEPER_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/tell-left-out.ts'],
    // They end what hangs. Nothing is proven by being quicker, so that a busy machine may take its time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    // Two cores are the machine this has to be quick on; every fork pays for loading aws-cdk-lib.
    maxWorkers: 2,
    // Many tests start the command as a user does; half of such a start is compiling what has been compiled before.
    env: { NODE_COMPILE_CACHE: path.join(tmpdir(), 'pagekeeper-compile-cache') },
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    coverage: {
      provider: 'v8',
      include: ['lib/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 95 },
    },
  },
});
