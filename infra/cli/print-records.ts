import { listRecords, type RecordFormat } from '../../lib/operations/list-records.ts';
import { UsageError } from '../local/start-usage-error.ts';
import type { Store } from './store.ts';
import { writePieces } from './write-all.ts';

export async function printRecords(
  store: Store,
  stream: string,
  format: RecordFormat,
  out: NodeJS.WritableStream,
): Promise<void> {
  mustKnowStream(store, stream);
  await writePieces(out, listRecords(store.records, stream, format));
}

export function mustKnowStream({ streams }: Pick<Store, 'streams'>, stream: string): void {
  if (streams.includes(stream)) return;
  throw new UsageError(`There is no stream "${stream}"; known are ${streams.join(', ')}.`);
}
