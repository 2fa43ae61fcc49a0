import { defaultMaxPageMb, defaultMemoryMb } from '../../lib/sync/settings.ts';
import { wrongValue } from './settings-error.ts';
import type { ConnectionInput } from './settings-schema.ts';

/** Reading an answer takes so many times its size: as text, as values, and as rows that wait to be stored. */
const timesItsSize = 8;
/** What a function has in use before it has read anything, and what is to be left over. */
const besidesMb = 192;
/** A text of JavaScript ends at 512 MB. */
const maxMb = 400;

/**
 * The longest answer that is read, in MB: a sixteenth of the memory unless the user says otherwise.
 * @throws SettingsError where the memory does not allow it
 */
export function pageCapOf(
  path: string,
  { memoryMb = defaultMemoryMb, maxPageMb }: Pick<ConnectionInput, 'memoryMb' | 'maxPageMb'>,
): number {
  const most = Math.min(maxMb, Math.floor((memoryMb - besidesMb) / timesItsSize));
  if (maxPageMb !== undefined && maxPageMb > most) {
    const rule = `must be at most ${String(most)}, for reading it takes eight times as much and memoryMb is ${String(memoryMb)}`;
    throw wrongValue(`${path}.maxPageMb`, rule, maxPageMb);
  }
  return maxPageMb ?? Math.min(maxMb, Math.floor((memoryMb * defaultMaxPageMb) / defaultMemoryMb));
}
