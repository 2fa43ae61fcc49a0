import { jsonOfCell, type Column } from '../../../lib/tables/columns.ts';
import type { TableRow } from './staged-table.ts';

/** One flat object a line. What a row has not is left out. */
export function* ndjsonOf(
  columns: readonly Column[],
  rows: Iterable<TableRow>,
): Generator<string, void, undefined> {
  const names = columns.map(({ name }) => JSON.stringify(name));
  for (const row of rows) {
    const pairs = row.flatMap((cell, index) =>
      cell === null ? [] : [`${names[index] ?? ''}:${jsonOfCell(cell)}`],
    );
    yield `{${pairs.join(',')}}\n`;
  }
}
