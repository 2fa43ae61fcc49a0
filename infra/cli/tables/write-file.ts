import { rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

/** Bytes written in one go. */
const flushAt = 1024 * 1024;
const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Writes a file that only this user may read, and puts it in the place of another one of its name when it is whole.
 * @returns its bytes
 */
export async function writeFileWhole(
  path: string,
  pieces: Iterable<string> | Iterable<Uint8Array>,
): Promise<number> {
  const partial = `${path}.${String(process.pid)}.partial`;
  const file = await open(partial, 'wx', 0o600);
  // What is in it is personal data, and nobody would look for it there.
  const stop = (): void => {
    rmSync(partial, { force: true });
    process.exit(130);
  };
  for (const signal of signals) process.once(signal, stop);
  let bytes = 0;
  try {
    let waiting: Buffer[] = [];
    let size = 0;
    const flush = async (): Promise<void> => {
      await file.writeFile(Buffer.concat(waiting, size));
      bytes += size;
      [waiting, size] = [[], 0];
    };
    for (const piece of pieces) {
      const chunk = Buffer.from(piece as string);
      waiting.push(chunk);
      size += chunk.length;
      if (size >= flushAt) await flush();
    }
    await flush();
    await file.close();
    await rename(partial, path);
    return bytes;
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
