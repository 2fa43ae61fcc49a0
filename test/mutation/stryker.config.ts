import path from 'node:path';

import { mutatedPart, reportOf } from './parts.ts';

const { name, part } = mutatedPart();

/** Of the part that `npm run mutation` names. Paths are those of the project's folder. */
export default {
  mutate: part.mutate,
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  // Stryker's own `testFiles` would leave every mutant asleep that is evaluated while its module loads (10.1.1).
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // Two cores are the machine this has to be friendly to.
  concurrency: 2,
  timeoutMS: 15_000,
  thresholds: { high: 97, low: 94, break: 90 },
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['/.*', '/coverage', '/cdk.out', '/docs', '/infra', '/functions', '/test/infra'],
  allowConsoleColors: false,
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: path.join('reports', 'mutation', `${name}.html`) },
  jsonReporter: { fileName: reportOf(name) },
};
