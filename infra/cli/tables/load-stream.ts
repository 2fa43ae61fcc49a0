import type { DatabaseSync } from 'node:sqlite';

import { createLogUpdate } from 'log-update';

import type { RecordSource } from '../../../lib/operations/list-records.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';
import { count } from '../../terminal/words.ts';
import { StagedTable } from './staged-table.ts';

/** Which records of a stream a table is to have. */
export interface Wanted {
  /** Those that the vendor does not give any more, too. */
  readonly deleted: boolean;
  /** Those that were stored anew or deleted since then, epoch milliseconds; null for all. */
  readonly since: number | null;
}

/** Where it is told how far it is: nowhere, unless a person looks. */
type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Reads the records of a stream into a table. */
export async function loadStream(
  database: DatabaseSync,
  stream: string,
  source: RecordSource,
  wanted: Wanted,
  err: Screen,
  onCell?: Parameters<typeof StagedTable.load>[4],
): Promise<StagedTable> {
  const screen = err.isTTY === true ? createLogUpdate(err) : null;
  const tell = (rows: number): void => screen?.(`${stream}: ${count(rows)} rows read`);
  try {
    const records = chosen(source.scan(stream), wanted);
    return await StagedTable.load(database, `records of ${stream}`, records, tell, onCell);
  } finally {
    screen?.clear();
  }
}

async function* chosen(
  records: AsyncIterable<StoredRecord>,
  { deleted, since }: Wanted,
): AsyncGenerator<StoredRecord, void, undefined> {
  for await (const record of records) {
    const { changedAt, deletedAt } = record;
    if (deletedAt !== null && !deleted) continue;
    if (since !== null && Date.parse(deletedAt ?? changedAt) < since) continue;
    yield record;
  }
}
