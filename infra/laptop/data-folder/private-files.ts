import { chmod, lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Files are made as 0600 and folders as 0700 from here on, by this process and by those that it starts, whatever the shell's
 * umask: LevelDB and the CDK ask nobody for a mode.
 */
export function keepFilesPrivate(): void {
  process.umask(0o077);
}

/**
 * Makes what is there 0600 and 0700, with all that is below it. What goes away meanwhile is left alone, and links are not
 * followed.
 */
export async function makePrivate(file: string): Promise<void> {
  try {
    const found = await lstat(file);
    if (found.isDirectory()) {
      await chmod(file, 0o700);
      for (const name of await readdir(file)) await makePrivate(path.join(file, name));
    } else if (found.isFile()) {
      await chmod(file, 0o600);
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
