import { describe, expect, it } from 'vitest';

import type { Items, StreamDefinition } from '../../../lib/connectors/connector.ts';
import { parseJson } from '../../../lib/connectors/json.ts';
import { nothingRedacted } from '../../../lib/connectors/privacy.ts';
import { maxCursorBytes, readPage, type PageReading } from '../../../lib/connectors/read-page.ts';

const half = '\\ud83d';

function definition(items: Items, more: Partial<StreamDefinition> = {}): StreamDefinition {
  return {
    ...{ about: 'a row', method: 'GET', path: '/rows', items, id: [[['id']]], paging: { kind: 'none' } },
    ...{ grade: 'unverified', ...more },
  };
}

const list = definition({ path: ['items'] });
const byOffset = definition(
  { path: ['items'] },
  {
    paging: {
      ...{ kind: 'offset', limit: 'limit', offset: 'offset', total: ['total'] },
      pageSize: { default: 20, max: 100 },
    },
  },
);
const byCursor = definition(
  { path: ['items'] },
  {
    paging: {
      ...{ kind: 'cursor', limit: 'limit', cursor: 'after', next: [['next']] },
      pageSize: { default: 20, max: 100 },
    },
  },
);
const nested = definition(
  { path: ['people'], nested: { list: 'values', carry: 'person' } },
  { id: [[['person']], [['id']]] },
);
const tree = definition(
  { path: ['lists'], nested: { list: 'values', carry: 'name', tree: 'children' } },
  { id: [[['name']], [['id']]] },
);
const keyed = definition({ path: ['rows'], keyed: 'name' }, { id: [[['name']]] });
const keyedAnswer = definition({ path: [], keyed: 'name' }, { id: [[['name']]] });
const keyedLists = definition(
  { path: [], keyed: 'name', nested: { list: 'values', carry: 'name' } },
  { id: [[['name']], [['id']]] },
);

function read(of: StreamDefinition, text: string): PageReading {
  return readPage(of, parseJson(text), { privacy: nothingRedacted, fields: null });
}

