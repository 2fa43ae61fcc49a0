import { isObject, parseJson } from '../connectors/json.ts';
import type { StoredRecord } from '../sync/record.ts';
import { cellsOf, nameOf, pathOf } from '../tables/cells.ts';
import { textOfCell } from '../tables/columns.ts';

export interface RecordChoice {
  /** Each: the column of a flat row, and the text that it has; an empty one where there is nothing. */
  readonly where: readonly { readonly column: string; readonly value: string }[];
  /** No more than so many; null for all. */
  readonly limit: number | null;
}

/** Those of the records that are wanted, in their order. */
export async function* chooseRecords(
  records: AsyncIterable<StoredRecord>,
  { where, limit }: RecordChoice,
): AsyncGenerator<StoredRecord, void, undefined> {
  let left = limit ?? Number.POSITIVE_INFINITY;
  for await (const record of records) {
    if (left === 0) return;
    if (!fits(record, where)) continue;
    yield record;
    left -= 1;
  }
}

function fits(record: StoredRecord, where: RecordChoice['where']): boolean {
  if (where.length === 0) return true;
  const texts = textsOf(record);
  return where.every(({ column, value }) => (texts.get(column) ?? '') === value);
}

/** By the name of its column. */
function textsOf({ id, json, firstSeenAt, changedAt, deletedAt }: StoredRecord): ReadonlyMap<string, string> {
  const row = json === null ? null : parseJson(json);
  const cells = isObject(row) ? [...cellsOf(row)] : [];
  return new Map([
    ...cells.map(([key, cell]) => [nameOf(pathOf(key)), textOfCell(cell)] as const),
    ...[['_id', id] as const, ['_first_seen_at', firstSeenAt] as const, ['_changed_at', changedAt] as const],
    ...(deletedAt === null ? [] : [['_deleted_at', deletedAt] as const]),
  ]);
}

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
