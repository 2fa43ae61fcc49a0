import { tmpdir } from 'node:os';
import path from 'node:path';

import { configDefaults, defineConfig } from 'vitest/config';

/** Where `.ci/run` wants the counts of this run, as JSON. */
const report = process.env['PAGEKEEPER_TEST_REPORT'];

/** They replace a module for all that run in their process. */
const alone = [
  'test/infra/permissions.test.ts',
  'test/infra/cli/check-here.test.ts',
  'test/infra/local/start-selection.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/support/tell-left-out.ts'],
    setupFiles: ['test/support/leave-nothing-behind.ts'],
    // They end what hangs. Nothing is proven by being quicker, so that a busy machine may take its time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    // Two cores are the machine this has to be quick on.
    maxWorkers: 2,
    // Many tests start the command as a user does; half of such a start is compiling what has been compiled before.
    env: { NODE_COMPILE_CACHE: path.join(tmpdir(), 'pagekeeper-compile-cache') },
    projects: [
      {
        extends: true,
        // Of most files nine tenths are loading what the file before has loaded.
        test: {
          name: 'together',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...alone],
        },
      },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    coverage: {
      provider: 'v8',
      include: ['lib/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 95 },
    },
  },
});
