import { constants, type DatabaseSync, type SQLInputValue } from 'node:sqlite';

import type { Cell } from '../../../lib/tables/cells.ts';
import type { ColumnType } from '../../../lib/tables/column-type.ts';
import { textOfCell } from '../../../lib/tables/columns.ts';
import { decimalOf, scaledTo } from '../../../lib/tables/decimal.ts';
import { quoted } from '../../../lib/tables/schema.ts';
import type { StagedTable } from './staged-table.ts';

/**
 * Makes a table for SQL of a staged one. A number is one to compute with where that is exact: a decimal that no double equals is
 * its text. A boolean is 1 or 0, and dates and times are texts that sort as they should.
 */
export function makeSqlTable(database: DatabaseSync, name: string, staged: StagedTable): void {
  const { columns } = staged;
  // Without types, so that SQLite changes no value.
  database.exec(`CREATE TABLE "${name}" (${columns.map((column) => quoted(column.name)).join(', ')})`);
  const insert = database.prepare(`INSERT INTO "${name}" VALUES (${columns.map(() => '?').join(', ')})`);
  database.exec('BEGIN');
  for (const row of staged.rows()) {
    insert.run(...columns.map(({ type }, index) => valueOf(row[index] ?? null, type)));
  }
  database.exec('COMMIT');
}

function valueOf(cell: Cell | null, type: ColumnType): SQLInputValue {
  if (cell === null) return null;
  const text = textOfCell(cell);
  switch (type.kind) {
    case 'boolean':
      return text === 'true' ? 1n : 0n;
    case 'integer':
      return BigInt(text);
    case 'decimal':
      return exactDouble(text) ?? text;
    default:
      return text;
  }
}

/** Null where a double is another number. */
function exactDouble(digits: string): number | null {
  const double = Number(digits);
  if (!Number.isFinite(double)) return null;
  const [wanted, found] = [decimalOf(digits), decimalOf(String(double))];
  if (wanted === null || found === null) return null;
  const scale = Math.max(wanted.scale, found.scale);
  return scaledTo(wanted, scale) === scaledTo(found, scale) ? double : null;
}

const reading: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);

/** From here on SQL can look at what is there, and nothing else: no file, no setting, no change. */
export function allowReadingOnly(database: DatabaseSync): void {
  database.setAuthorizer((action) => (reading.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY));
}
