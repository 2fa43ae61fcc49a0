import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseJson, type JsonObject } from '../../../lib/connectors/json.ts';
import { cellsOf, nameOf, pathOf } from '../../../lib/tables/cells.ts';
import { textOfCell } from '../../../lib/tables/columns.ts';

function flat(json: string): Record<string, string> {
  const cells = cellsOf(parseJson(json) as JsonObject);
  return Object.fromEntries([...cells].map(([key, cell]) => [nameOf(pathOf(key)), textOfCell(cell)]));
}

describe('a row', () => {
  it.each<[string, string, Record<string, string>]>([
    [
      'has a column for each path',
      '{"work":{"title":"T","site":{"id":1}}}',
      { 'work.title': 'T', 'work.site.id': '1' },
    ],
    [
      'keeps every digit',
      '{"a":9007199254740993,"b":1.10,"c":-0,"d":1e400}',
      { a: '9007199254740993', b: '1.10', c: '-0', d: '1e400' },
    ],
    ['has lists as JSON, with every digit', '{"a":[1.10,{"b":null}]}', { a: '[1.10,{"b":null}]' }],
    ['has no cell of what is null', '{"a":null,"b":{"c":null},"d":""}', { d: '' }],
    ['tells true from 1', '{"a":true,"b":1}', { a: 'true', b: '1' }],
    [
      'has one column for two forms of a field',
      '{"/work/title":"A","work":{"title":"B"}}',
      { 'work.title': 'A' },
    ],
    [
      'takes the form that is not null',
      '{"/work/title":null,"work.title":null,"work":{"title":"B"}}',
      { 'work.title': 'B' },
    ],
    [
      'has no level for what is at the root',
      '{"root":{"email":"E"},"/root/id":1,"root.name":"N"}',
      { email: 'E', id: '1', name: 'N' },
    ],
    [
      'has no level for a list of fields',
      '{"fields":{"/a/b":{"value":1}},"objectType":"T"}',
      { 'a.b': '1', objectType: 'T' },
    ],
    [
      'has the words beside the value',
      '{"/work/site":{"value":"7","humanReadable":"Park"}}',
      { 'work.site': '7', 'humanReadable.work.site': 'Park' },
    ],
    [
      'takes other objects with a value as they are',
      '{"pay":{"value":1,"currency":"EUR"}}',
      { 'pay.value': '1', 'pay.currency': 'EUR' },
    ],
    ['has a name for what has none', '{"":1,"a":{"..":2},"root":3}', { _: '1', 'a...': '2', root: '3' }],
  ])('%s', (_, json, cells) => {
    expect(flat(json)).toEqual(cells);
  });

  it('never throws, and has only names with something in them', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (row) => {
        const cells = cellsOf(parseJson(JSON.stringify(row)) as JsonObject);
        for (const key of cells.keys()) expect(nameOf(pathOf(key))).not.toBe('');
      }),
    );
  });
});
