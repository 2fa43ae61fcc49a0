import { allowDeletions } from '../../lib/operations/allow-deletions.ts';
import { mustKnowStream } from './print-records.ts';
import type { Store } from './store.ts';
import { writeAll } from './write-all.ts';

/** Lets the held deletions of a stream happen and says what that means. */
export async function printAllowed(store: Store, stream: string, out: NodeJS.WritableStream): Promise<void> {
  mustKnowStream(store, stream);
  const { sentence } = await allowDeletions(stream, store);
  await writeAll(out, `${sentence}\n`);
}
