import { describe, expect, it } from 'vitest';

import { findRows, proposeIds, proposePagings, tellTimes } from '../../../../infra/cli/connector/propose.ts';
import type { JsonObject } from '../../../../lib/connectors/json.ts';

const rows = (count: number, of: (index: number) => JsonObject = (id) => ({ id })): readonly JsonObject[] =>
  Array.from({ length: count }, (_, index) => of(index + 7));

function pagingsOf(body: unknown, query = '', headers: Readonly<Record<string, string>> = {}) {
  const found = findRows(body);
  if (found === null) throw new Error('There are no rows');
  return proposePagings({ body, headers, query: new URLSearchParams(query) }, found);
}

function firstPaging(...args: Parameters<typeof pagingsOf>): unknown {
  return pagingsOf(...args)[0]?.value;
}

describe('the rows of an answer', () => {
  it.each([
    ['the answer itself', rows(2), []],
    ['a list in an object', { total: 2, items: rows(2) }, ['items']],
    ['a list that lies deep', { data: { users: { list: rows(2) } } }, ['data', 'users', 'list']],
    ['the longest', { filters: rows(1), results: rows(3) }, ['results']],
    ['an empty one under a usual name', { data: [], tags: [] }, ['data']],
  ])('are in %s', (_, body, path) => {
    expect(findRows(body)?.path).toEqual(path);
  });

  it('are nowhere where there is no list of objects', () => {
    expect(findRows({ names: ['a', 'b'], count: 2 })).toBeNull();
  });
});

describe('the id of rows', () => {
  const first = (all: readonly JsonObject[], stream = 'users'): unknown => proposeIds(all, stream)[0]?.value;

  it.each([
    ['is called id', rows(3, (n) => ({ email: `a${String(n)}`, id: n })), [[['id']]]],
    [
      'is called by what they are',
      rows(3, (n) => ({ teamId: n, userId: n, name: String(n) })),
      [[['userId']]],
    ],
    ['lies in an object', rows(3, (n) => ({ root: { id: n }, same: 1 })), [[['root', 'id']]]],
    ['is none that repeats', rows(3, (n) => ({ id: 1, uuid: `u${String(n)}` })), [[['uuid']]]],
    [
      'is none that a row lacks',
      rows(3, (n) => ({ id: n === 7 ? null : n, code: `c${String(n)}` })),
      [[['code']]],
    ],
    [
      'is no address, time or amount',
      rows(3, (n) => ({
        email: `a${String(n)}@example.com`,
        at: `2026-01-0${String(n)}`,
        pay: n + 0.5,
        sku: `s${String(n)}`,
      })),
      [[['sku']]],
    ],
    [
      'is two fields together',
      rows(4, (n) => ({ teamId: n % 2, memberId: n >> 1 })),
      [[['teamId']], [['memberId']]],
    ],
  ])('%s', (_, all, id) => {
    expect(first(all)).toEqual(id);
  });

  it('is a hash where nothing tells rows apart', () => {
    expect(proposeIds([{ a: 1 }, { a: 1 }], 'users').map(({ value }) => value)).toEqual(['hash']);
  });

  it('is no place in the list', () => {
    const placed = Array.from({ length: 3 }, (_, number) => ({ number, slug: `s${String(number)}` }));
    expect(first(placed)).toEqual([[['slug']]]);
  });
});

describe('the paging of a list', () => {
  const size = (rows: number, limit = 'limit') => ({ limit, pageSize: { default: rows, max: rows } });

  it.each([
    ['nothing', rows(3), '', { kind: 'none' }],
    [
      'an offset in the answer',
      { items: rows(2), total: 9, offset: 0, limit: 2 },
      '',
      { kind: 'offset', offset: 'offset', total: ['total'], ...size(2) },
    ],
    [
      'an offset in the URL',
      { items: rows(2) },
      'skip=0&$top=2',
      { kind: 'offset', offset: 'skip', ...size(2, '$top') },
    ],
    [
      'more rows than came',
      { items: rows(2), totalCount: 9 },
      '',
      { kind: 'offset', offset: 'offset', total: ['totalCount'], ...size(2) },
    ],
    [
      'a cursor',
      { items: rows(2), meta: { next_cursor: 'x' } },
      '',
      { kind: 'cursor', cursor: 'cursor', next: [['meta', 'next_cursor']], ...size(2) },
    ],
    [
      'a token for a page',
      { items: rows(2), nextPageToken: 'x' },
      '',
      { kind: 'cursor', cursor: 'pageToken', next: [['nextPageToken']], ...size(2) },
    ],
    [
      'the URL of the next page',
      { items: rows(2), links: { next: 'https://x.example/?p=2' } },
      '',
      { kind: 'link', next: [['links', 'next']] },
    ],
    [
      'such a URL by another name',
      { value: rows(2), '@odata.nextLink': 'https://x.example/?p=2' },
      '',
      { kind: 'link', next: [['@odata.nextLink']] },
    ],
    [
      'numbers of pages',
      { data: rows(2), current_page: 1, last_page: 5, per_page: 2, total: 9 },
      '',
      {
        kind: 'page',
        page: 'page',
        first: 1,
        total: ['total'],
        pages: ['last_page'],
        ...size(2, 'per_page'),
      },
    ],
    [
      'a number of a page in the URL',
      rows(2),
      'page=0&size=2',
      { kind: 'page', page: 'page', first: 0, ...size(2, 'size') },
    ],
    [
      'a flag alone',
      { data: rows(2), has_more: true },
      '',
      {
        kind: 'keyset',
        after: { starting_after: ['id'] },
        bound: 'exclusive',
        more: ['has_more'],
        ...size(2),
      },
    ],
  ])('is proposed from %s', (_, body, query, paging) => {
    expect(firstPaging(body, query)).toEqual(paging);
  });

  it('is proposed from a header Link', () => {
    const link = '<https://x.example/?page=2>; rel="next", <https://x.example/?page=9>; rel="last"';
    expect(firstPaging(rows(2), 'per_page=2', { link })).toEqual({
      kind: 'link',
      next: 'header',
      ...size(2, 'per_page'),
    });
    expect(firstPaging(rows(2), '', { link: '<https://x.example/>; rel="last"' })).toEqual({ kind: 'none' });
  });

  it('has another candidate behind the surest, and takes its parameters out of the query', () => {
    const found = pagingsOf(
      { items: rows(2), total: 9, offset: 0, next: 'https://x.example/?offset=2' },
      'offset=0&limit=2&of=all',
    );
    expect(found.map(({ value }) => value['kind'])).toEqual(['link', 'offset', 'offset', 'none']);
    expect(found[1]?.takes).toEqual(['limit', 'offset']);
  });

  it('says of a round number of rows that they may be a first page', () => {
    expect(pagingsOf(rows(50))[0]?.reasons.join(' ')).toContain('50 is a round number');
  });
});

it('tells which times rows have', () => {
  const all = [
    { id: '1', updated_at: '2026-01-02T03:04:05Z', born: '1990-02-03', seen: { at: '2026-01-02T03:04:05' } },
  ];
  const told = tellTimes(all).join(' ');
  expect(told).toContain('Times and dates: updated_at, born, seen.at.');
  expect(told).toContain('When a row has changed is in updated_at');
  expect(told).toContain('Without a zone: seen.at.');
  expect(told).not.toMatch(/2026|1990/);
});
