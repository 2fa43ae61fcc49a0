import { globSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { parts } from './parts.ts';

describe('the parts that are mutated', () => {
  // Stryker only warns of a file that has moved, and then mutates less.
  it.each(Object.values(parts).flatMap(({ mutate, tests }) => [...mutate, ...tests]))(
    '%s is there',
    (files) => {
      expect(globSync(files, { cwd: `${import.meta.dirname}/../..` })).not.toEqual([]);
    },
  );
});
