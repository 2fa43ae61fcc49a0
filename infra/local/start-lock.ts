import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { Level } from 'level';

import { DataInUseError, readRunning } from './embedded/data-lock.ts';

const lookAgainMs = 50;

/**
 * Lets one process at a time open the database of a data folder. The database's own lock is not enough: dynalite takes
 * it some time after one has looked whether it is free, and cannot say that it was not. This one is LevelDB's, too, on
 * an empty database beside it: the system releases it when a process dies, however it dies.
 *
 * @param patienceMs how long to wait for whoever has it.
 * @returns how to release it.
 * @throws DataInUseError
 */
export async function lockData(dataDir: string, patienceMs: number): Promise<() => Promise<void>> {
  const folder = join(dataDir, 'lock');
  await mkdir(folder, { recursive: true });
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const lock = new Level(folder);
    try {
      await lock.open();
      return () => lock.close();
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (Date.now() >= giveUpAt) throw await inUse(dataDir);
    }
    await setTimeout(lookAgainMs);
  }
}

async function inUse(dataDir: string): Promise<DataInUseError> {
  const running = await readRunning(dataDir);
  const who = running === undefined ? '' : ` (pid ${String(running.pid)})`;
  return new DataInUseError(
    `Another process works on this data${who}: ${dataDir}. Wait for it, stop it, or name another folder with --data.`,
  );
}

function isLocked(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'LEVEL_LOCKED') || isLocked(error.cause);
}
