import type { Authentication, Connector, StreamDefinition } from '../../lib/connectors/connector.ts';

const stops: StreamDefinition = {
  about: 'a stop',
  method: 'GET',
  path: '/stops',
  items: { path: ['stops'] },
  id: [[['id']]],
  headers: { accept: 'application/vnd.tram+json' },
  paging: {
    kind: 'cursor',
    limit: 'size',
    cursor: 'after',
    next: [['next']],
    pageSize: { default: 50, max: 100 },
  },
  grade: 'vendor',
};

function vendor(name: string, authentication: Authentication): Connector {
  return {
    ...{ name, title: `Tram ${name}`, baseUrl: `https://api.tram.example/${name}` },
    ...{ authentication, limitScope: 'account', limitsPerMinute: {}, timeoutSeconds: 30 },
    headers: {
      Accept: 'application/json',
      'Tram-Version': '2026-11-01',
      'User-Agent': 'tram (ops@tram.example)',
    },
    streams: { stops },
  };
}

const client = {
  ...{ kind: 'oauth2' as const, tokenUrl: 'https://login.tram.example/token' },
  ...{ clientId: 'clientId', clientSecret: 'clientSecret' },
} as const;

/** A vendor that does not exist, once for each way of signing in. */
export const signInVendors: readonly Connector[] = [
  vendor('bearer', { kind: 'header', header: 'Authorization', field: 'token', prefix: 'Bearer ' }),
  vendor('prefix', { kind: 'header', header: 'Authorization', field: 'key', prefix: 'Api-Key ' }),
  vendor('headers', {
    kind: 'headers',
    headers: [
      { header: 'X-Application', field: 'applicationId' },
      { header: 'Authorization', field: 'token', prefix: 'token ' },
    ],
  }),
  vendor('query', { kind: 'query', parameter: 'api_key', field: 'apiKey' }),
  vendor('basic-user', { kind: 'basic', username: 'apiKey' }),
  vendor('basic-password', { kind: 'basic', password: 'apiKey', fixed: 'api' }),
  vendor('client-credentials', {
    ...client,
    grant: { kind: 'client_credentials' },
    clientIn: 'body',
    scopes: ['stops:read'],
  }),
  vendor('refresh-token', {
    ...client,
    grant: { kind: 'refresh_token', field: 'refreshToken', lastTokenReusable: true },
    clientIn: 'basic',
    prefix: 'Token ',
  }),
];
