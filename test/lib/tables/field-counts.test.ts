import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseJson, type JsonObject } from '../../../lib/connectors/json.ts';
import { nameOf, pathOf } from '../../../lib/tables/cells.ts';
import { typeInWords, typeOf } from '../../../lib/tables/column-type.ts';
import { FieldCounter, maxFields, type FieldCounts } from '../../../lib/tables/field-counts.ts';

function countsOf(rows: readonly unknown[]): FieldCounts {
  const counter = new FieldCounter();
  for (const row of rows) counter.add(row as JsonObject);
  return counter.counted();
}

/** `name: type, filled`, in the order of the names. */
function shown({ fields }: FieldCounts): readonly string[] {
  return [...fields]
    .map(([key, seen]) => `${nameOf(pathOf(key))}: ${typeInWords(typeOf(seen))}, ${String(seen.rows)}`)
    .toSorted();
}

describe('the fields of rows', () => {
  it('are paths with the types of their values, and how often they came', () => {
    const rows = [
      parseJson(
        '{"id":"1","/work/title":"made up","pay":1.10,"since":"2026-11-30","tags":["a"],"gone":null}',
      ),
      parseJson('{"id":"2","work":{"title":"also"},"pay":12345678901234567890,"active":true}'),
    ];
    expect(countsOf(rows).rows).toBe(2);
    expect(shown(countsOf(rows))).toEqual([
      ...['active: boolean, 1', 'id: text, 2', 'pay: decimal(38, 2), 2', 'since: date, 1'],
      ...['tags: json, 1', 'work.title: text, 2'],
    ]);
  });

  it.each([
    ['an address', 'anna@example.com'],
    ['a name of a person', 'Anna Made-up'],
    ['a date', '2026-11-30'],
    ['a number', '4711'],
    ['a UUID', 'abcdef01-0000-4000-8000-000000000000'],
    ['a digest', 'deadbeefdeadbeef'],
    ['an id with a path', 'usergroups/310-A'],
    ['a telephone number', '+45 12 34 56 78'],
    ['a long text', 'x'.repeat(65)],
  ])('do not name what looks like %s', (_, key) => {
    const rows = [{ id: '1', by: { [key]: { hours: 1 }, total: { hours: 3 } } }];
    expect(shown(countsOf(rows))).toEqual(['by.*.hours: integer, 2', 'id: text, 1']);
  });

  it('name a column of a report as it is, and no address at the top of a row', () => {
    const rows = [
      { 'First name (legal)': 'a', Größe: 1, 'anna.schmidt@example.com': 2, column_1655996461265: true },
    ];
    expect(shown(countsOf(rows))).toEqual([
      ...[
        '*: integer, 1',
        'First name (legal): text, 1',
        'Größe: integer, 1',
        'column_1655996461265: boolean, 1',
      ],
    ]);
  });

  it('do not name an address among the fields that stand in a container, and the names that do', () => {
    const rows = [{ fields: { 'j.doe@example.com': 1, '/work/title': 'a' }, root: { id: '1' } }];
    expect(shown(countsOf(rows))).toEqual(['*: integer, 1', 'id: text, 1', 'work.title: text, 1']);
  });

  it('stay few, however many pages there are with keys of their own', () => {
    const counter = new FieldCounter();
    for (let page = 0; page < 300; page += 1) {
      const keys = Array.from({ length: 40 }, (_, at) => [`k${String(page)}x${String(at)}`, 1]);
      counter.addCounts(countsOf([{ id: String(page), ...Object.fromEntries(keys) }]));
    }
    expect(counter.counted().fields.size).toBe(maxFields);
    expect(counter.counted().fields.get('id')?.rows).toBe(300);
  });

  it('do not name the keys of an object that has too many of them, over all rows', () => {
    const rows = Array.from({ length: 60 }, (_, index) => ({
      id: String(index),
      of: { [`k${String(index)}`]: { n: index } },
    }));
    expect(shown(countsOf(rows))).toEqual(['id: text, 60', 'of.*.n: integer, 60']);
    expect(shown(countsOf(rows.slice(0, 50)))).toHaveLength(51);
  });

  it('are at most so many, those that come most often', () => {
    const many = Object.fromEntries(
      Array.from({ length: maxFields + 10 }, (_, index) => [`f${String(index)}`, 1]),
    );
    const counts = countsOf([{ id: '1', ...many }, { id: '2' }]);
    expect(counts.fields.size).toBe(maxFields);
    expect(counts.fields.get('id')?.rows).toBe(2);
  });

  const value = fc.oneof(
    fc.string(),
    fc.constantFrom('2026-11-30', '2026-11-30T08:00:00Z'),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.integer(), { maxLength: 2 }),
  );
  const key = fc.constantFrom('a', 'b', 'c', 'd e', '1', 'x@y');
  const row = fc.dictionary(
    key,
    fc.oneof(value, fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value)))),
  );

  it('are the same, however the rows come in pages', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (rows, size) => {
        const sum = new FieldCounter();
        for (let from = 0; from < rows.length; from += size)
          sum.addCounts(countsOf(rows.slice(from, from + size)));
        expect(new Map(sum.counted().fields)).toEqual(new Map(countsOf(rows).fields));
      }),
    );
  });
});
