import type { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';

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

/** A count of 20,000 takes about a second; nobody is to wait for one of a million. */
const maxCounted = 20_000;
const maxRows = 3;

export async function sampleStored(
  streams: readonly string[],
  records: Pick<DynamoRecords, 'scan'>,
): Promise<StoredSample> {
  let counted = 0;
  let example: StoredSample['example'] = null;
  const withRecords = new Set<string>();
  for (const stream of streams) {
    for await (const { json, deletedAt } of records.scan(stream)) {
      if (deletedAt !== null || json === null) continue;
      if (counted === maxCounted)
        return { records: counted, isMore: true, streams: withRecords.size, example };
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
