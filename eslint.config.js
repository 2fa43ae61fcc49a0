import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

/** Who may import whom, by folder. Everything that is not said here is forbidden. docs/architecture.md says the same, held by a test. */
export const house = {
  functions: ['lib/runtime', 'lib/sync', 'lib/aws', 'lib/changes', 'lib/events', 'lib/on-call'],
  'lib/connectors': ['lib/paging'],
  'lib/paging': ['lib/connectors'],
  'lib/retry': [],
  'lib/governor': [],
  'lib/tables': ['lib/connectors'],
  'lib/changes': ['lib/connectors', 'lib/paging', 'lib/sync'],
  'lib/events': ['lib/changes', 'lib/sync'],
  'lib/sync': ['lib/connectors', 'lib/paging', 'lib/retry', 'lib/governor', 'lib/tables'],
  'lib/on-call': ['lib/connectors', 'lib/sync'],
  'lib/http': ['lib/sync'],
  'lib/aws': [...['lib/sync', 'lib/governor', 'lib/changes', 'lib/events', 'lib/tables', 'lib/on-call']],
  'lib/runtime': [
    ...['lib/aws', 'lib/http', 'lib/sync', 'lib/connectors', 'lib/changes', 'lib/events', 'lib/on-call'],
  ],
  'lib/readers': ['lib/aws', 'lib/changes'],
  'lib/operations': [
    ...['lib/sync', 'lib/connectors', 'lib/paging', 'lib/governor', 'lib/retry', 'lib/aws', 'lib/tables'],
    ...['lib/changes', 'lib/events', 'lib/on-call'],
  ],
  'infra/schedules': [],
  'infra/terminal': [],
  'infra/loopback': [],
  'infra/connectors': ['lib/connectors', 'lib/runtime', 'lib/aws', 'infra/terminal'],
  'infra/settings': [
    'infra/connectors',
    ...['infra/schedules', 'infra/terminal', 'lib/connectors', 'lib/on-call', 'lib/runtime', 'lib/sync'],
  ],
  'infra/constructs': [
    'infra/settings',
    'lib/on-call',
    'lib/connectors',
    'lib/runtime',
    'lib/sync',
    'lib/changes',
    'lib/tables',
  ],
  'infra/init': ['infra/terminal', 'lib/connectors'],
  'infra/audit': ['infra/constructs', 'infra/settings', 'infra/terminal'],
  'infra/emulator': ['infra/schedules', 'infra/loopback'],
  'infra/simulators': ['infra/loopback', 'lib/connectors', 'lib/paging', 'lib/sync'],
  'infra/laptop': [
    ...['infra/emulator', 'infra/simulators', 'lib/on-call', 'infra/settings', 'infra/terminal'],
    ...['lib/connectors', 'lib/sync', 'lib/runtime', 'lib/aws', 'lib/operations'],
  ],
  'infra/watch': [
    ...['infra/laptop', 'infra/emulator', 'lib/on-call', 'infra/terminal', 'infra/loopback'],
    ...['lib/connectors', 'lib/sync', 'lib/operations'],
  ],
  'infra/cli': [
    ...[
      'infra/laptop',
      'infra/emulator',
      'infra/connectors',
      'lib/on-call',
      'infra/settings',
      'infra/schedules',
      'infra/terminal',
    ],
    ...['lib/connectors', 'lib/sync', 'lib/runtime', 'lib/aws', 'lib/http', 'lib/operations', 'lib/tables'],
    'lib/changes',
  ],
};

/** The files that stand by themselves: what `npm start`, the command and `cdk` begin with, and the tests. */
const everywhere = ['infra', 'test'];

const elements = [
  ...Object.keys(house).map((folder) => ({ type: folder, partialMatch: false, pattern: `${folder}/**` })),
  { type: 'infra', partialMatch: false, pattern: 'infra' },
  { type: 'test', partialMatch: false, pattern: 'test/**' },
];

const policies = [
  ...Object.entries(house).map(([folder, others]) => ({ from: folder, to: [folder, ...others] })),
  ...everywhere.map((from) => ({ from, to: elements.map(({ type }) => type) })),
].map(({ from, to }) => ({
  from: { element: { type: from } },
  allow: { to: { element: { types: { anyOf: to } } } },
}));

const pure = [
  'lib/tables/**',
  'lib/changes/**',
  'lib/events/**',
  'lib/sync/**',
  'lib/on-call/**',
  'lib/paging/**',
  'lib/retry/**',
  'lib/governor/**',
  'lib/connectors/**',
];

const impure = [
  {
    regex: '^@aws|aws-cdk-lib|^ky$|^@middy',
    message: 'The core knows no AWS and no HTTP client; use a port.',
  },
  {
    regex: '^(node:)?(timers|fs|http|https|net|child_process|worker_threads)',
    message: 'The core does no I/O and has no clock of its own; use a port.',
  },
];

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'cdk.out', 'coverage', 'reports', '.pagekeeper', '.stryker-tmp'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    // One program for all files takes a quarter less time than the project service, which is made for editors.
    languageOptions: { parserOptions: { project: 'tsconfig.json', tsconfigRootDir: import.meta.dirname } },
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
      // Node takes types away and nothing else, so there are no enums; a class is often one of several that fit its port. Both
      // rules take a third of the whole time.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.ts'],
    plugins: { boundaries },
    settings: { 'boundaries/elements': elements },
    rules: {
      'boundaries/dependencies': ['error', { default: 'disallow', policies }],
    },
  },
  {
    files: pure,
    rules: {
      'no-restricted-imports': ['error', { patterns: impure }],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Use the injected clock.' },
        { object: 'Math', property: 'random', message: 'Use the injected source of chance.' },
      ],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'process'],
    },
  },
  {
    // A vendor is data and words: what is done with them stands once, for all vendors.
    files: ['lib/connectors/*/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...impure,
            {
              regex: String.raw`^\.\./(?!connector\.ts$)`,
              message: 'A vendor knows the language of connectors, and nothing else.',
            },
          ],
        },
      ],
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
