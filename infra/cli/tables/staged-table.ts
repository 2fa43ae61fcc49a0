import type { DatabaseSync } from 'node:sqlite';

import { isObject, parseJson } from '../../../lib/connectors/json.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';
import { cellsOf, type Cell, type Cells } from '../../../lib/tables/cells.ts';
import { ColumnLearner, rowMaker, type Column, type Columns } from '../../../lib/tables/columns.ts';

/** What every table has before the columns of the vendor. */
const ownColumns = [
  { name: '_id', type: { kind: 'text' } },
  { name: '_first_seen_at', type: { kind: 'timestamp' } },
  { name: '_changed_at', type: { kind: 'timestamp' } },
  { name: '_deleted_at', type: { kind: 'timestamp' } },
] as const;

/** Rows written in one go. */
const rowsAtOnce = 10_000;

/** One row of a table: the cells of its columns in their order. */
export type TableRow = readonly (Cell | null)[];

/**
 * The records of a stream, read once from where they are stored into a file of SQLite, because the columns of a table are only
 * known when every row has been seen. However many there are, a few are in memory at a time.
 */
export class StagedTable {
  readonly columns: readonly Column[];
  readonly count: number;
  readonly #database: DatabaseSync;
  readonly #name: string;
  readonly #learned: Columns;

  /** @param onRows is told how many have been read so far @param onCell see `cellsOf` */
  static async load(
    database: DatabaseSync,
    name: string,
    records: AsyncIterable<StoredRecord>,
    onRows: (count: number) => void,
    onCell?: Parameters<typeof cellsOf>[1],
  ): Promise<StagedTable> {
    database.exec(
      `CREATE TABLE "${name}" (id TEXT, first TEXT, changed TEXT, deleted TEXT, json TEXT) STRICT`,
    );
    const insert = database.prepare(`INSERT INTO "${name}" VALUES (?, ?, ?, ?, ?)`);
    const learner = new ColumnLearner();
    let count = 0;
    let ofDeleted = 0;
    database.exec('BEGIN');
    for await (const { id, firstSeenAt, changedAt, deletedAt, json } of records) {
      learner.add(cellsIn(json, onCell));
      insert.run(id, firstSeenAt, changedAt, deletedAt, json);
      count += 1;
      if (deletedAt !== null) ofDeleted += 1;
      if (count % rowsAtOnce !== 0) continue;
      database.exec('COMMIT; BEGIN');
      onRows(count);
    }
    database.exec('COMMIT');
    onRows(count);
    const learned = learner.learned(ownColumns.map((column) => column.name));
    const own = ownColumns.map((column) => ({
      ...column,
      filled: column.name === '_deleted_at' ? ofDeleted : count,
    }));
    return new StagedTable({ database, name, learned }, [...own, ...learned.columns], count);
  }

  private constructor({ database, name, learned }: Staging, columns: readonly Column[], count: number) {
    this.#database = database;
    this.#name = name;
    this.#learned = learned;
    this.columns = columns;
    this.count = count;
  }

  /** In the order in which they were read. */
  *rows(): Generator<TableRow, void, undefined> {
    const rowOf = rowMaker(this.#learned);
    const statement = this.#database.prepare(`SELECT * FROM "${this.#name}" ORDER BY rowid`);
    for (const { id, first, changed, deleted, json } of statement.iterate() as Iterable<Staged>) {
      const own = [id, first, changed, deleted].map((value): Cell | null =>
        value === null ? null : { kind: 'text', text: value },
      );
      yield [...own, ...rowOf(cellsIn(json))];
    }
  }

  drop(): void {
    this.#database.exec(`DROP TABLE "${this.#name}"`);
  }
}

interface Staging {
  readonly database: DatabaseSync;
  readonly name: string;
  readonly learned: Columns;
}

interface Staged {
  readonly id: string;
  readonly first: string;
  readonly changed: string;
  readonly deleted: string | null;
  readonly json: string | null;
}

/** @param json null once the content of a deleted record has been erased */
function cellsIn(json: string | null, onCell?: Parameters<typeof cellsOf>[1]): Cells {
  if (json === null) return new Map();
  const row = parseJson(json);
  return isObject(row) ? cellsOf(row, onCell) : new Map();
}
