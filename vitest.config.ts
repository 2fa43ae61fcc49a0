import { globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where `.ci/run` wants the counts of this run, as JSON. */
const report = process.env['PAGEKEEPER_TEST_REPORT'];

/** What `npm test` leaves to `npm run test:full`; docs/testing.md says why. */
const full = [
  'test/**/*-at-length*.test.ts',
  'test/acceptance/accept.test.ts',
  'test/browser/*.test.ts',
  'test/e2e/{deletions,events,private,vendor-answers,vendor-from-outside,waits-and-halts,watch}.test.ts',
  'test/infra/{app,nested-stacks}.test.ts',
  'test/infra/cli/{commands-of-a-deployment,of-a-deployment}.test.ts',
  'test/infra/cli/policy/*.test.ts',
  'test/infra/constructs/{build-bundle,kms-key}.test.ts',
  'test/infra/laptop/run/{real-stack,run-locally}.test.ts',
  'test/lib/connectors/no-*-passes.test.ts',
  'test/package/*.test.ts',
  'test/scenarios/scenarios.test.ts',
  'test/lib/http/collected-garbage.test.ts',
  'test/simulation/{governor,governor-emulator}.test.ts',
];
const cwd = import.meta.dirname;
const inFull = new Set(
  full.flatMap((pattern) => {
    const files = globSync(pattern, { cwd });
    if (files.length === 0) throw new Error(`There is no test ${pattern}, which this file names.`);
    return files;
  }),
);

/** They replace a module for all that run in their process. */
const alone = globSync('test/**/*.test.ts', { cwd }).filter((file) =>
  readFileSync(path.join(cwd, file), 'utf8').includes('vi.mock('),
);
const isInFull = (file: string): boolean => inFull.has(file);
const isInShort = (file: string): boolean => !inFull.has(file);

/** First those that take longest, or wait while others work: whatever begins last, little is left to wait for. */
class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) =>
      /\/test\/(e2e|simulation|infra\/cli)\b/.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    globalSetup: ['test/support/tell-left-out.ts'],
    setupFiles: ['test/support/leave-nothing-behind.ts'],
    // They end what hangs. Nothing is proven by being quicker, so that a busy machine may take its time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    slowTestThreshold: 3000,
    // Two cores are the machine this has to be quick on.
    maxWorkers: 2,
    // Of most files nine tenths would be loading what the file before has loaded.
    isolate: false,
    sequence: { sequencer: LongOnesFirst },
    // Many tests start the command as a user does; half of such a start is compiling what has been compiled before.
    env: { NODE_COMPILE_CACHE: path.join(tmpdir(), 'pagekeeper-compile-cache') },
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...alone, ...full],
        },
      },
      { extends: true, test: { name: 'alone', include: alone.filter(isInShort), isolate: true } },
      {
        extends: true,
        test: { name: 'full', include: full, exclude: [...configDefaults.exclude, ...alone] },
      },
      { extends: true, test: { name: 'full-alone', include: alone.filter(isInFull), isolate: true } },
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
