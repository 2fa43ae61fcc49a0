import { describe, expect, it } from 'vitest';

import { parseJson, type JsonObject } from '../../../lib/connectors/json.ts';
import { cellsOf } from '../../../lib/tables/cells.ts';
import type { ColumnType } from '../../../lib/tables/column-type.ts';
import { ColumnLearner, jsonOfCell, rowMaker } from '../../../lib/tables/columns.ts';

function learn(rows: readonly string[], taken: readonly string[] = []) {
  const learner = new ColumnLearner();
  const parsed = rows.map((row) => parseJson(row) as JsonObject);
  for (const row of parsed) learner.add(cellsOf(row));
  const columns = learner.learned(taken);
  const rowOf = rowMaker(columns);
  return {
    columns: columns.columns,
    rows: parsed.map((row) => rowOf(cellsOf(row)).map((cell) => (cell === null ? null : jsonOfCell(cell)))),
  };
}

describe('the type of a column', () => {
  it.each<[readonly string[], ColumnType]>([
    [['true', 'false', 'null'], { kind: 'boolean' }],
    [['1', '-9223372036854775808', '9223372036854775807'], { kind: 'integer' }],
    [['1', '9223372036854775808'], { kind: 'decimal', scale: 0 }],
    [['1', '1.10', '2.5'], { kind: 'decimal', scale: 2 }],
    [['12345678901234567890123456789012345678'], { kind: 'decimal', scale: 0 }],
    [['123456789012345678901234567890123456789'], { kind: 'mixed' }],
    [['12345678901234567890123456789012345678', '0.1'], { kind: 'mixed' }],
    [['1e400'], { kind: 'mixed' }],
    [['1e2000'], { kind: 'mixed' }],
    [['1', '"1"'], { kind: 'mixed' }],
    [['true', '1'], { kind: 'mixed' }],
    [['[1]', '[]'], { kind: 'json' }],
    [['[1]', '"a"'], { kind: 'mixed' }],
    [['"2026-02-28"', '"1999-12-31"'], { kind: 'date' }],
    [['"2026-02-30"'], { kind: 'text' }],
    [['"9999-12-31"'], { kind: 'text' }],
    [['"2026-02-28"', '""'], { kind: 'text' }],
    [['"2026-02-28"', '"2026-02-28T10:00:00Z"'], { kind: 'text' }],
    [['"2026-02-28T10:00:00Z"', '"2026-02-28T10:00:00.123456Z"'], { kind: 'timestamp' }],
    [['"2026-02-28T10:00:00.1234567Z"'], { kind: 'text' }],
    [['"2026-02-28T10:00:00+01:00"'], { kind: 'text' }],
    [['"2026-02-28T25:00:00Z"'], { kind: 'text' }],
    [['"2026-02-28T24:00:00Z"'], { kind: 'text' }],
  ])('holds all of %j', (values, type) => {
    const { columns, rows } = learn(values.map((value) => `{"a":${value}}`));
    expect(columns).toMatchObject([
      { name: 'a', type, filled: values.filter((one) => one !== 'null').length },
    ]);
    expect(rows).toEqual(values.map((value) => [value === 'null' ? null : value]));
  });
});

describe('the columns', () => {
  it('are in the order in which they came, and a row has null for what it has not', () => {
    const { columns, rows } = learn(['{"b":1}', '{"a":"x","b":2}']);
    expect(columns.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(rows).toEqual([
      ['1', null],
      ['2', '"x"'],
    ]);
  });

  it('have names of which no two are the same for a reader that tells no small letters from capital ones', () => {
    const { columns, rows } = learn(['{"ID":1,"id":2,"_id":3,"Id (2)":4}'], ['_id']);
    expect(columns.map(({ name }) => name)).toEqual(['ID', 'id (2)', '_id (2)', 'Id (2) (2)']);
    expect(rows).toEqual([['1', '2', '3', '4']]);
  });

  it('are one column of JSON where the keys of an object are data', () => {
    const wide = Object.fromEntries(
      Array.from({ length: 101 }, (_, index) => [`d${String(index)}`, { x: index }]),
    );
    const { columns, rows } = learn([JSON.stringify({ a: 1, days: wide }), '{"days":{"z":1},"b":{"c":2}}']);
    expect(columns.map(({ name, type }) => [name, type.kind])).toEqual([
      ['a', 'integer'],
      ['b.c', 'integer'],
      ['days.*', 'json'],
    ]);
    const flat = Array.from({ length: 101 }, (_, index) => `"d${String(index)}.x":${String(index)}`);
    expect(rows).toEqual([
      ['1', null, `{${flat.join(',')}}`],
      [null, '2', '{"z":1}'],
    ]);
  });

  it('hold the rarest in one more where there are too many, and lose none', () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`f${String(index)}`, index]));
    const { f1000: rare, ...common } = many;
    const { columns, rows } = learn([JSON.stringify(many), JSON.stringify(common)]);
    expect(columns).toHaveLength(1001);
    expect(columns.at(-1)).toEqual({ name: '_rest', type: { kind: 'json' }, filled: null });
    expect(rows.map((row) => row.at(-1))).toEqual([`{"f1000":${String(rare)}}`, null]);
  });

  it('lose nothing of what is below too many keys, in whatever form it comes', () => {
    const many = (key: (index: number) => string, value: (index: number) => unknown): object =>
      Object.fromEntries(Array.from({ length: 120 }, (_, index) => [key(index), value(index)]));
    const numbers = Array.from({ length: 120 }, (_, index) => String(index));
    const pairs = (key: (index: string) => string): string =>
      `{${numbers.map((index) => `"${key(index)}":${index}`).join(',')}}`;
    // Whole paths; names with a point in them; words beside values; and a value in another row.
    expect(
      learn([
        JSON.stringify(
          many(
            (index) => `/work/f${String(index)}`,
            (index) => index,
          ),
        ),
      ]).rows,
    ).toEqual([[pairs((index) => `f${index}`)]]);
    const people = {
      a: many(
        (index) => `jane.doe${String(index)}@x.example`,
        (index) => index,
      ),
    };
    expect(learn([JSON.stringify(people)]).columns.map(({ name }) => name)).toEqual(['a.*']);
    const labelled = many(
      (index) => `f${String(index)}`,
      (index) => ({ value: index, humanReadable: index }),
    );
    expect(learn([JSON.stringify(labelled)]).rows[0]?.at(-1)).toBe(pairs((index) => `f${index}`));
    const { columns, rows } = learn(['{"a":5}', JSON.stringify(people)]);
    expect(columns.map(({ name, type }) => [name, type.kind])).toEqual([
      ['a', 'integer'],
      ['a.*', 'json'],
    ]);
    expect(rows).toEqual([
      ['5', null],
      [null, pairs((index) => `jane.doe${index}@x.example`)],
    ]);
  });

  it('are two where a key has a point in it', () => {
    const { columns, rows } = learn(['{"x":{"a.b":1,"a":{"b":2}}}']);
    expect(columns.map(({ name }) => name)).toEqual(['x.a.b', 'x.a.b (2)']);
    expect(rows).toEqual([['1', '2']]);
  });
});
