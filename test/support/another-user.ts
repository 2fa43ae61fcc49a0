import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Debian's and macOS's `nobody`; a user that no file of ours belongs to, by whatever name. */
const nobody = 65_534;

/** Only root may become somebody else. */
export const canBeAnotherUser = process.getuid?.() === 0;

/** Runs a shell's command as another user of this machine. @returns what it said and how it ended */
export async function asAnotherUser(
  command: string,
  ...args: readonly string[]
): Promise<{ readonly status: number; readonly said: string }> {
  const options = { uid: nobody, gid: nobody, cwd: '/', env: { PATH: '/usr/bin:/bin' } };
  try {
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', command, 'sh', ...args], options);
    return { status: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, said: stdout + stderr };
  }
}
