import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { Command, InvalidArgumentError } from 'commander';

/**
 * Breaks the engine on purpose, one break at a time in a copy of the project, and shows how long the simulation takes to
 * see it. Prints a Markdown table; exit code 1 if a break stays unseen or does not fit the code any more.
 */

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..', '..');
const breaks = path.join(import.meta.dirname, 'breaks');

interface Caught {
  readonly name: string;
  readonly invariant: string;
  readonly seeds: number | null;
  readonly words: string;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

const program = new Command('try-breaks')
  .description('Shows that the simulation sees what is broken on purpose.')
  .argument('[names...]', 'breaks to try: files of test/simulation/breaks, without .patch; all by default')
  .option('--seeds <count>', 'how many seeds each may take', wholeNumber, 10_000);
program.parse();

const { seeds } = program.opts<{ readonly seeds: number }>();
const names =
  program.args.length > 0
    ? program.args
    : (await readdir(breaks)).flatMap((file) =>
        file.endsWith('.patch') ? [path.basename(file, '.patch')] : [],
      );

console.log('| break | caught by | after seeds | what it says |');
console.log('| ----- | --------- | ----------: | ------------ |');
let missed = 0;
for (const name of names.sort()) {
  const { invariant, seeds: after, words } = await tryBreak(name);
  if (after === null) missed += 1;
  console.log(`| \`${name}\` | ${invariant} | ${after ?? '-'} | ${shortened(words)} |`);
}
console.log(`\n${names.length - missed} of ${names.length} breaks caught.`);
process.exitCode = missed === 0 ? 0 : 1;

async function tryBreak(name: string): Promise<Caught> {
  const copy = await mkdtemp(path.join(tmpdir(), 'pagekeeper-break-'));
  try {
    for (const folder of ['lib', 'test', 'infra', 'package.json']) {
      await cp(path.join(root, folder), path.join(copy, folder), {
        recursive: true,
        filter: (source) => path.basename(source) !== 'node_modules',
      });
    }
    await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
    // Without a repository around it, git takes the patch's paths from here.
    await run('git', ['apply', '-C1', path.join(breaks, `${name}.patch`)], {
      cwd: copy,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
    });
    const output = await outputOf(copy);
    const found = /^seed (\d+) breaks invariant (\w+): (.*) \| node /m.exec(output);
    if (found === null) return { name, invariant: 'nothing', seeds: null, words: lastLine(output) };
    const [, seed = '', invariant = '', words = ''] = found;
    return { name, invariant, seeds: Number(seed), words: words.replaceAll('|', '\\|') };
  } catch (error) {
    return { name, invariant: 'nothing', seeds: null, words: lastLine(String(error)) };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** What the simulation prints about the copy; it fails where it finds something. */
async function outputOf(copy: string): Promise<string> {
  const script = path.join(copy, 'test', 'simulation', 'simulate.ts');
  try {
    return (await run(process.execPath, [script, '--seeds', String(seeds), '--no-shrink'], { cwd: copy }))
      .stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    return `${stdout ?? ''}\n${stderr ?? ''}`;
  }
}

/** For a cell of a table that people read. */
function shortened(words: string): string {
  return words.length > 160 ? `${words.slice(0, 159)}…` : words;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
