import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

/** Who may import whom. Everything that is not said here is forbidden. docs/architecture.md says the same, held by a test. */
export const house = {
  connectors: ['connectors', 'paging'],
  paging: ['paging', 'connectors'],
  retry: ['retry'],
  governor: ['governor'],
  sync: ['sync', 'connectors', 'paging', 'retry', 'governor'],
  http: ['http', 'sync'],
  aws: ['aws', 'sync', 'governor'],
  runtime: ['runtime', 'aws', 'http', 'sync', 'connectors'],
  operations: ['operations', 'sync', 'connectors', 'paging', 'governor', 'retry', 'aws'],
  functions: ['functions', 'runtime', 'sync', 'aws'],
  infra: [
    'infra',
    'connectors',
    'paging',
    'governor',
    'sync',
    'runtime',
    'aws',
    'http',
    'operations',
    'simulators',
  ],
  simulators: ['simulators', 'connectors', 'infra'],
  test: [
    'test',
    ...['connectors', 'paging', 'retry', 'governor', 'sync', 'http', 'aws', 'runtime', 'operations'],
    'functions',
    'infra',
    'simulators',
  ],
};

const pure = ['lib/sync/**', 'lib/paging/**', 'lib/retry/**', 'lib/governor/**', 'lib/connectors/**'];

export default tseslint.config(
  { ignores: ['node_modules', 'cdk.out', 'coverage', 'reports', '.pagekeeper', '.stryker-tmp'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers in messages are what the reader looks for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Attributes and headers are looked up by the names that the vendor or AWS gave them.
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.ts'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': [
        { type: 'connectors', partialMatch: false, pattern: 'lib/connectors/**' },
        { type: 'paging', partialMatch: false, pattern: 'lib/paging/**' },
        { type: 'retry', partialMatch: false, pattern: 'lib/retry/**' },
        { type: 'governor', partialMatch: false, pattern: 'lib/governor/**' },
        { type: 'sync', partialMatch: false, pattern: 'lib/sync/**' },
        { type: 'http', partialMatch: false, pattern: 'lib/http/**' },
        { type: 'aws', partialMatch: false, pattern: 'lib/aws/**' },
        { type: 'runtime', partialMatch: false, pattern: 'lib/runtime/**' },
        { type: 'operations', partialMatch: false, pattern: 'lib/operations/**' },
        { type: 'functions', partialMatch: false, pattern: 'functions/**' },
        { type: 'simulators', partialMatch: false, pattern: 'infra/simulators/**' },
        { type: 'infra', partialMatch: false, pattern: 'infra/**' },
        { type: 'test', partialMatch: false, pattern: 'test/**' },
      ],
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: Object.entries(house).map(([from, to]) => ({
            from: { element: { type: from } },
            allow: { to: { element: { types: { anyOf: to } } } },
          })),
        },
      ],
    },
  },
  {
    files: pure,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^@aws|aws-cdk-lib|^ky$|^@middy',
              message: 'The core knows no AWS and no HTTP client; use a port.',
            },
            {
              regex: '^(node:)?(timers|fs|http|https|net|child_process|worker_threads)',
              message: 'The core does no I/O and has no clock of its own; use a port.',
            },
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Use the injected clock.' },
        { object: 'Math', property: 'random', message: 'Use the injected source of chance.' },
      ],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'process'],
    },
  },
  {
    // The scripts of the page run in a browser; `npm run typecheck` reads their types.
    files: ['infra/watch/page/**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['document', 'EventSource', 'getSelection', 'location', 'navigator', 'requestAnimationFrame']
          .concat(['setInterval', 'setTimeout'])
          .map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test that indexes what it has just counted fails loudly by itself.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Fakes are asynchronous because their ports are.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // The matchers of `expect` are typed as any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  prettier,
);
