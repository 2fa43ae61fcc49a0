import path from 'node:path';

/** A part of the pure code, and the tests that have to kill its mutants without help from any other test. */
export interface Part {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

function folder(name: string): Part {
  return { mutate: [`lib/${name}/**/*.ts`], tests: [`test/lib/${name}/**/*.test.ts`] };
}

/** Files of `lib/sync` that decide what a page's outcome is and what becomes of the checkpoint. No fakes are needed to test them. */
const outcomeFiles = [
  'outcome',
  'read-answer',
  'claim',
  'breaker',
  'outage',
  'transitions/*',
  'deletions',
  'request-fingerprint',
];

export const parts: Readonly<Record<string, Part>> = {
  paging: folder('paging'),
  retry: folder('retry'),
  governor: folder('governor'),
  http: folder('http'),
  outcomes: {
    mutate: outcomeFiles.map((file) => `lib/sync/${file}.ts`),
    tests: outcomeFiles.map((file) => `test/lib/sync/${file}.test.ts`),
  },
};

/** Names the part to the configurations of Stryker and of its workers. */
export const partVariable = 'PAGEKEEPER_MUTATED_PART';

export function mutatedPart(): { readonly name: string; readonly part: Part } {
  const name = process.env[partVariable] ?? '';
  const part = parts[name];
  if (part === undefined) throw new Error(`${partVariable} names no part: start this by npm run mutation`);
  return { name, part };
}

/** Where Stryker writes the mutants of a part and what became of them, as JSON. */
export function reportOf(name: string): string {
  return path.join('reports', 'mutation', `${name}.json`);
}
