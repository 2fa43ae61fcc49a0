import { describe, expect, it } from 'vitest';

import { buildRequest, credentialTexts, type Request } from '../../../lib/connectors/build-request.ts';
import {
  secretFields,
  type Authentication,
  type OAuth2,
  type Connector,
} from '../../../lib/connectors/connector.ts';
import { hideCredentials } from '../../../lib/connectors/hide-credentials.ts';
import { signInFlaws } from '../../../lib/connectors/sign-in-flaws.ts';
import { readSecretValue } from '../../../lib/operations/secret-value.ts';
import { madeUp } from '../../support/made-up-vendor.ts';

const connectorWith = (authentication: Authentication): Connector => ({ ...madeUp, authentication });

function requestWith(authentication: Authentication, secret: Readonly<Record<string, string>>): Request {
  const connector = connectorWith(authentication);
  const definition = connector.streams['report'];
  if (definition === undefined) throw new Error('no such stream');
  return buildRequest({
    ...{ baseUrl: connector.baseUrl, connector, definition, secret },
    ...{ position: null, pageSize: null, fields: null, orderBy: null, now: 0 },
  });
}

const key = 'k/1 + "é" =&?%-0123456789';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a request is signed', () => {
  it.each<[string, Authentication, Readonly<Record<string, string>>]>([
    ['by a bare header', { kind: 'header', header: 'X-Key', field: 'key' }, { 'x-key': key }],
    [
      'by a Bearer token',
      { kind: 'header', header: 'Authorization', field: 'key', prefix: 'Bearer ' },
      { authorization: `Bearer ${key}` },
    ],
    [
      'by any prefix',
      { kind: 'header', header: 'Authorization', field: 'key', prefix: 'key=' },
      { authorization: `key=${key}` },
    ],
    [
      'by several headers',
      {
        kind: 'headers',
        headers: [
          { header: 'X-App', field: 'app' },
          { header: 'Authorization', field: 'key', prefix: 'token ' },
        ],
      },
      { 'x-app': 'app-1', authorization: `token ${key}` },
    ],
    ['by Basic with two fields', { kind: 'basic', username: 'app', password: 'key' }, basic(`app-1:${key}`)],
    ['by Basic with the key as user', { kind: 'basic', username: 'key' }, basic(`${key}:`)],
    ['by Basic with the key as password', { kind: 'basic', password: 'key' }, basic(`:${key}`)],
    [
      'by Basic with a text beside the key',
      { kind: 'basic', password: 'key', fixed: 'api' },
      basic(`api:${key}`),
    ],
  ])('%s', (_, authentication, headers) => {
    const request = requestWith(authentication, { key, app: 'app-1' });
    expect(request.headers).toEqual({ accept: 'application/json', ...headers });
    expect(request).not.toHaveProperty('secretQuery');
  });

  function basic(pair: string): Readonly<Record<string, string>> {
    return { authorization: `Basic ${base64(pair)}` };
  }

  it('by the query, of which the URL has nothing before it is sent', () => {
    const request = requestWith({ kind: 'query', parameter: 'api_key', field: 'key' }, { key });
    expect(request).toMatchObject({
      url: 'https://vendor.example/report',
      headers: { accept: 'application/json' },
      secretQuery: { api_key: key },
    });
  });
});

describe('the fields of a secret', () => {
  it.each<[Authentication, readonly string[]]>([
    [{ kind: 'query', parameter: 'api_key', field: 'apiKey' }, ['apiKey']],
    [{ kind: 'basic', username: 'apiKey' }, ['apiKey']],
    [{ kind: 'basic', password: 'apiKey', fixed: 'x' }, ['apiKey']],
    [
      {
        kind: 'headers',
        headers: [
          { header: 'A', field: 'one' },
          { header: 'B', field: 'two' },
          { header: 'C', field: 'one' },
        ],
      },
      ['one', 'two'],
    ],
  ])('of %j are %j', (authentication, fields) => {
    const connector = connectorWith(authentication);
    expect(secretFields(connector)).toEqual(fields);
    const value = Object.fromEntries(fields.map((field) => [field, 'made-up']));
    expect(readSecretValue(connector, value)).toEqual({ kind: 'value', fields: value });
  });

  it.each<[Authentication, boolean]>([
    [{ kind: 'header', header: 'Authorization', field: 'key' }, true],
    [{ kind: 'header', header: 'Authorization', field: 'key', prefix: 'Bearer ' }, false],
    [{ kind: 'headers', headers: [{ header: 'Authorization', field: 'key' }] }, true],
    [{ kind: 'query', parameter: 'key', field: 'key' }, false],
    [{ kind: 'basic', username: 'key' }, false],
  ])('with %j may hold a prefix: %j', (authentication, may) => {
    const reading = readSecretValue(connectorWith(authentication), { key: 'Bearer made-up' });
    expect(reading.kind).toBe(may ? 'value' : 'wrong');
  });
});

