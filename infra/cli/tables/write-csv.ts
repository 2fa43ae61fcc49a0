import type { Cell } from '../../../lib/tables/cells.ts';
import { textOfCell, type Column } from '../../../lib/tables/columns.ts';
import { csvField, csvLine } from '../../../lib/operations/list-records.ts';
import type { TableRow } from './staged-table.ts';

/** Excel takes UTF-8 for something else without it. */
const byteOrderMark = '\uFEFF';

/** With a header; fields in quotes (RFC 4180). */
export function* csvOf(
  columns: readonly Column[],
  rows: Iterable<TableRow>,
): Generator<string, void, undefined> {
  yield byteOrderMark + csvLine(columns.map(({ name }) => csvField(name)));
  for (const row of rows) yield csvLine(row.map(fieldOf));
}

/** A number is one, also where it is negative; nothing is an empty field without quotes, and a text of no length one with them. */
function fieldOf(cell: Cell | null): string {
  if (cell === null) return '';
  return cell.kind === 'number' || cell.kind === 'boolean' ? textOfCell(cell) : csvField(textOfCell(cell));
}
