import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const ownProject = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a script of `infra/` as a user would, with this Node and none of the user's keys. */
export async function runScript(
  script: 'start' | 'cli',
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  /** Another copy of the project, and where it is typed. */
  { project = ownProject, cwd = process.cwd() }: { readonly project?: string; readonly cwd?: string } = {},
): Promise<Ended> {
  const file = path.join(project, 'infra', `${script}.ts`);
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { PATH, NODE_COMPILE_CACHE, NODE_NO_WARNINGS: '1', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout, stderr };
}
