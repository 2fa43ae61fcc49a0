import path from 'node:path';

import { Stryker } from '@stryker-mutator/core';
import { Command, InvalidArgumentError, Option } from 'commander';

import { parts, type Part } from './parts.ts';

/**
 * Changes the pure code in every way that Stryker knows, one change at a time, and sees whether the unit tests of that
 * part notice. Prints a Markdown table; exit code 1 if a part is below the threshold of stryker.config.js.
 */

type MutantResult = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

const program = new Command('mutation')
  .description('Shows that the unit tests of the pure code see what is broken in it.')
  .argument('[parts...]', `of ${Object.keys(parts).join(', ')}; all by default`)
  .addOption(new Option('--concurrency <count>', 'mutants at a time').argParser(wholeNumber))
  .action((names: readonly string[]) => {
    const unknown = names.find((name) => !(name in parts));
    if (unknown !== undefined) program.error(`There is no part ${unknown}.`, { exitCode: 2 });
  });
program.parse();

const { concurrency } = program.opts<{ readonly concurrency?: number }>();
const chosen = Object.entries(parts).filter(
  ([name]) => program.args.length === 0 || program.args.includes(name),
);
const rows: string[] = [];
for (const [name, part] of chosen) rows.push(rowOf(name, await mutate(name, part)));

console.log('| part | mutants | killed | timed out | survived | not covered | score |');
console.log('| ---- | ------: | -----: | --------: | -------: | ----------: | ----: |');
for (const row of rows) console.log(row);

function mutate(name: string, { mutate }: Part): Promise<readonly MutantResult[]> {
  // Read by vitest.mutation.config.ts in Stryker's workers. Stryker's own `testFiles` would leave every mutant asleep that is
  // evaluated while its module loads (10.1.1).
  process.env['PAGEKEEPER_MUTATED_PART'] = name;
  return new Stryker({
    mutate: [...mutate],
    ...(concurrency !== undefined && { concurrency }),
    reporters: ['clear-text', 'html', 'json'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    htmlReporter: { fileName: path.join('reports', 'mutation', `${name}.html`) },
    jsonReporter: { fileName: path.join('reports', 'mutation', `${name}.json`) },
  }).runMutationTest();
}

function rowOf(name: string, results: readonly MutantResult[]): string {
  const count = (status: MutantResult['status']): number =>
    results.filter((result) => result.status === status).length;
  const [killed, timedOut, survived, notCovered] = [
    count('Killed'),
    count('Timeout'),
    count('Survived'),
    count('NoCoverage'),
  ];
  const all = killed + timedOut + survived + notCovered;
  const score = ((100 * (killed + timedOut)) / all).toFixed(1);
  return `| ${name} | ${all} | ${killed} | ${timedOut} | ${survived} | ${notCovered} | ${score} % |`;
}
