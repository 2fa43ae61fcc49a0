import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Where the stack is synthesized to: a folder for each process, so that a second start on the same data, which is about
 * to be refused, does not pull the bundles from under the first.
 *
 * @returns the folder, and how to delete it.
 */
export async function assemblyFolder(
  dataDir: string,
): Promise<{ readonly outdir: string; remove(): Promise<void> }> {
  const parent = join(dataDir, 'assembly');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  // What was killed could not clean up.
  for (const name of await readdir(parent)) {
    if (!isAlive(Number(name))) await rm(join(parent, name), { recursive: true, force: true });
  }
  const outdir = join(parent, String(process.pid));
  return { outdir, remove: () => rm(outdir, { recursive: true, force: true }) };
}

function isAlive(pid: number): boolean {
  try {
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
