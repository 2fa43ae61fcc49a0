import { describe, expect, it } from 'vitest';

import { bob } from '../../../lib/connectors/bob/bob.ts';
import type { StreamDefinition } from '../../../lib/connectors/connector.ts';
import { mobaro } from '../../../lib/connectors/mobaro/mobaro.ts';
import { announcedMore, type AnnouncedBy } from '../../../lib/connectors/announced-more.ts';

function definitionOf(connector: typeof bob, stream: string): StreamDefinition {
  const definition = connector.streams[stream];
  if (definition === undefined) throw new Error(stream);
  return definition;
}

const inOneAnswer = definitionOf(bob, 'people');
const byCursor = definitionOf(bob, 'employment');
const byOffset = definitionOf(mobaro, 'users');

function told(
  part: { readonly status?: number; readonly headers?: AnnouncedBy['headers']; readonly body?: object },
  definition = inOneAnswer,
  came = 38,
): string | null {
  const { status = 200, headers = {}, body = {} } = part;
  return announcedMore(definition, { status, headers, body, came, isCounted: true });
}

const range = (text: string): object => ({ headers: { 'content-range': text } });

describe('a list in one answer', () => {
  it.each([
    ['206', { status: 206 }],
    ['206 with a range', { status: 206, ...range('items 0-37/40') }],
    ['a range with status 200', range('items 0-37/40')],
    ['a range in other units', range('rows 0-37/40')],
    ['a range with blanks', range('  items 0-37/40 ')],
    ['206 with a range whose end is not known', { status: 206, ...range('items 0-37/*') }],
    ['a link', { headers: { link: '<https://vendor.example/people?page=2>; rel="next"' } }],
    ['a link among others', { headers: { link: '<a>; rel="first last", <b>; title="x"; rel="prev next"' } }],
    ['a link without quotes', { headers: { link: '<a>; rel=next' } }],
    ['a header that names a page', { headers: { 'x-next-page': '2' } }],
    ['a header that counts more', { headers: { 'x-total-count': '40' } }],
    ['another header that counts more', { headers: { 'x-total': '40' } }],
    ['next_cursor', { body: { next_cursor: 'abc' } }],
    ['nextCursor', { body: { nextCursor: 'abc' } }],
    ['next', { body: { next: 'https://vendor.example/people?page=2' } }],
    ['next as a number', { body: { next_offset: 38 } }],
    ['has_more', { body: { has_more: true } }],
    ['hasNextPage', { body: { pageInfo: { hasNextPage: true, endCursor: 'abc' } } }],
    ['a total', { body: { total: 40 } }],
    ['total_count beside it', { body: { meta: { total_count: 40 } } }],
    ['a next cursor where Bob has it', { body: { response_metadata: { next_cursor: 'abc' } } }],
    ['links of JSON:API', { body: { links: { next: { href: '/people?page=2' } } } }],
    ['links of HAL', { body: { _links: { next: { href: '/people?page=2' } } } }],
    ['OData', { body: { '@odata.nextLink': 'https://vendor.example/people?skip=38' } }],
    ['OData, counting', { body: { '@odata.count': 40 } }],
    ['a page that is not the last', { body: { isLastPage: false } }],
    ['several pages', { body: { page: { number: 0, totalPages: 2 } } }],
    ['a token', { body: { nextPageToken: 'abc' } }],
    ['a list that was truncated', { body: { IsTruncated: true } }],
  ])('is not whole where the answer says so: %s', (_, part) => {
    expect(told(part)).toMatch(/^the vendor /);
  });

  it.each([
    ['nothing', {}],
    ['206 whose range is all of it', { status: 206, ...range('items 0-37/38') }],
    ['no next cursor', { body: { next_cursor: null, response_metadata: { next_cursor: '' } } }],
    ['no more', { body: { has_more: false, hasNextPage: false, isLastPage: true } }],
    ['a total of what came', { body: { total: 38 }, headers: { 'x-total-count': '38' } }],
    ['a total of less', { body: { total: 20 } }],
    ['a total in words', { body: { total: 'forty' } }],
    ['a link back', { headers: { link: '<a>; rel="prev", <b>; rel="first"' } }],
    ['one page', { body: { page: { totalPages: 1 } } }],
    ['a word of its rows', { body: { employees: [{ has_more: true, next: 'x', total: 99 }] } }],
    ['a range of nothing', range('items */0')],
  ])('is whole where it says %s', (_, part) => {
    expect(told(part)).toBeNull();
  });

  it('says no value of the vendor', () => {
    expect(told({ body: { next_cursor: 'jane.doe@example.com' } })).not.toContain('jane');
  });

  it('is not counted where ids were asked for', () => {
    const answer = { status: 200, headers: { 'x-total-count': '40' }, body: { total: 40 }, came: 2 };
    expect(announcedMore(inOneAnswer, { ...answer, isCounted: false })).toBeNull();
    expect(announcedMore(inOneAnswer, { ...answer, isCounted: true })).not.toBeNull();
  });

  it('may be an object, whose names are those of its rows', () => {
    const named: StreamDefinition = { ...inOneAnswer, items: { path: [], keyed: 'name' } };
    expect(told({ body: { next: { id: 1 }, has_more: true, total: 99 } }, named)).toBeNull();
  });
});

describe('the last page of a list', () => {
  it('by cursor is not the last where a flag or a range says so', () => {
    expect(told({ body: { has_more: true } }, byCursor)).not.toBeNull();
    expect(told(range('items 0-37/40'), byCursor)).not.toBeNull();
    // Its cursors have been looked at, and what it counts may be something else.
    expect(told({ body: { next: 'x', total: 99 }, headers: { link: '<a>; rel=next' } }, byCursor)).toBeNull();
    expect(told({ status: 206 }, byCursor)).toBeNull();
  });

  it('by offset is not the last where a flag, a link or a range says so', () => {
    expect(told({ body: { has_more: true } }, byOffset)).not.toBeNull();
    expect(told({ headers: { link: '<a>; rel=next' } }, byOffset)).not.toBeNull();
    expect(told(range('items 20-57/60'), byOffset)).not.toBeNull();
    expect(told({ body: { total: 99 }, headers: { 'x-total-count': '99' } }, byOffset)).toBeNull();
    expect(told({ status: 206 }, byOffset)).toBeNull();
  });
});
