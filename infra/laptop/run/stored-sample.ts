import type { RecordSource } from '../../../lib/operations/list-records.ts';

/** What is stored of some streams: how much, and a few rows. */
export interface StoredSample {
  /** Records that are not deleted. */
  readonly records: number;
  /** There are more: the count stopped there. */
  readonly isMore: boolean;
  /** How many streams have any. */
  readonly streams: number;
  /** The first rows of the first stream that has any, as JSON; null where nothing is stored. */
  readonly example: { readonly stream: string; readonly rows: readonly string[] } | null;
}

/** Nobody is to wait for a count of all that there is. */
const maxMs = 1000;
const maxRows = 3;

export interface SampleOptions {
  readonly streams: readonly string[];
  readonly records: RecordSource;
  readonly now: () => number;
}

/** @returns null where it cannot be read, by whatever: the run has ended, and says itself how */
export async function sampleStored(options: SampleOptions): Promise<StoredSample | null> {
  try {
    return await sample(options);
  } catch {
    return null;
  }
}

async function sample({ streams, records, now }: SampleOptions): Promise<StoredSample> {
  const until = now() + maxMs;
  let counted = 0;
  let example: StoredSample['example'] = null;
  const withRecords = new Set<string>();
  for (const stream of streams) {
    for await (const { json, deletedAt } of records.scan(stream)) {
      if (now() > until) return { records: counted, isMore: true, streams: withRecords.size, example };
      if (deletedAt !== null || json === null) continue;
      counted += 1;
      withRecords.add(stream);
      example ??= { stream, rows: [] };
      if (example.stream === stream && example.rows.length < maxRows) {
        example = { stream, rows: [...example.rows, json] };
      }
    }
  }
  return { records: counted, isMore: false, streams: withRecords.size, example };
}
