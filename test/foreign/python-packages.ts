import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { projectRoot } from '../../infra/settings/project.ts';

const run = promisify(execFile);

/** Why this machine has something of Python's not. */
export class NoPackage extends Error {
  override readonly name = 'NoPackage';
}

/**
 * Packages of Python's in an environment of their own in `node_modules/.cache`, installed where that has not been done before.
 * @param file in this folder, as `pip freeze` writes it @param what they are called in sentences
 * @returns the Python to run them with @throws NoPackage
 */
export async function pythonWith(file: string, what: string): Promise<string> {
  const requirements = path.join(import.meta.dirname, file);
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const folder = path.join(projectRoot, 'node_modules', '.cache', 'pagekeeper', 'foreign', version);
  const python = path.join(folder, 'bin', 'python');
  // Written last: an installation that was cut off is begun anew.
  const installed = path.join(folder, 'installed');
  if (existsSync(installed)) return python;
  await rm(folder, { recursive: true, force: true });
  await attempt('there is no python3 from 3.10 on', 'python3', [
    '-c',
    'import sys; sys.exit(sys.version_info < (3, 10))',
  ]);
  await attempt('this python3 makes no virtual environments', 'python3', ['-m', 'venv', folder]);
  const patience = ['--retries', '1', '--timeout', '30', '--disable-pip-version-check'];
  await attempt(`${what} cannot be installed`, python, [
    ...['-m', 'pip', 'install', '--quiet', ...patience],
    ...['--requirement', requirements],
  ]);
  await writeFile(installed, '');
  return python;
}

async function attempt(failure: string, command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args, { timeout: 300_000 });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const [said = ''] = stderr.trim().split('\n').slice(-1);
    throw new NoPackage(said === '' ? failure : `${failure} (${said})`, { cause: error });
  }
}
