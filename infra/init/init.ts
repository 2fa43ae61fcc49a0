import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { proposalFor } from '../terminal/closest.ts';
import { printableText } from '../terminal/printable.ts';
import { systemErrorInWords } from '../terminal/system-error.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { counted } from '../terminal/words.ts';
import { isManifest, manifestWith, type Manifest } from './manifest.ts';
import { isVendor, projectFiles, vendors } from './project-files.ts';

const usage = `npx pagekeeper init [DIR] [--vendor ${vendors.join('|')}]

Writes a project that can be started, tested and deployed at once: cdk.json, the app, a test, a README, CI. DIR is made
if it is not there; left out, it is the working directory. A package.json that is there is kept and added to; nothing
else that is there is touched.

  --vendor NAME  mobaro or bob; new (the default) has a connector of your own, to be filled in
  --help         show this

Examples:
  npx pagekeeper init
  npx pagekeeper init sync --vendor bob
`;

/** What may be in a folder that is no project yet. */
const beforehand = new Set([
  'package.json',
  'package-lock.json',
  'node_modules',
  '.git',
  '.npmrc',
  '.nvmrc',
  'LICENSE',
]);

/**
 * `pagekeeper init`: it has no other part of the command in it, so that it runs under the Node that the user has, and brings the
 * right one in.
 *
 * @param argv what was typed behind `init`
 * @returns the exit status
 */
export function init(
  argv: readonly string[],
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream,
): number {
  try {
    const { folder, vendor, help } = parse(argv);
    out.write(help ? usage : write(folder, vendor));
    return 0;
  } catch (error) {
    const words = error instanceof UsageError ? error.message : systemErrorInWords(error);
    if (words === null) throw error;
    err.write(`${printableText(words, false)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** @throws UsageError */
function parse(argv: readonly string[]) {
  const read = () =>
    parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        vendor: { type: 'string', default: 'new' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  let parsed: ReturnType<typeof read>;
  try {
    parsed = read();
  } catch {
    throw new UsageError('init takes a folder and --vendor; npx pagekeeper init --help shows how.');
  }
  const { positionals, values } = parsed;
  const { vendor, help } = values;
  if (positionals.length > 1)
    throw new UsageError('init takes one folder; npx pagekeeper init --help shows how.');
  if (!isVendor(vendor)) {
    throw new UsageError(`--vendor takes ${vendors.join(', ')}${proposalFor(vendor, vendors)}.`);
  }
  return { folder: path.resolve(positionals[0] ?? '.'), vendor, help };
}

/** @returns what has been written, and what comes next @throws UsageError before anything is written */
function write(folder: string, vendor: (typeof vendors)[number]): string {
  const files = projectFiles(vendor);
  const there = Object.keys(files).filter((file) => existsSync(path.join(folder, file)));
  if (there.length > 0) {
    throw new UsageError(
      `${folder} has ${there.join(', ')} already, and nothing is written over: name a folder without ${there.length === 1 ? 'it' : 'them'}.`,
    );
  }
  const before = readManifest(path.join(folder, 'package.json'));
  const isEmpty = !existsSync(folder) || readdirSync(folder).every((name) => beforehand.has(name));
  const manifest = manifestWith(before, ownManifest(), { name: path.basename(folder), isEmpty });
  const all = { 'package.json': `${JSON.stringify(manifest, null, 2)}\n`, ...files };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  const names = Object.keys(all).map((file) => `  ${file}\n`);
  const where = path.relative(process.cwd(), folder);
  return `Written into ${folder}, ${counted(names.length, 'file')}:
${names.join('')}
Next:
${where === '' ? '' : `  cd ${where}\n`}  npm install                  what it is made of, Node 24 among it
  npm test                     ${vendor === 'new' ? 'the connector, on a vendor that is made of its definition' : 'what is synced, on a vendor that is made of its definition'}
  npx pagekeeper start         syncs on this machine
  npx cdk synth --quiet        what would be deployed
${vendor === 'new' ? '\nThen fill connectors/acme.ts in: README.md says how.\n' : ''}`;
}

/** @throws UsageError */
function readManifest(file: string): Manifest {
  if (!existsSync(file)) return {};
  const manifest = parseJson(readFileSync(file, 'utf8'));
  if (isManifest(manifest)) return manifest;
  throw new UsageError(`${file} is not a JSON object; mend it, or name another folder.`);
}

/** @returns undefined for what is no JSON */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Of this package: it says which versions go together. Compiled, this file lies one folder deeper. */
function ownManifest(): Manifest {
  const above = ['../..', '../../..'].map((up) => path.join(import.meta.dirname, up, 'package.json'));
  return readManifest(above.find((file) => existsSync(file)) ?? '');
}
