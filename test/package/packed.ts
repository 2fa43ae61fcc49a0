import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { projectRoot } from '../../infra/settings/project.ts';
import type { Ended } from '../infra/run-script.ts';

const run = promisify(execFile);
const modules = path.join(projectRoot, 'node_modules');

export interface Packed {
  /** The file that `npm pack` has made, absolute. */
  readonly tarball: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** Of all files in it. */
  readonly unpackedBytes: number;
}

/** Packs a copy of this project, `prepack` included, so that nothing is built in the project itself. @param folder for it all */
export async function pack(folder: string): Promise<Packed> {
  const copy = path.join(folder, 'project');
  const parts = [
    ...[
      'bin',
      'functions',
      'infra',
      'lib',
      'test/acceptance',
      'test/support',
      'package.json',
      'tsconfig.json',
    ],
    ...['tsconfig.package.json', 'CHANGELOG.md', 'LICENSE', 'README.md'],
  ];
  for (const part of parts)
    await cp(path.join(projectRoot, part), path.join(copy, part), { recursive: true });
  await symlink(modules, path.join(copy, 'node_modules'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: copy });
  // What prepack says comes before it.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [
    Pick<Packed, 'files'> & { readonly filename: string; readonly unpackedSize: number },
  ];
  return {
    tarball: path.join(folder, packed.filename),
    files: packed.files,
    unpackedBytes: packed.unpackedSize,
  };
}

/** An empty app that the package is installed in, without the network: what it depends on is that of this project. */
export async function appWith(tarball: string, files: Readonly<Record<string, string>> = {}) {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'pagekeeper-app-')));
  const installed = path.join(folder, 'node_modules', 'pagekeeper');
  await mkdir(installed, { recursive: true });
  await run('tar', [
    '--extract',
    '--gzip',
    '--file',
    tarball,
    '--strip-components=1',
    '--directory',
    installed,
  ]);
  for (const name of await readdir(modules)) {
    // Not the folder of what is kept between runs: that is this project's.
    if (!name.startsWith('.'))
      await symlink(path.join(modules, name), path.join(folder, 'node_modules', name));
  }
  for (const [file, content] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }
  return {
    folder,
    installed,
    /** @param args of Node, in the app's folder or in one below it */
    node: (args: readonly string[], below = '.') => runNode(args, path.join(folder, below)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export type App = Awaited<ReturnType<typeof appWith>>;

async function runNode(args: readonly string[], cwd: string): Promise<Ended> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, args, { cwd, env: { PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout, stderr };
}
