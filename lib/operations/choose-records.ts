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

/** None of the records has a field that is asked for. */
export class UnknownFieldError extends Error {
  override readonly name = 'UnknownFieldError';
  readonly column: string;
  /** The fields that there are. */
  readonly known: readonly string[];

  constructor(column: string, known: readonly string[]) {
    super(`No record has a field ${column}`);
    this.column = column;
    this.known = known;
  }
}

/**
 * Those of the records that are wanted, in their order.
 * @throws {UnknownFieldError} at the end, if there are records and none has a field that is asked for
 */
export async function* chooseRecords(
  records: AsyncIterable<StoredRecord>,
  { where, limit }: RecordChoice,
): AsyncGenerator<StoredRecord, void, undefined> {
  let left = limit ?? Number.POSITIVE_INFINITY;
  const known = new Set<string>();
  for await (const record of records) {
    if (left === 0) return;
    const texts = where.length === 0 ? null : textsOf(record);
    for (const column of texts?.keys() ?? []) known.add(column);
    if (texts !== null && !where.every(({ column, value }) => (texts.get(column) ?? '') === value)) continue;
    yield record;
    left -= 1;
  }
  const unknown = where.find(({ column }) => !known.has(column) && !own.has(column));
  if (known.size > 0 && unknown !== undefined) throw new UnknownFieldError(unknown.column, [...known]);
}

/** That any record may have or lack. */
const own: ReadonlySet<string> = new Set(['_deleted_at']);

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
