import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { projectRoot } from './settings/project.ts';

/**
 * `npm pack` runs this first: `dist`, the JavaScript of the package, for Node takes no types away below node_modules. The
 * project itself runs as it is written, and needs none of it.
 */

const dist = path.join(projectRoot, 'dist');

/** Of a declaration: tsc leaves the endings in there as they were written. */
const relativeImport = /((?:from |import\()['"])(\.[^'"]+)\.ts(['"])/g;

/** What is exported, as package.json has it: its declarations, and those that they name, are all that anybody can import. */
const { exports: exported } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
};
const declared = Object.values(exported).flatMap((entry) =>
  typeof entry === 'string' ? [] : [path.join(projectRoot, entry.types)],
);

rmSync(dist, { recursive: true, force: true });
// Comments are for whoever imports a declaration. In the code they would take a fifth of what is installed.
await Promise.all([
  compile(),
  compile('--declaration', '--emitDeclarationOnly', '--removeComments', 'false', '--sourceMap', 'false'),
]);
const needed = reachable(declared);
for (const file of globSync(`${dist}/**/*.d.ts`)) {
  if (needed.has(file)) rewrite(file, (text) => text.replaceAll(relativeImport, '$1$2.js$3'));
  else rmSync(file);
}
// Maps of what goes into functions, where a stack trace is to name the line that was written. They have no text with them.
for (const file of globSync(`${dist}/{infra,test,lib/operations}/**/*.js.map`)) {
  rmSync(file);
  rewrite(file.slice(0, -'.map'.length), (text) => text.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n'));
}
const page = path.join('infra', 'watch', 'page');
cpSync(path.join(projectRoot, page), path.join(dist, page), {
  recursive: true,
  filter: (file) => !file.endsWith('tsconfig.json'),
});

async function compile(...options: readonly string[]): Promise<void> {
  const tsc = path.join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '--project', 'tsconfig.package.json', ...options];
  await promisify(execFile)(process.execPath, args, { cwd: projectRoot });
}

/** The declarations themselves, and all that they import, absolute. */
function reachable(from: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const next = [...from];
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    if (found.has(file)) continue;
    if (!existsSync(file)) throw new Error(`${file} is named by another declaration, and there is none.`);
    found.add(file);
    for (const [, , name = ''] of readFileSync(file, 'utf8').matchAll(relativeImport))
      next.push(path.resolve(path.dirname(file), `${name}.d.ts`));
  }
  return found;
}

function rewrite(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