describe('what must not be repeated', () => {
  it.each<[Authentication, (text: string) => string]>([
    [{ kind: 'query', parameter: 'key', field: 'key' }, (text) => encodeURIComponent(text)],
    [
      { kind: 'query', parameter: 'key', field: 'key' },
      (text) => new URLSearchParams([['', text]]).toString(),
    ],
    [{ kind: 'basic', username: 'key' }, (text) => base64(`${text}:`)],
    [{ kind: 'basic', password: 'key', fixed: 'api' }, (text) => base64(`api:${text}`)],
    [{ kind: 'header', header: 'Authorization', field: 'key', prefix: 'Bearer ' }, (text) => text],
  ])('is the credential as it travels: %j', (authentication, write) => {
    const texts = credentialTexts(connectorWith(authentication), { key });
    expect(hideCredentials(`refused: ${write(key)}`, texts)).toMatch(/^refused: [… ]+$/);
  });

  it('is nothing of what is no secret', () => {
    const texts = credentialTexts(connectorWith({ kind: 'basic', username: 'key', fixed: 'api_token' }), {
      key,
    });
    expect(hideCredentials('the api_token is unknown, as Bearer tokens are', texts)).toBe(
      'the api_token is unknown, as Bearer tokens are',
    );
  });
});

const oauth2: OAuth2 = {
  ...{ kind: 'oauth2', tokenUrl: 'https://login.example/token', grant: { kind: 'client_credentials' } },
  ...{ clientId: 'id', clientSecret: 'word', clientIn: 'basic' },
};

describe('signing in that contradicts itself', () => {
  it.each<[Authentication, RegExp]>([
    [{ kind: 'header', header: 'X Key', field: 'key' }, /made-up.*header is no name of a header/],
    [{ kind: 'header', header: 'Host', field: 'key' }, /header: Host is set by Pagekeeper itself/],
    [
      { kind: 'header', header: 'Authorization', field: 'key', prefix: 'Bearer' },
      /prefix: between "Bearer" and the value there is nothing: write the blank as well/,
    ],
    [{ kind: 'header', header: 'A', field: 'key', prefix: 'é ' }, /prefix holds characters/],
    [{ kind: 'headers', headers: [] }, /names no header/],
    [
      {
        kind: 'headers',
        headers: [
          { header: 'X-Key', field: 'key' },
          { header: 'x-key', field: 'other' },
        ],
      },
      /x-key is there twice/,
    ],
    [{ kind: 'query', parameter: 'since', field: 'key' }, /since is a parameter of the stream changes/],
    [{ kind: 'query', parameter: 'offset', field: 'key' }, /offset is a parameter of the stream rides/],
    [{ kind: 'basic' }, /names no field of the secret/],
    [{ kind: 'basic', username: 'key', password: 'word', fixed: 'x' }, /fixed has no place/],
    [{ kind: 'basic', password: 'key', fixed: 'a:b' }, /no colon/],
    [{ ...oauth2, clientSecret: 'id' }, /the field id stands for two things/],
    [
      { ...oauth2, grant: { kind: 'refresh_token', field: 'word', lastTokenReusable: true } },
      /the field word stands for two things/,
    ],
    [
      { ...oauth2, parameters: { scope: 'all' } },
      /parameters.scope is set by Pagekeeper itself: leave it out, and use/,
    ],
    [
      { ...oauth2, parameters: { password: 'kX-secret' } },
      /parameters\.password looks like a credential: (?!.*kX-secret)/,
    ],
    [{ ...oauth2, scopes: ['read write'] }, /give each scope by itself/],
    [{ ...oauth2, prefix: 'Token' }, /made-up.*prefix: between "Token" and the value there is nothing/],
  ])('%j gets a sentence', (authentication, sentence) => {
    expect(signInFlaws(connectorWith(authentication)).join('\n')).toMatch(sentence);
  });

  it.each<Authentication>([
    madeUp.authentication,
    { kind: 'header', header: 'Authorization', field: 'key', prefix: 'Bearer ' },
    { kind: 'header', header: 'Authorization', field: 'key', prefix: 'key=' },
    { kind: 'query', parameter: 'api_key', field: 'key' },
    { kind: 'basic', username: 'key', fixed: 'a:b' },
    { ...oauth2, scopes: ['rows:read', 'offline'], parameters: { audience: 'https://api.example' } },
  ])('%j gets none', (authentication) => {
    expect(signInFlaws(connectorWith(authentication))).toEqual([]);
  });
});
