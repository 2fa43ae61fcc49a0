import { DatabaseSync } from 'node:sqlite';

/**
 * A database of SQLite for as long as `act` takes. What does not fit into its small cache is in a temporary file (`TMPDIR`) that
 * only this user may read. SQLite takes the file's name away as soon as it is open, so that nothing of it is left, however the
 * process ends: https://sqlite.org/inmemorydb.html#temporary_databases
 */
export async function withStaging<T>(act: (database: DatabaseSync) => Promise<T>): Promise<T> {
  const database = new DatabaseSync('');
  try {
    return await act(database);
  } finally {
    database.close();
  }
}
