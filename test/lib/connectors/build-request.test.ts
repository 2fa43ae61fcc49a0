import { describe, expect, it } from 'vitest';

import { buildRequest, type RequestParts } from '../../../lib/connectors/build-request.ts';
import { endpointOf, secretFields } from '../../../lib/connectors/connector.ts';
import { bob } from '../../../lib/connectors/bob/bob.ts';
import { mobaro } from '../../../lib/connectors/mobaro/mobaro.ts';
import { streamNamed } from '../../support/streams.ts';

function parts(name: string, overrides: Partial<RequestParts> = {}): RequestParts {
  const { connector, definition, settings } = streamNamed(name);
  const { pageSize, fields, orderBy } = settings;
  const secret = { apiKey: 'k-1', serviceUserId: 'SERVICE-1', serviceUserToken: 't:é' };
  return {
    baseUrl: connector.baseUrl,
    connector,
    definition,
    position: null,
    pageSize,
    fields,
    orderBy,
    now: Date.parse('2026-11-22T03:00:00Z'),
    secret,
    ...overrides,
  };
}

describe('the request for a page', () => {
  it('asks Mobaro by Limit and Offset, with the key in its header and no Content-Type on a GET', () => {
    const request = buildRequest(parts('mobaro/users', { position: { kind: 'offset', offset: 40 } }));
    expect(request).toEqual({
      method: 'GET',
      url: 'https://app.mobaro.com/api/customers/users?Limit=20&Offset=39',
      headers: { accept: 'application/json', 'x-api-key': 'k-1' },
      body: null,
    });
  });

  it('starts at offset 0', () => {
    expect(buildRequest(parts('mobaro/locations')).url).toMatch(/\?Limit=128&Offset=0$/);
  });

  it('asks for an order only where one has been chosen', () => {
    const { url } = buildRequest(parts('mobaro/users', { orderBy: 'createdAt:asc' }));
    expect(new URL(url).searchParams.get('OrderBy')).toBe('createdAt:asc');
    expect(buildRequest(parts('bob/employment', { orderBy: 'createdAt:asc' })).url).not.toContain(
      'createdAt',
    );
  });

  it('asks Bob for people with leavers and the chosen fields, by basic authentication in UTF-8', () => {
    const request = buildRequest(parts('bob/people', { fields: ['root.id'] }));
    expect(request.method).toBe('POST');
    expect(request.url).toBe('https://api.hibob.com/v1/people/search');
    expect(request.headers).toEqual({
      accept: 'application/json',
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from('SERVICE-1:t:é').toString('base64')}`,
    });
    expect(JSON.parse(request.body ?? '')).toEqual({ showInactive: true, fields: ['root.id'] });
  });

  it('encodes a cursor', () => {
    const position = { kind: 'cursor', cursor: 'a+b/c==&x' } as const;
    const { url } = buildRequest(parts('bob/employment', { position, pageSize: 50 }));
    expect(url).toBe('https://api.hibob.com/v1/bulk/people/employment?limit=50&cursor=a%2Bb%2Fc%3D%3D%26x');
    expect(new URL(url).searchParams.get('cursor')).toBe('a+b/c==&x');
  });

  it('keeps the path of another base URL', () => {
    const { url } = buildRequest(parts('mobaro/users', { baseUrl: 'http://127.0.0.1:9000/api/customers' }));
    expect(url).toBe('http://127.0.0.1:9000/api/customers/users?Limit=20&Offset=0');
  });

  it('refuses a secret that lacks its field, and quotes nothing of it', () => {
    const request = parts('mobaro/users', { secret: { token: 'abc' } });
    expect(() => buildRequest(request)).toThrow('The secret has no field apiKey');
  });
});

describe('a connector', () => {
  it('names the fields of its secret', () => {
    expect(secretFields(mobaro)).toEqual(['apiKey']);
    expect(secretFields(bob)).toEqual(['serviceUserId', 'serviceUserToken']);
  });

  it('names an endpoint by its template', () => {
    expect(endpointOf(streamNamed('bob/people').definition)).toBe('POST /people/search');
  });
});