describe('an answer of which a part cannot be read', () => {
  it.each([
    [
      'a row that is null',
      list,
      '{"items":[{"id":1},null,{"id":2}]}',
      ['1', '2'],
      'items[1] is not an object',
    ],
    ['a row that is a text', list, '{"items":[{"id":1},"Ada"]}', ['1'], 'items[1] is not an object'],
    [
      'a row that is a number',
      byOffset,
      '{"items":[7,{"id":1}],"total":2}',
      ['1'],
      'items[0] is not an object',
    ],
    ['a row that is true', byCursor, '{"items":[{"id":1},true]}', ['1'], 'items[1] is not an object'],
    [
      'more than one',
      list,
      '{"items":[null,{"id":1},5,[[{"id":2}]]]}',
      ['1'],
      'items[0] is not an object (and 2 more cannot be read)',
    ],
    [
      'a row in a list of its own that is null',
      list,
      '{"items":[[{"id":1}],[null]]}',
      ['1'],
      'items[1] is not an object',
    ],
    [
      'an id with half a character',
      list,
      `{"items":[{"id":"${half}"},{"id":1}]}`,
      ['1'],
      'items[0] has an id that is no text (half a character)',
    ],
    [
      'an id of which a part has half a character',
      nested,
      `{"people":[{"person":1,"values":[{"id":"x${half}"},{"id":2}]}]}`,
      ['1/2'],
      'people[0].values[0] has an id that is no text (half a character)',
    ],
    [
      'null in the place of the rows of one of three',
      nested,
      '{"people":[{"person":1,"values":[{"id":1}]},{"person":2,"values":null},{"person":3,"values":[{"id":3}]}]}',
      ['1/1', '3/3'],
      'people[1] has no array at values',
    ],
    [
      'the same without the name',
      nested,
      '{"people":[{"person":1,"values":[{"id":1}]},{"person":2}]}',
      ['1/1'],
      'people[1] has no array at values',
    ],
    [
      'a text there',
      nested,
      '{"people":[{"person":1,"values":"none"},{"person":2,"values":[{"id":1}]}]}',
      ['2/1'],
      'people[0] has no array at values',
    ],
    [
      'a person that is null',
      nested,
      '{"people":[null,{"person":2,"values":[{"id":1}]}]}',
      ['2/1'],
      'people[0] has no array at values',
    ],
    [
      'one of two, where the other says that it has none',
      nested,
      '{"people":[{"person":1,"values":[]},{"person":2,"values":null}]}',
      [],
      'people[1] has no array at values',
    ],
    [
      'a null among the rows of one',
      nested,
      '{"people":[{"person":1,"values":[null,{"id":1}]}]}',
      ['1/1'],
      'people[0].values[0] is not an object',
    ],
    [
      'what should be the rows below a row',
      tree,
      '{"lists":[{"name":"a","values":[{"id":1,"children":{"id":9}},{"id":2,"children":[{"id":3,"children":"x"}]}]}]}',
      ['a/1', 'a/2', 'a/3'],
      'lists[0].values[0] has no array at children (and 1 more cannot be read)',
    ],
    [
      'a null below a row',
      tree,
      '{"lists":[{"name":"a","values":[{"id":1,"children":[null,{"id":2}]}]}]}',
      ['a/1', 'a/2'],
      'lists[0].values[0].children[0] is not an object',
    ],
    [
      'a value of an object by names',
      keyed,
      '{"rows":{"a":{"n":1},"b":null,"c":{"n":2}}}',
      ['a', 'c'],
      'rows{1} is not an object',
    ],
    ['a list among its values', keyed, '{"rows":{"a":[1],"b":{"n":1}}}', ['b'], 'rows{0} is not an object'],
    [
      'a value of an answer by names that holds lists',
      keyedLists,
      '{"a":{"values":[{"id":1}]},"b":null}',
      ['a/1'],
      '{1} has no array at values',
    ],
  ])('keeps the rest: %s', (_, of, text, ids, partial) => {
    const page = read(of, text);
    if (page.kind !== 'page') throw new Error(page.reason);
    expect(page.rows.map(({ id }) => id)).toEqual(ids);
    expect(page.partial).toContain(partial);
  });

  it.each([
    ['every row', list, '{"items":[null,1]}'],
    ['every row of everybody', nested, '{"people":[{"person":1,"values":[3]},{"person":2,"values":null}]}'],
    ['every value of an object by names', keyed, '{"rows":{"a":null,"b":3}}'],
    [
      'an answer by names with something else in it: it may be an error',
      keyedAnswer,
      '{"error":{"n":1},"success":false}',
    ],
    ['the same where nulls are in it', keyedAnswer, '{"error":{"code":5},"result":null}'],
    ['an error in the place of lists by names', keyedLists, '{"error":{"message":"no"},"data":null}'],
    ['the list itself', list, '{"items":"none"}'],
  ])('is no page where nothing of it can be: %s', (_, of, text) => {
    expect(read(of, text)).toMatchObject({ kind: 'malformed' });
  });

  it('says no more of a row than its place', () => {
    const text = `{"items":[{"id":1},"Ada Made-Up",{"id":"Ada${half}"}]}`;
    expect(JSON.stringify(read(list, text))).not.toContain('Ada');
  });

  it('keeps the places of what cannot be read, for the vendor counts them, and always by the same name', () => {
    const page = (bad: string): PageReading =>
      read(byOffset, `{"items":[{"id":1},${bad},{"id":2}],"total":3}`);
    const [one, again, other] = [page('null'), page('null'), page('5')].map((read) =>
      read.kind === 'page' ? read.places : undefined,
    );
    expect(one).toEqual(['1', expect.stringMatching(/^unreadable /), '2']);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
    expect(read(byOffset, '{"items":[{"id":1}],"total":1}')).not.toHaveProperty('places');
  });
});

describe('a list that is null', () => {
  it.each([
    ['with a total of 0 where the connector says', byOffset, '{"items":null,"total":0}'],
    ['with a total beside it that the connector does not know', list, '{"items":null,"total":0}'],
    ['with a totalCount', byCursor, '{"items":null,"totalCount":0}'],
    ['with a count', list, '{"count":0,"items":null}'],
    [
      'of one of those whose rows were asked for',
      nested,
      '{"people":[{"person":1,"values":null,"total":0}]}',
    ],
  ])('is an empty one %s', (_, of, text) => {
    expect(read(of, text)).toMatchObject({ kind: 'page', rows: [], partial: null });
  });

  it.each([
    ['alone', list, '{"items":null}'],
    ['alone, where the connector knows a total', byOffset, '{"items":null}'],
    ['with another total', byOffset, '{"items":null,"total":3}'],
    ['with a total that is text', list, '{"items":null,"total":"0"}'],
    ['with two totals that contradict each other', list, '{"items":null,"total":0,"count":4}'],
    ['with a total that is null', list, '{"items":null,"total":null}'],
    ['where the name is missing', list, '{"total":0}'],
    ['with a total somewhere else', list, '{"items":null,"meta":{"total":0}}'],
  ])('is no list %s', (_, of, text) => {
    expect(read(of, text)).toMatchObject({ kind: 'malformed' });
  });
});

