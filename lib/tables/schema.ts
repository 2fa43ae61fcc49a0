import type { ColumnType } from './column-type.ts';
import type { Column } from './columns.ts';

/** The columns of a table in the words of others. Pure. */

/** Of one line of `export --format ndjson`, in draft 2020-12 of JSON Schema. */
export function jsonSchemaOf(title: string, columns: readonly Column[], rows: number): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    type: 'object',
    properties: Object.fromEntries(columns.map(({ name, type }) => [name, jsonTypeOf(type)])),
    required: columns.flatMap((column) => (isAlwaysThere(column, rows) ? [column.name] : [])),
  };
}

function jsonTypeOf(type: ColumnType): object {
  switch (type.kind) {
    case 'integer':
      return { type: 'integer' };
    case 'decimal':
      return { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'timestamp':
      return { type: 'string', format: 'date-time' };
    case 'text':
      return { type: 'string' };
    // A list, or an object with many keys.
    case 'json':
      return { type: ['array', 'object'] };
    case 'mixed':
      return {};
  }
}

/** Of the same. `JSON.parse` rounds numbers of more than 15 digits. */
export function typeScriptOf(name: string, columns: readonly Column[], rows: number): string {
  const fields = columns.map((column) => {
    const { name: field, type } = column;
    const mark = isAlwaysThere(column, rows) ? '' : '?';
    return `  readonly ${JSON.stringify(field)}${mark}: ${typeScriptTypes[type.kind]};${typeScriptNote(type)}`;
  });
  return [`export interface ${pascal(name)} {`, ...fields, '}', ''].join('\n');
}

const typeScriptTypes: Readonly<Record<ColumnType['kind'], string>> = {
  text: 'string',
  mixed: 'unknown',
  integer: 'number',
  decimal: 'number',
  boolean: 'boolean',
  date: 'string',
  timestamp: 'string',
  json: 'unknown',
};

function typeScriptNote({ kind }: ColumnType): string {
  if (kind === 'date') return ' // 2026-11-30';
  return kind === 'timestamp' ? ' // 2026-11-30T08:00:00Z' : '';
}

function pascal(name: string): string {
  return name.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A table that `\copy … from … csv header` of the CSV fills. */
export function postgresOf(name: string, columns: readonly Column[]): string {
  const lines = columns.map(({ name: column, type }) => `  ${quoted(column)} ${postgresTypeOf(type)}`);
  return `create table ${quoted(name)} (\n${[...lines, `  primary key (${quoted('_id')})`].join(',\n')}\n);\n`;
}

function postgresTypeOf(type: ColumnType): string {
  switch (type.kind) {
    case 'integer':
      return 'bigint';
    case 'decimal':
      return `numeric(38, ${String(type.scale)})`;
    case 'timestamp':
      return 'timestamptz';
    case 'json':
      return 'jsonb';
    case 'boolean':
    case 'date':
      return type.kind;
    case 'mixed':
    case 'text':
      return 'text';
  }
}

/** A name in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function isAlwaysThere({ filled }: Column, rows: number): boolean {
  return rows > 0 && filled === rows;
}
