import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { Command, InvalidArgumentError, Option } from 'commander';

import { partVariable, parts, reportOf } from './parts.ts';

/**
 * Changes the pure code in every way that Stryker knows, one change at a time, and sees whether the unit tests of that
 * part notice. Prints a Markdown table; exit code 1 if a part is below the threshold of stryker.config.ts.
 */

const root = path.join(import.meta.dirname, '../..');
/** Not UTC, where code that takes a time for a local one would not be noticed. A test cannot choose it: Stryker's are threads. */
const timeZone = 'America/St_Johns';
const stryker = path.join(import.meta.dirname, 'node_modules/@stryker-mutator/core/bin/stryker.js');

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
const chosen = program.args.length === 0 ? Object.keys(parts) : program.args;

if (!existsSync(stryker)) {
  console.log('Stryker is not installed yet: npm installs it into test/mutation/node_modules, this once.');
  const { status } = spawnSync('npm ci', { cwd: import.meta.dirname, stdio: 'inherit', shell: true });
  if (status !== 0) program.error('npm could not install Stryker; what it says about that is above.');
}

const rows = chosen.map((name) => rowOf(name, mutate(name)));
console.log('| part | mutants | killed | timed out | survived | not covered | score |');
console.log('| ---- | ------: | -----: | --------: | -------: | ----------: | ----: |');
for (const row of rows) console.log(row);

/** What became of each mutant of the part, in Stryker's words. */
function mutate(name: string): readonly string[] {
  const report = path.join(root, reportOf(name));
  rmSync(report, { force: true });
  const options = concurrency === undefined ? [] : ['--concurrency', String(concurrency)];
  const { status, signal } = spawnSync(
    process.execPath,
    [stryker, 'run', 'test/mutation/stryker.config.ts', ...options],
    { cwd: root, stdio: 'inherit', env: { ...process.env, TZ: timeZone, [partVariable]: name } },
  );
  if (!existsSync(report))
    program.error(`Stryker has not come to the end of ${name}: ${signal ?? `exit code ${status}`}.`);
  if (status !== 0) process.exitCode = 1;
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as {
    readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
  };
  return Object.values(files).flatMap(({ mutants }) => mutants.map((mutant) => mutant.status));
}

function rowOf(name: string, statuses: readonly string[]): string {
  const count = (status: string): number => statuses.filter((one) => one === status).length;
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
