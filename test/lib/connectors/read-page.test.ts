import { describe, expect, it } from 'vitest';

import { bob } from '../../../lib/connectors/bob/bob.ts';
import type { StreamDefinition } from '../../../lib/connectors/connector.ts';
import { parseJson } from '../../../lib/connectors/json.ts';
import { mobaro } from '../../../lib/connectors/mobaro/mobaro.ts';
import { nothingRedacted } from '../../../lib/connectors/privacy.ts';
import { readPage } from '../../../lib/connectors/read-page.ts';

function definitionOf(stream: string): StreamDefinition {
  const definition = { ...mobaro.streams, ...bob.streams }[stream];
  if (definition === undefined) throw new Error(stream);
  return definition;
}

const read = (stream: string, text: string): ReturnType<typeof readPage> =>
  readPage(definitionOf(stream), parseJson(text), { privacy: nothingRedacted, fields: null });

function rowsOf(stream: string, text: string): { id: string; json: string; hash: string }[] {
  const page = read(stream, text);
  if (page.kind !== 'page') throw new Error(page.reason);
  return [...page.rows];
}

describe('reading a page', () => {
  it('keeps every digit of the vendor', () => {
    const row = '{"id":"users/1-A","big":9007199254740993,"amount":1.10,"tiny":1E-7,"huge":1e400}';
    const page = read('users', `{"items":[${row}],"total":1,"amount":1}`);
    expect(page).toMatchObject({ kind: 'page', entries: 1, total: 1, cursor: null, partial: null });
    expect(rowsOf('users', `{"items":[${row}]}`)[0]?.json).toBe(row);
  });

  it('takes ids as text or as numbers, digit by digit', () => {
    const rows = rowsOf('users', '{"items":[{"id":"locations/109036-A"},{"id":9007199254740993}]}');
    expect(rows.map(({ id }) => id)).toEqual(['locations/109036-A', '9007199254740993']);
  });

  it('sees no change where only the order of keys has changed', () => {
    const [one, other, different] = rowsOf(
      'users',
      '{"items":[{"id":"1","a":{"x":1,"y":[1,2]}},{"a":{"y":[1,2],"x":1},"id":"1"},{"id":"1","a":{"x":1,"y":[2,1]}}]}',
    );
    expect(one?.hash).toBe(other?.hash);
    expect(one?.hash).not.toBe(different?.hash);
  });

  it.each([
    ['a plain id', '{"id":"8"}', '8'],
    ['a category', '{"root":{"id":"9"}}', '9'],
    ['a slash key', '{"/root/id":{"value":"10"}}', '10'],
  ])("finds the id of Bob's people: %s", (_, person, id) => {
    expect(rowsOf('people', `{"employees":[${person}]}`)[0]?.id).toBe(id);
  });

  it('gives each entry of a bulk table its employee, in the id and in the record', () => {
    const text =
      '{"results":[{"employeeId":"7","values":[{"id":1,"title":"a"},{"id":2,"employeeId":"7"}]},' +
      '{"employeeId":"8","values":{"values":[{"id":1}],"restricted_columns":[]}},{"employeeId":"9","values":[]}],' +
      '"response_metadata":{"next_cursor":"abc=="}}';
    const page = read('employment', text);
    expect(page).toMatchObject({ entries: 3, cursor: 'abc==', total: null });
    expect(rowsOf('employment', text).map(({ id, json }) => [id, json])).toEqual([
      ['7/1', '{"employeeId":"7","id":1,"title":"a"}'],
      ['7/2', '{"id":2,"employeeId":"7"}'],
      ['8/1', '{"employeeId":"8","id":1}'],
    ]);
  });

  it.each([
    ['{"next_cursor":"a","cursor":"b"}', 'a'],
    ['{"cursor":"b"}', 'b'],
    ['{"next_cursor":null}', null],
    ['{"next_cursor":""}', null],
    ['{}', null],
  ])('finds the cursor in both of its places: %s', (metadata, cursor) => {
    const page = read('employment', `{"results":[],"response_metadata":${metadata}}`);
    expect(page).toMatchObject({ cursor });
  });

  it.each([
    ['{"12":{"error":"MISSING_PERMISSION"},"13":{}}', 2],
    ['[{"error":"MISSING_PERMISSION"}]', 1],
  ])('knows a partial answer: %s', (errors, count) => {
    const page = read('employment', `{"results":[],"errors":${errors}}`);
    expect(page).toMatchObject({ partial: `the vendor left ${count} out (errors in its answer)` });
  });

  it.each(['{}', '[]', 'null'])('is not alarmed by empty errors: %s', (errors) => {
    expect(read('employment', `{"results":[],"errors":${errors}}`)).toMatchObject({ partial: null });
  });

  it.each([
    ['users', '{"total":0}', 'the answer has no array at items'],
    ['users', '{"items":null}', 'the answer has no array at items'],
    ['users', '{"items":{}}', 'the answer has no array at items'],
    ['users', '[]', 'the answer has no array at items'],
    ['users', '3', 'the answer has no array at items'],
    ['users', '{"items":["a"]}', 'items[0] is not an object'],
    ['employment', '{"results":[{"employeeId":"7"}]}', 'results[0] has no array at values'],
    ['employment', '{"results":[{"employeeId":"7","values":[4]}]}', 'results[0].values[0] is not an object'],
  ])('does not take a missing array for no rows: %s %s', (stream, text, reason) => {
    expect(read(stream, text)).toEqual({ kind: 'malformed', reason });
  });

  it.each([
    ['users', '{"items":[{"id":"1"},{"name":"x"}]}', 'items[1] has no id (looked for id)'],
    ['users', '{"items":[{"id":""}]}', 'items[0] has no id (looked for id)'],
    ['users', '{"items":[{"id":{"a":1}}]}', 'items[0] has no id (looked for id)'],
    [
      'employment',
      '{"results":[{"employeeId":"7","values":[{}]}]}',
      'results[0].values[0] has no id (looked for employeeId, and id)',
    ],
  ])('refuses a row without an id by path and index, never by value: %s %s', (stream, text, reason) => {
    expect(read(stream, text)).toEqual({ kind: 'unstorable', reason });
  });

  it('refuses an id that is too long for a key, counted in bytes', () => {
    const text = (id: string): string => JSON.stringify({ items: [{ id }] });
    expect(read('users', text('é'.repeat(512)))).toMatchObject({ kind: 'page' });
    expect(read('users', text('é'.repeat(513)))).toEqual({
      kind: 'unstorable',
      reason: 'items[0] has an id of 1026 bytes; at most 1024 can be kept',
    });
  });

  it('leaves a key such as __proto__ a key', () => {
    const [row] = rowsOf('users', '{"items":[{"id":"1","constructor":{"a":1}}]}');
    expect(row?.json).toBe('{"id":"1","constructor":{"a":1}}');
  });
});