describe('the cursor of the next page', () => {
  const page = (cursor: string): PageReading => read(byCursor, `{"items":[{"id":1}],"next":${cursor}}`);

  it('is taken as long as it can be kept', () => {
    expect(page(`"${'c'.repeat(maxCursorBytes)}"`)).toMatchObject({ kind: 'page' });
  });

  it.each([
    [
      'one of 500 KB',
      `"${'c'.repeat(500_000)}"`,
      'the cursor of the next page has 500000 bytes; at most 65536 can be kept',
    ],
    [
      'one that is too long in bytes alone',
      `"${'é'.repeat(maxCursorBytes / 2 + 1)}"`,
      `the cursor of the next page has ${maxCursorBytes + 2} bytes; at most 65536 can be kept`,
    ],
    [
      'a number of 70,000 digits',
      '7'.repeat(70_000),
      'the cursor of the next page has 70000 bytes; at most 65536 can be kept',
    ],
    ['half a character', `"${half}"`, 'the cursor of the next page is no text (half a character)'],
  ])('makes the answer unreadable where it cannot: %s', (_, cursor, reason) => {
    expect(page(cursor)).toEqual({ kind: 'malformed', reason });
  });
});

describe('a long answer', () => {
  const rows = (count: number): object[] => Array.from({ length: count }, (_, id) => ({ id }));

  it.each([
    ['in one list', list, { items: rows(200_000) }],
    ['below one row', tree, { lists: [{ name: 'a', values: [{ id: 'top', children: rows(199_999) }] }] }],
  ])('has all of 200,000 rows: %s', (_, of, body) => {
    const page = readPage(of, body, { privacy: nothingRedacted, fields: null });
    expect(page.kind === 'page' ? page.rows.length : page.reason).toBe(200_000);
  });
});

describe('an id of several parts', () => {
  const idOf = (row: object): unknown => {
    const page = readPage(
      definition({ path: ['items'] }, { id: [[['a']], [['b']]] }),
      { items: [row] },
      {
        ...{ privacy: nothingRedacted, fields: null },
      },
    );
    return page.kind === 'page' ? [page.rows[0]?.id, page.rows[0]?.formerId] : page.reason;
  };

  it.each([
    [{ a: 'a', b: 'b' }, 'a/b', undefined],
    [{ a: 'a/b', b: 'c' }, 'a~1b/c', 'a/b/c'],
    [{ a: 'a', b: 'b/c' }, 'a/b~1c', 'a/b/c'],
    [{ a: 'a~b', b: 'c' }, 'a~0b/c', 'a~b/c'],
    [{ a: 'a~1b', b: 'c' }, 'a~01b/c', 'a~1b/c'],
    [{ a: '/', b: '~' }, '~1/~0', '//~'],
    [{ a: 7, b: 8.5 }, '7/8.5', undefined],
    [{ a: 'users/1-A', b: 'ü' }, 'users~11-A/ü', 'users/1-A/ü'],
    [{ a: '%2F', b: '\\' }, '%2F/\\', undefined],
  ])('has each of them escaped: %j', (row, id, formerId) => {
    expect(idOf(row)).toEqual([id, formerId]);
  });

  it('is never that of two rows', () => {
    const parts = ['a', 'b', '/', '~', '~0', '~1', 'a/', '/a', '~/', '/~', 'a/b', 'a~1b', '~01'];
    const rows = parts.flatMap((a) => parts.map((b) => ({ a, b })));
    expect(new Set(rows.map((row) => (idOf(row) as unknown[])[0])).size).toBe(rows.length);
  });

  it('counts as it is stored where it may be too long', () => {
    expect(idOf({ a: '/'.repeat(400), b: 'b' })).toEqual([`${'~1'.repeat(400)}/b`, `${'/'.repeat(401)}b`]);
    expect(idOf({ a: '/'.repeat(600), b: 'b' })).toMatch(/an id of 1202 bytes/);
  });

  it('stays as it is where it is the only part', () => {
    const [row] = [read(list, '{"items":[{"id":"users/1~A"}]}')].flatMap((page) =>
      page.kind === 'page' ? page.rows : [],
    );
    expect(row).toMatchObject({ id: 'users/1~A' });
    expect(row).not.toHaveProperty('formerId');
  });
});
