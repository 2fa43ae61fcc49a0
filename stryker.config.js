/** What every part has in common; `npm run mutation` adds what is mutated and which tests judge it. */
/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // Two cores are the machine this has to be friendly to.
  concurrency: 2,
  timeoutMS: 15_000,
  thresholds: { high: 97, low: 94, break: 90 },
  tempDirName: '.stryker-tmp',
  ignorePatterns: ['/.*', '/coverage', '/cdk.out', '/docs', '/infra', '/functions', '/test/infra'],
  allowConsoleColors: false,
};
