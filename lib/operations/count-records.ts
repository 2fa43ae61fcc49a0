import type { StoredRecord } from '../sync/record.ts';

/** What is stored of a stream. */
export interface Stored {
  /** Not deleted. */
  readonly rows: number;
  readonly deleted: number;
  /** When a record was stored anew or became a tombstone last, ISO 8601; null where there is none. */
  readonly lastChangeAt: string | null;
}

export async function countRecords(records: AsyncIterable<StoredRecord>): Promise<Stored> {
  let [rows, deleted] = [0, 0];
  let last: string | null = null;
  for await (const { changedAt, deletedAt } of records) {
    if (deletedAt === null) rows += 1;
    else deleted += 1;
    const at = deletedAt ?? changedAt;
    if (last === null || at > last) last = at;
  }
  return { rows, deleted, lastChangeAt: last };
}
