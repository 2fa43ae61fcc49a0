import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';

import type { Cell } from '../../../lib/tables/cells.ts';
import type { ColumnType } from '../../../lib/tables/column-type.ts';
import { textOfCell, type Column } from '../../../lib/tables/columns.ts';
import { decimalOf, scaledTo } from '../../../lib/tables/decimal.ts';
import type { TableRow } from './staged-table.ts';

/** Of one group, which is in memory at a time. */
const cellsAGroup = 1_000_000;
const dayMs = 86_400_000;

/** The bytes of a Parquet file, group by group. */
export function* parquetOf(
  columns: readonly Column[],
  rows: Iterable<TableRow>,
): Generator<Uint8Array, void, undefined> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)],
  });
  const rowsAGroup = Math.min(20_000, Math.ceil(cellsAGroup / columns.length));
  let group: TableRow[] = [];
  const write = (): void => {
    const columnData = columns.map(({ name, type }, index) => ({
      name,
      data: group.map((row) => valueOf(row[index] ?? null, type)),
    }));
    void file.write({ columnData, rowGroupSize: rowsAGroup });
    group = [];
  };
  const fresh = (): Uint8Array => {
    const written = bytes.getBytes().slice();
    // What has been taken is let go of; offsets are counted apart.
    bytes.index = 0;
    return written;
  };
  for (const row of rows) {
    group.push(row);
    if (group.length < rowsAGroup) continue;
    write();
    yield fresh();
  }
  if (group.length > 0) write();
  void file.finish();
  yield fresh();
}

function elementOf({ name, type }: Column): SchemaElement {
  return { name, repetition_type: 'OPTIONAL', ...parquetTypes(type) };
}

function parquetTypes(type: ColumnType): Partial<SchemaElement> {
  switch (type.kind) {
    case 'boolean':
      return { type: 'BOOLEAN' };
    case 'integer':
      return { type: 'INT64' };
    case 'decimal':
      return {
        ...{ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL' },
        ...{ precision: 38, scale: type.scale },
      };
    case 'date':
      return { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } };
    case 'timestamp':
      return {
        ...{ type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      };
    // Lists and the rest are JSON, as a text: the library would write objects anew, and round their numbers.
    case 'json':
    case 'mixed':
    case 'text':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
  }
}

function valueOf(cell: Cell | null, type: ColumnType): unknown {
  if (cell === null) return null;
  const text = textOfCell(cell);
  switch (type.kind) {
    case 'boolean':
      return cell.kind === 'boolean' && cell.is;
    case 'integer':
      return BigInt(text);
    case 'decimal': {
      const decimal = decimalOf(text);
      return decimal === null ? null : scaledTo(decimal, type.scale);
    }
    case 'date':
      return Date.parse(`${text}T00:00:00Z`) / dayMs;
    case 'timestamp':
      return microsOf(text);
    case 'json':
    case 'mixed':
    case 'text':
      return text;
  }
}

/** Since 1970. @param text as `isTimestamp` of the columns has it */
function microsOf(text: string): bigint {
  const [, seconds = '', fraction = ''] = /^(.{19})(?:\.(\d+))?Z$/.exec(text) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}
