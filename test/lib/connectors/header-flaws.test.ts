import { describe, expect, it } from 'vitest';

import { buildRequest } from '../../../lib/connectors/build-request.ts';
import type { Connector } from '../../../lib/connectors/connector.ts';
import { constantFlaws } from '../../../lib/connectors/header-flaws.ts';
import { connectors } from '../../../lib/connectors/registry.ts';
import { definitionHash } from '../../../lib/sync/definition-hash.ts';
import { madeUp } from '../../support/made-up-vendor.ts';
import { streamNamed } from '../../support/streams.ts';

const { definition: report } = streamNamed('made-up/report', { connector: madeUp });

type Headers = Readonly<Record<string, string>>;

function withHeaders(ofAll: Headers, own: Headers = {}): Connector {
  return { ...madeUp, headers: ofAll, streams: { report: { ...report, headers: own } } };
}

describe('constant headers', () => {
  it("go with every request, a stream's own in the place of the connector's", () => {
    const connector = withHeaders(
      { Accept: 'application/xml', 'Acme-Version': '7' },
      { accept: 'application/vnd.acme+json' },
    );
    const { definition } = streamNamed('made-up/report', { connector });
    const { headers } = buildRequest({
      ...{ baseUrl: connector.baseUrl, connector, definition, secret: { apiKey: 'made up' } },
      ...{ position: null, pageSize: null, fields: null, orderBy: null, now: 0 },
    });
    expect(headers).toEqual({
      accept: 'application/vnd.acme+json',
      'acme-version': '7',
      'x-api-key': 'made up',
    });
  });

  it('are a part of what is requested: another value ends a halt', () => {
    const hashOf = (connector: Connector) => definitionHash(streamNamed('made-up/report', { connector }));
    expect(hashOf(withHeaders({ 'Acme-Version': '7' }))).not.toBe(
      hashOf(withHeaders({ 'Acme-Version': '8' })),
    );
    expect(hashOf(withHeaders({}, { accept: 'a/b' }))).not.toBe(hashOf(withHeaders({}, { accept: 'a/c' })));
  });

  it.each<[Headers, RegExp]>([
    [
      { Authorization: 'Bearer abc' },
      /made-up, headers\.Authorization is set by Pagekeeper itself: say in authentication/,
    ],
    [{ Cookie: 'session=1' }, /headers\.Cookie is set by Pagekeeper itself: say in authentication/],
    [{ Host: 'other.example' }, /headers\.Host is set by Pagekeeper itself: leave it out/],
    [{ 'content-length': '0' }, /content-length is set by Pagekeeper itself/],
    [{ 'If-None-Match': '*' }, /If-None-Match is set by Pagekeeper itself/],
    [{ 'x-api-key': 'abc' }, /x-api-key carries the credentials/],
    [{ 'X Version': '1' }, /no name of a header/],
    [{ 'X-Version': 'é' }, /text of ASCII/],
    [{ 'X-Version': '1\r\nX-Other: 2' }, /text of ASCII/],
    [{ 'X-Version': '' }, /text of ASCII/],
    [{ 'X-Client-Secret': 'kX-secret' }, /looks like a credential/],
    [{ 'X-Auth-Token': 'kX-secret' }, /looks like a credential/],
    [{ 'X-Session': 'Bearer kX-secret' }, /looks like a credential/],
    [{ 'X-Version': '1', 'x-version': '2' }, /headers\.x-version is there twice/],
  ])('%j get a sentence, of the connector and of a stream', (headers, sentence) => {
    const [ofAll] = constantFlaws(withHeaders(headers));
    const [own] = constantFlaws(withHeaders({}, headers));
    expect(ofAll).toMatch(sentence);
    expect(own).toContain('The connector made-up, stream report, headers.');
    expect(`${ofAll} ${own}`).not.toContain('kX-secret');
  });

  it('that are right get none', () => {
    const headers = {
      Accept: 'text/json',
      'User-Agent': 'acme (a@b.example)',
      'X-Api-Version': '2',
      Prefer: 'a=b',
    };
    expect(constantFlaws(withHeaders(headers, headers))).toEqual([]);
    expect(Object.values(connectors).flatMap(constantFlaws)).toEqual([]);
  });
});

describe('a key in the query of a stream', () => {
  const withQuery = (query: Headers): Connector => ({ ...madeUp, streams: { report: { ...report, query } } });

  it('gets a sentence that does not repeat it', () => {
    const [flaw] = constantFlaws(withQuery({ api_key: 'kX-secret' }));
    expect(flaw).toMatch(/stream report, query\.api_key looks like a credential/);
    expect(flaw).not.toContain('kX-secret');
  });

  it.each<[string, Partial<Connector['streams'][string]>]>([
    ['body.filter.api_key', { body: { filter: { api_key: 'kX-secret' } } }],
    ['body.list.0.password', { body: { list: [{ password: 'kX-secret' }] } }],
    [
      'changes.query.api_key',
      { changes: { path: ['at'], format: 'date', by: 'filter', query: { api_key: 'kX-secret' } } },
    ],
    [
      'batches.list.clientSecret',
      { batches: { list: { clientSecret: 'kX-secret' }, body: {}, size: 1, over: 1 } },
    ],
  ])('gets one at %s as well', (place, changed) => {
    const [flaw] = constantFlaws({ ...madeUp, streams: { report: { ...report, ...changed } } });
    expect(flaw).toContain(`stream report, ${place} looks like a credential`);
    expect(flaw).not.toContain('kX-secret');
  });

  it('is none where a param fills it in, or it is another word', () => {
    expect(
      constantFlaws(withQuery({ token: '{list}', next_token: '', sort_key: 'id', key: 'name' })),
    ).toEqual([]);
  });
});
