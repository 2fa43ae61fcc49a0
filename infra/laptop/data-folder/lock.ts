import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { DataInUseError, openAlone } from '../../emulator/embedded/data-lock.ts';
import { lockName } from './data-folder.ts';

const lookAgainMs = 50;

/**
 * Lets one process at a time open the database of a data folder. The database's own lock is not enough: dynalite takes
 * it some time after one has looked whether it is free, and cannot say that it was not. This one is LevelDB's, too, on
 * an empty database beside it.
 *
 * @param patienceMs how long to wait for whoever has it.
 * @returns how to release it.
 * @throws DataInUseError
 */
export async function lockData(dataDir: string, patienceMs: number): Promise<() => Promise<void>> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    try {
      const lock = await openAlone(join(dataDir, lockName), dataDir);
      return () => lock.close();
    } catch (error) {
      if (!(error instanceof DataInUseError) || Date.now() >= giveUpAt) throw error;
    }
    await setTimeout(lookAgainMs);
  }
}
