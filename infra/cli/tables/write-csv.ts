import { csvField, csvLine, csvQuoted } from '../../../lib/operations/list-records.ts';
import type { Cell } from '../../../lib/tables/cells.ts';
import { textOfCell, type Column } from '../../../lib/tables/columns.ts';
import type { TableRow } from './staged-table.ts';

/** Excel takes UTF-8 for something else without it. */
const byteOrderMark = '\uFEFF';

/** With a header; texts in quotes (RFC 4180), and no text that a spreadsheet would run as a formula. */
export function* csvOf(
  columns: readonly Column[],
  rows: Iterable<TableRow>,
): Generator<string, void, undefined> {
  yield byteOrderMark;
  yield* linesOf(columns, rows, csvField);
}

/** The same for programs: each text as it is, and no byte order mark. */
export function plainCsvOf(
  columns: readonly Column[],
  rows: Iterable<TableRow>,
): Generator<string, void, undefined> {
  return linesOf(columns, rows, csvQuoted);
}

function* linesOf(
  columns: readonly Column[],
  rows: Iterable<TableRow>,
  quoted: (text: string) => string,
): Generator<string, void, undefined> {
  yield csvLine(columns.map(({ name }) => quoted(name)));
  for (const row of rows) yield csvLine(row.map((cell) => fieldOf(cell, quoted)));
}

/** A number is one, also where it is negative; nothing is an empty field without quotes, and a text of no length one with them. */
function fieldOf(cell: Cell | null, quoted: (text: string) => string): string {
  if (cell === null) return '';
  return cell.kind === 'number' || cell.kind === 'boolean' ? textOfCell(cell) : quoted(textOfCell(cell));
}