describe('the next cursor', () => {
  const cursorOf = (metadata: string): unknown => {
    const page = read('employment', `{"results":[],"response_metadata":${metadata}}`);
    return page.kind === 'page' ? page.cursor : page;
  };

  it.each([
    ['null before another place', '{"cursor":"i:30","next_cursor":null}', null],
    ['null after it', '{"next_cursor":null,"cursor":"i:30"}', null],
    ['an empty text', '{"next_cursor":"","cursor":"i:30"}', null],
    ['false', '{"next_cursor":false,"cursor":"i:30"}', null],
    ['nothing at all', '{}', null],
    ['a text', '{"next_cursor":"i:30","cursor":"i:20"}', 'i:30'],
    ['a number, digit by digit', '{"next_cursor":9007199254740993}', '9007199254740993'],
    ['0', '{"next_cursor":0}', '0'],
    ['a text in another place', '{"cursor":"i:30"}', 'i:30'],
  ])('may be %s', (_, metadata, expected) => {
    expect(cursorOf(metadata)).toBe(expected);
  });

  it.each([
    ['an object', '{}'],
    ['a list', '["i:30"]'],
    ['true', 'true'],
  ])('is no %s', (_, value) => {
    expect(cursorOf(`{"next_cursor":${value},"cursor":"i:30"}`)).toEqual({
      kind: 'malformed',
      reason: 'the cursor at response_metadata.next_cursor is no text',
    });
  });
});
