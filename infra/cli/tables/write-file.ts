import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import { watchSignals } from '../../laptop/signals.ts';
import { InterruptedError } from '../../terminal/ask-hidden.ts';

/**
 * Writes a file that only this user may read, and puts it in the place of another one of its name when it is whole. What was
 * written until a fault or Ctrl-C is personal data, and is removed.
 *
 * @returns its bytes
 * @throws InterruptedError after Ctrl-C
 */
export async function writeFileWhole(
  path: string,
  pieces: Iterable<string> | Iterable<Uint8Array>,
): Promise<number> {
  const partial = `${path}.${String(process.pid)}.partial`;
  const interruption = watchSignals(() => undefined);
  const file = createWriteStream(partial, { flags: 'wx', mode: 0o600 });
  try {
    await pipeline(pieces, file, { signal: interruption.signal });
    await rename(partial, path);
    return file.bytesWritten;
  } catch (error) {
    await rm(partial, { force: true });
    throw interruption.signal.aborted ? new InterruptedError() : error;
  } finally {
    interruption.release();
  }
}
