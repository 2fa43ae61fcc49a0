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
