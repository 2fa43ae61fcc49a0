import { forgetRecord } from '../../lib/operations/forget.ts';
import { oneLine } from '../local/screen/words.ts';
import { UsageError } from '../local/start-usage-error.ts';
import type { Confirm } from './confirm.ts';
import type { Store } from './store.ts';
import { writeAll } from './write-all.ts';

/** An id is a field of somebody's record: it is asked about on the terminal, and stands in no output and no error. */
export interface ToForget {
  readonly stream: string;
  readonly id: string;
  readonly yes: boolean;
}

/** What was typed for a record and cannot be understood, told without repeating it. */
export const howToForget =
  'forget takes a stream and an id, such as npx pagekeeper forget mobaro/users users/1-A; an id that begins with a dash goes behind a --, and one with spaces into quotes.';

/**
 * Asked before the store is opened, for nobody else can open a data folder while somebody thinks.
 *
 * @param confirm null where there is nobody to ask
 * @param place where the record is, as a person knows it
 * @throws UsageError
 */
export async function mayForget(
  { stream, id, yes }: ToForget,
  confirm: Confirm | null,
  place: string,
): Promise<boolean> {
  if (id === '') throw new UsageError(howToForget);
  if (yes) return true;
  if (confirm === null) {
    throw new UsageError('forget asks before it erases, and there is no terminal to ask on: add --yes.');
  }
  return confirm(`Erase the record ${oneLine(id)} of ${stream} in ${place}? It cannot be had back. [y/N] `);
}

/** Erases one record and says what that means. */
export async function printForgotten(
  store: Store,
  { stream, id }: ToForget,
  out: NodeJS.WritableStream,
): Promise<void> {
  if (!store.streams.includes(stream)) {
    // Whoever gives the two in the wrong order has put the id here.
    throw new UsageError(`There is no such stream; known are ${store.streams.join(', ')}.`);
  }
  const { text } = await forgetRecord({ stream, id }, store.eraser, store.remains);
  await writeAll(out, `${text}\n`);
}
