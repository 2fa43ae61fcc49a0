import { readFileSync } from 'node:fs';

import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

import { mutatedPart } from './parts.ts';

/** Last those that try many values: most mutants are dead before, in a moment. */
class PropertiesLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const hasProperties = ({ moduleId }: TestSpecification) =>
      readFileSync(moduleId, 'utf8').includes("from 'fast-check'");
    return [...sorted.filter((file) => !hasProperties(file)), ...sorted.filter(hasProperties)];
  }
}

/** For mutation testing alone: the unit tests of one part, with properties that try the same values each time. */
export default defineConfig({
  test: {
    include: [...mutatedPart().part.tests],
    // Longer than Stryker waits: a slow machine is no dead mutant.
    testTimeout: 120_000,
    setupFiles: ['test/mutation/same-values-each-time.ts'],
    sequence: { sequencer: PropertiesLast },
  },
});
