import type { DatabaseSync } from 'node:sqlite';

import type { Cursor } from '../../../lib/changes/cursor.ts';
import type { SnapshotReader } from '../../../lib/changes/ports.ts';
import { readChanges } from '../../../lib/changes/read-changes.ts';
import type { RecordFinder, RecordSource } from '../../../lib/operations/list-records.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';
import { UsageError } from '../../terminal/usage-error.ts';

/** From so many on it is faster, and cheaper, to read all records than these one by one. */
const maxFound = 1000;

/** Which records have changed since a cursor, as the change log has it. Their ids are kept in the database. */
export class ChangedRecords implements RecordSource {
  /** Where to go on from. */
  readonly cursor: Cursor;
  readonly #database: DatabaseSync;
  readonly #records: RecordSource & RecordFinder;

  /** @throws {UsageError | DamagedLineError} */
  static async since(
    cursor: Cursor,
    streams: readonly string[],
    {
      log,
      records,
      database,
    }: { log: SnapshotReader; records: RecordSource & RecordFinder; database: DatabaseSync },
  ): Promise<ChangedRecords> {
    database.exec(
      'CREATE TABLE changed (stream TEXT, id TEXT, at TEXT, PRIMARY KEY (stream, id)) STRICT, WITHOUT ROWID',
    );
    const insert = database.prepare(
      'INSERT INTO changed VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)',
    );
    const changes = readChanges(streams, { since: cursor }, log);
    database.exec('BEGIN');
    let next = await changes.next();
    for (; next.done !== true; next = await changes.next()) {
      const { stream, id, op, at } = next.value;
      if (op === 'gap') {
        throw new UsageError(
          `Changes of ${stream} from before ${at} may be missing in the log, so it cannot say what has changed since the cursor: export the stream as a whole, without --since.`,
        );
      }
      insert.run(stream, id, at);
    }
    database.exec('COMMIT');
    return new ChangedRecords(next.value, database, records);
  }

  private constructor(cursor: Cursor, database: DatabaseSync, records: RecordSource & RecordFinder) {
    this.cursor = cursor;
    this.#database = database;
    this.#records = records;
  }

  /** Those of a stream as they are now. What is not there any more is deleted, and its content is erased. */
  async *scan(stream: string): AsyncGenerator<StoredRecord, void, undefined> {
    const changed = this.#database.prepare('SELECT id, at FROM changed WHERE stream = ?');
    const isChanged = this.#database.prepare('SELECT 1 FROM changed WHERE stream = ? AND id = ?');
    const take = this.#database.prepare('DELETE FROM changed WHERE stream = ? AND id = ?');
    const rows = this.#database.prepare('SELECT count(*) AS rows FROM changed WHERE stream = ?').get(stream);
    const few = Number(rows?.['rows']) <= maxFound;
    const ids = few ? changed.all(stream).map(({ id }) => String(id)) : [];
    const found = few ? this.#records.find(stream, ids) : this.#records.scan(stream);
    for await (const record of found) {
      if (!few && isChanged.get(stream, record.id) === undefined) continue;
      take.run(stream, record.id);
      yield record;
    }
    for (const { id, at } of changed.all(stream)) {
      const when = String(at);
      yield { stream, id: String(id), json: null, firstSeenAt: when, changedAt: when, deletedAt: when };
    }
  }
}
