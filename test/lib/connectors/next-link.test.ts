import { describe, expect, it } from 'vitest';

import type { LinkPaging } from '../../../lib/connectors/connector.ts';
import { nextLink, type NextLink, type Sent } from '../../../lib/connectors/next-link.ts';

const sent: Sent = {
  url: 'https://api.acme.example/v2/things?page=1',
  baseUrl: 'https://api.acme.example/v2',
  credentials: ['s3cret-token', 'id'],
  parameter: 'api_key',
};

function inBody(body: unknown): NextLink {
  const paging: LinkPaging = { kind: 'link', next: [['links', 'next'], ['next']] };
  return nextLink(paging, {}, body, sent);
}

function inHeader(link: string | undefined): NextLink {
  return nextLink({ kind: 'link', next: 'header' }, link === undefined ? {} : { link }, [], sent);
}

const followed = (link: string | null): NextLink => ({ kind: 'link', link });

describe('the URL of the next page in the body', () => {
  it.each([
    ['absolute', 'https://api.acme.example/v2/things?page=2', '/things?page=2'],
    ['with the port that https has', 'https://api.acme.example:443/v2/things?page=2', '/things?page=2'],
    ['with a name and a password', 'https://a:b@api.acme.example/v2/things?page=2', '/things?page=2'],
    ['with a fragment', 'https://api.acme.example/v2/things?page=2#top', '/things?page=2'],
    ['a path', '/v2/others?after=a%2Fb', '/others?after=a%2Fb'],
    ['a query', '?page=2', '/things?page=2'],
    ['with the key in its parameter', '?api_key=another&page=2', '/things?page=2'],
    ['with the key in any parameter', '?k=s3cret-token&page=2&k=1', '/things?page=2&k=1'],
    ['with a short credential as a value', '?user=id&page=2', '/things?page=2'],
    ['with a word that holds a short credential', '?order=idle&page=2', '/things?order=idle&page=2'],
  ])('%s', (_, next, link) => {
    expect(inBody({ next })).toEqual(followed(link));
  });

  it.each([
    ['another host', 'https://elsewhere.example/v2/things?page=2', /another origin/],
    ['another host without a scheme', '//elsewhere.example/v2/things', /another origin/],
    ['another scheme', 'http://api.acme.example/v2/things?page=2', /another origin/],
    ['another port', 'https://api.acme.example:8443/v2/things', /another origin/],
    ['a scheme that is none of HTTP', 'javascript:alert(1)', /another origin/],
    ['outside of the base URL', 'https://api.acme.example/v1/things', /outside of the base URL/],
    ['beside the base URL', 'https://api.acme.example/v2x/things', /outside of the base URL/],
    ['above the base URL', '../../v1/things', /outside of the base URL/],
    ['above it, encoded', '/v2/%2e%2e/v1/things', /outside of the base URL/],
    ['with a credential in its path', '/v2/s3cret-token/things', /holds a credential/],
    ['with a credential in a name', '/v2/things?s3cret%2Dtoken=1', /holds a credential/],
  ])('%s is not followed, and not repeated', (_, next, reason) => {
    const found = inBody({ next });
    expect(found).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) as unknown });
    expect(JSON.stringify(found)).not.toMatch(/elsewhere|v1|s3cret/);
  });

  it.each([
    [{ next: null }],
    [{ next: '' }],
    [{ next: false }],
    [{}],
    [[]],
    // The first place that the answer has decides.
    [{ links: { next: null }, next: '/v2/things?page=2' }],
  ])('%j ends the list', (body) => {
    expect(inBody(body)).toEqual(followed(null));
  });

  it('is in an object with href, as in JSON:API', () => {
    expect(inBody({ links: { next: { href: '?page=2' } } })).toEqual(followed('/things?page=2'));
  });

  it.each([[{ next: 7 }], [{ next: true }], [{ next: 'http://[' }], [{ next: { meta: 1 } }]])(
    '%j is none',
    (body) => {
      expect(inBody(body).kind).toBe('unreadable');
    },
  );
});

describe('the URL of the next page in the header Link', () => {
  it.each([
    ['<?page=2>; rel="next"', '/things?page=2'],
    ['<?page=2>;rel=next', '/things?page=2'],
    ['<?page=2> ; REL = "prev NEXT"', '/things?page=2'],
    ['<?page=1>; rel="prev", <?page=2>; rel="next", <?page=9>; rel="last"', '/things?page=2'],
    ['<?page=1>; title="a, <b>; rel=next"; rel=prev, <?page=2>; rel=next', '/things?page=2'],
    ['<?page=1,2>; rel="next"', '/things?page=1,2'],
    ['<?page=2>; title="say \\"next\\""; rel="next"', '/things?page=2'],
    // The first rel counts, and what has an anchor is about something else.
    ['<?page=1>; rel=prev; rel=next, <?page=2>; rel=next', '/things?page=2'],
    ['<?page=1>; anchor="#other"; rel=next, <?page=2>; rel=next', '/things?page=2'],
  ])('%s', (header, link) => {
    expect(inHeader(header)).toEqual(followed(link));
  });

  it.each([
    [undefined],
    [''],
    ['<?page=1>; rel="prev"'],
    ['<?page=2>'],
    ['?page=2; rel=next'],
    ['<?page=2>; rel="nextish"'],
  ])('%s ends the list', (header) => {
    expect(inHeader(header)).toEqual(followed(null));
  });

  it('is read in no time, however long and strange the header is', () => {
    const began = performance.now();
    for (const part of ['<', '<a>;', '<a>; rel="', ' ; rel=', '<a>; a=b; ', ','])
      inHeader(part.repeat(200_000 / part.length));
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
