import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Summary } from '../../infra/laptop/report/summary.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A data folder of its own, removed at the end. */
export async function temporaryData(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'pagekeeper-'));
  return { path: join(path, 'data'), remove: () => rm(path, { recursive: true, force: true }) };
}

/** A copy of this project with other settings in its cdk.json, removed at the end. */
export async function projectWith(
  settings: object,
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'pagekeeper-project-'));
  for (const name of ['lib', 'infra', 'functions', 'package.json', 'package-lock.json', 'tsconfig.json']) {
    await cp(join(root, name), join(path, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(path, 'node_modules'));
  const cdk = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')) as { context: object };
  const context = { ...cdk.context, pagekeeper: settings };
  await writeFile(join(path, 'cdk.json'), JSON.stringify({ ...cdk, context }));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** @param project this one, or a copy of it */
export function launch(
  script: 'infra/start.ts' | 'infra/cli.ts',
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  project = root,
): { readonly child: ChildProcess; readonly finished: Promise<Finished> } {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: project,
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      resolve({ status, stdout, stderr });
    });
  });
  return { child, finished };
}

/** Runs `npm start -- --json` to its end. */
export async function start(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  project = root,
): Promise<{ readonly status: number | null; readonly summary: Summary; readonly stderr: string }> {
  const { finished } = launch('infra/start.ts', ['--json', ...args], environment, project);
  const { status, stdout, stderr } = await finished;
  try {
    return { status, summary: JSON.parse(stdout) as Summary, stderr };
  } catch {
    throw new Error(`No JSON on standard output, status ${String(status)}:\n${stdout}\n${stderr}`);
  }
}
