import type { ColumnType } from './column-type.ts';
import type { Column } from './columns.ts';

/**
 * SQL over the change log and its snapshots, in the words that Athena (Trino) has. Each object of the log is one column, `line`,
 * of a line of JSON: read as text, so that no digit of it changes. Pure.
 */

export const lakeTables = { changes: 'changes', snapshots: 'snapshots' } as const;

/** A path of keys below the record, as a row has it: the same field may come at several. */
export type RawPath = readonly string[];

export interface LakeColumn extends Pick<Column, 'name' | 'type'> {
  readonly paths: readonly RawPath[];
}

/** All lines of one record. */
export function historyOf(stream: string, id: string): string {
  return `with ${linesOf(stream)}
select at, op, run, sequence, id, line
from lines
where id = ${literal(id)}
order by sequence
`;
}

/**
 * What a stream has now: its newest finished snapshot, and what has become of its records since. The newest marker has the greatest of
 * all moments in it.
 */
export function presentStateOf(stream: string, columns: readonly LakeColumn[] | null = null): string {
  const named = columns?.map(({ name, type, paths }) => `  ${typed(type, paths)} as ${quotedName(name)}`);
  const shown = ['  id as "_id"', '  at as "_changed_at"', ...(named ?? []), '  line as "_line"'];
  return `with ${linesOf(stream)},
newest as (
  select
    max(regexp_extract("$path", '/([0-9]{8}T[0-9]{9}Z)/', 1)) as moment,
    max(${scalar(['from'])}) as since,
    max(${scalar(['begunAt'])}) as begun_at
  from ${lakeTables.snapshots}
  where ${ofStream(stream)} and "$path" like '%/finished.json'
),
states as (
  select id, op, at, sequence, line
  from lines cross join newest
  where moment is null or (
    published >= regexp_replace(since, '[-:.]', '')
    and from_iso8601_timestamp(at) >= from_iso8601_timestamp(begun_at) - interval '1' hour
  )
  union all
  select
    ${scalar(['id'])},
    case when ${scalar(['deletedAt'])} is null then 'snapshot' else 'deleted' end,
    coalesce(${scalar(['deletedAt'])}, ${scalar(['changedAt'])}),
    '0',
    line
  from ${lakeTables.snapshots} cross join newest
  where ${ofStream(stream)} and "$path" like concat('%/', moment, '/part-%')
),
numbered as (
  select states.*, row_number() over (partition by id order by sequence desc) as place from states
)
select
${shown.join(',\n')}
from numbered
where place = 1 and op not in ('deleted', 'erased', 'gap')
`;
}

/** A view of it with a column for each field. */
export function viewOf(name: string, stream: string, columns: readonly LakeColumn[]): string {
  return `create or replace view ${name} as\n${presentStateOf(stream, columns)}`;
}

/**
 * Athena takes small letters, digits and underscores for the name of a column, and no two of one name.
 * @param columns `work.title` becomes `work_title`
 */
export function lakeColumns(columns: readonly LakeColumn[]): readonly LakeColumn[] {
  const used = new Set(['_id', '_changed_at', '_line']);
  return columns.map((column) => {
    const plain = column.name
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '');
    const base = /^[a-z]/.test(plain) ? plain : `_${plain}`;
    let name = base;
    for (let number = 2; used.has(name); number += 1) name = `${base}_${String(number)}`;
    used.add(name);
    return { ...column, name };
  });
}

function linesOf(stream: string): string {
  const fields = ['id', 'op', 'at', 'run', 'sequence'].map((field) => `    ${scalar([field])} as ${field},`);
  return `lines as (
  select
${fields.join('\n')}
    regexp_extract("$path", '([0-9]{8}T[0-9]{9}Z)-[0-9]{40}', 1) as published,
    line
  from ${lakeTables.changes}
  where ${ofStream(stream)}
)`;
}

function ofStream(stream: string): string {
  const [connection = '', name = ''] = stream.split('/');
  return `connection = ${literal(connection)} and stream = ${literal(name)}`;
}

/** What does not fit is null: a view does not fail for one row, and `_line` has it. */
function typed(type: ColumnType, paths: readonly RawPath[]): string {
  const inData = paths.map((path) => ['data', ...path]);
  const text = either(inData.map((path) => scalar(path)));
  const json = either(inData.map((path) => `json_format(json_extract(line, ${jsonPath(path)}))`));
  switch (type.kind) {
    case 'text':
      return text;
    case 'integer':
      return `try_cast(${text} as bigint)`;
    case 'decimal':
      return exactDecimal(text, type.scale);
    case 'boolean':
    case 'date':
      return `try_cast(${text} as ${type.kind})`;
    case 'timestamp':
      return `try(cast(from_iso8601_timestamp(${text}) as timestamp))`;
    case 'json':
      return json;
    case 'mixed':
      return `coalesce(${text}, ${json})`;
  }
}

/** Trino rounds what has more digits behind the point. */
function exactDecimal(text: string, scale: number): string {
  const fraction = scale === 0 ? '' : `([.][0-9]{1,${String(scale)}})?`;
  return `case when regexp_like(${text}, '^-?[0-9]+${fraction}$') then try_cast(${text} as decimal(38, ${String(scale)})) end`;
}

function either(forms: readonly string[]): string {
  const [first = 'null', ...others] = forms;
  return others.length === 0 ? first : `coalesce(${forms.join(', ')})`;
}

function scalar(path: RawPath): string {
  return `json_extract_scalar(line, ${jsonPath(path)})`;
}

function jsonPath(path: RawPath): string {
  return literal(`$${path.map((key) => `["${key.replaceAll(/["\\]/g, '\\$&')}"]`).join('')}`);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function quotedName(name: string): string {
  return `"${name}"`;
}
