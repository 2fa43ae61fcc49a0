import { describe, expect, test } from 'vitest';

import { checkDefinition } from '../../../infra/connectors/check-definition.ts';
import type { Connector, StreamDefinition } from '../../../lib/connectors/connector.ts';
import { connectors } from '../../../lib/connectors/registry.ts';
import { thirdVendor } from '../../acceptance/third-vendor.ts';

const users: StreamDefinition = {
  about: 'a user',
  method: 'GET',
  path: '/users',
  items: { path: ['data'] },
  id: [[['id']]],
  paging: { kind: 'offset', limit: 'limit', offset: 'offset', pageSize: { default: 50, max: 100 } },
  grade: 'vendor',
};
const search = { ...users, method: 'POST', paging: { kind: 'none' } };
const cursor = {
  kind: 'cursor',
  limit: 'n',
  cursor: 'c',
  next: [['next']],
  pageSize: { default: 1, max: 1 },
};
const keyset = {
  ...{ kind: 'keyset', limit: 'limit', after: { after: ['id'] }, bound: 'exclusive' },
  pageSize: { default: 50, max: 100 },
};
const windows = { days: 7, format: 'instant', lookBackHours: 1, historyDays: 30 };
const changes = { path: ['updated'], format: 'instant', by: 'filter', query: { since: '{since}' } };
const newest = { path: ['updated'], format: 'seconds', by: 'newest first', query: { sort: '-updated' } };
const acme: Connector = {
  name: 'acme',
  title: 'Acme',
  baseUrl: 'https://api.acme.example/v1',
  authentication: { kind: 'header', header: 'X-Api-Key', field: 'apiKey' },
  limitScope: 'account',
  limitsPerMinute: { account: 60 },
  timeoutSeconds: 30,
  streams: { users },
};

/** @param changed of the stream `users` */
function stream(changed: object, others: object = {}): object {
  return { ...acme, streams: { users: { ...users, ...changed }, ...others } };
}

/** What somebody wrote, and the sentence that they read. */
const wrong: readonly (readonly [object | null | string, string])[] = [
  [
    null,
    'connector (no name): must be an object with the keys name, title, baseUrl, authentication, headers, limitScope, limitsPerMinute, limits, probe, timeoutSeconds, periodMinutes, sentences, advice, streams, not null',
  ],
  [
    { ...acme, name: 'Acme Inc' },
    'connector Acme Inc, name: must be 1 to 20 small letters, digits and hyphens, a letter first, not "Acme Inc"',
  ],
  [{ ...acme, title: undefined }, 'connector acme, title: must be a text, not left out'],
  [{ ...acme, streems: {} }, 'connector acme, streems: unknown key; did you mean streams?'],
  [
    { ...acme, baseUrl: 'http://api.acme.example' },
    'connector acme, baseUrl: must be an https URL without credentials, query and trailing slash, such as "https://api.acme.com/v1", not what is there',
  ],
  [
    { ...acme, baseUrl: 'https://api.acme.example/?key=abc' },
    'connector acme, baseUrl: must be an https URL without credentials, query and trailing slash, such as "https://api.acme.com/v1", not what is there',
  ],
  [
    { ...acme, authentication: { kind: 'haeder' } },
    'connector acme, authentication.kind: must be one of "header", "headers", "query", "basic", "oauth2", not "haeder"',
  ],
  [
    {
      ...acme,
      authentication: {
        kind: 'oauth2',
        ...{
          tokenUrl: 'https://login.acme.com/token',
          clientId: 'id',
          clientSecret: 'word',
          clientIn: 'body',
        },
        grant: { kind: 'refresh_token', field: 'refreshToken' },
      },
    },
    'connector acme, authentication.grant.lastTokenReusable: must be true or false: whether the vendor takes the refresh token before the last once more, not left out',
  ],
  [
    { ...acme, authentication: 'x' },
    'connector acme, authentication: must be an object with a kind, not "x"',
  ],
  [
    { ...acme, authentication: { kind: 'header', header: 'X Api Key', field: 'apiKey' } },
    'connector acme, authentication.header: must be the name of a header, such as "X-Api-Key", not "X Api Key"',
  ],
  [
    { ...acme, authentication: { kind: 'header', header: 'X-Api-Key', field: 'maskKey' } },
    'connector acme, authentication.field: must be named otherwise: that field is taken, not "maskKey"',
  ],
  [
    { ...acme, authentication: { kind: 'basic', username: 'key', password: 'key' } },
    'connector acme, authentication.password: must be another field of the secret than the username',
  ],
  [
    { ...acme, authentication: { kind: 'headers', headers: [] } },
    'connector acme, authentication.headers: must be a list of headers, with at least one, not []',
  ],
  [
    { ...acme, authentication: { kind: 'header', header: 'Authorization', field: 'key', prefix: 'Bearer' } },
    'The connector acme, authentication.prefix: between "Bearer" and the value there is nothing: write the blank as well, "Bearer ".',
  ],
  ...[
    { changes: { ...changes, query: { since: '{since}', key: 'a' } } },
    { paging: { ...keyset, after: { key: ['id'] } } },
  ].map(
    (changed) =>
      [
        { ...stream(changed), authentication: { kind: 'query', parameter: 'key', field: 'apiKey' } },
        "The connector acme, authentication.parameter: key is a parameter of the stream users, too, so one would take the other's place: take it out of the stream.",
      ] as const,
  ),
  [
    { ...acme, authentication: { kind: 'query', parameter: 'limit', field: 'key' } },
    "The connector acme, authentication.parameter: limit is a parameter of the stream users, too, so one would take the other's place: take it out of the stream.",
  ],
  [
    { ...acme, limitScope: 'acount' },
    'connector acme, limitScope: must be one of "account", "endpoint", "both", not "acount"',
  ],
  [
    { ...acme, limitsPerMinute: { 'GET /users': 60 } },
    'connector acme, limitsPerMinute: must be "account", because limitScope is; make it "both" if endpoints are counted, too, not "GET /users"',
  ],
  [
    { ...acme, limitScope: 'endpoint', limitsPerMinute: { 'GET /user': 60 } },
    'connector acme, limitsPerMinute: must be "endpoint" for each, or the endpoint of a stream, its method and path, because limitScope is "endpoint", not "GET /user" (did you mean GET /users?)',
  ],
  [
    {
      ...acme,
      limitScope: 'endpoint',
      limitsPerMinute: {},
      limits: { account: [{ requests: 9, per: 'day' }] },
    },
    'connector acme, limits: must be "endpoint" for each, or the endpoint of a stream, its method and path, because limitScope is "endpoint", not "account"',
  ],
  [
    { ...acme, limits: { account: [{ requests: 50, per: 'minute' }] } },
    'connector acme, limits.account: there are two limits for a minute: leave one out',
  ],
  [
    { ...acme, limitsPerMinute: {}, limits: { account: [{ requests: 0.5, per: 'second' }] } },
    'connector acme, limits.account.0.requests: must be a whole number from 1 to 10000000, not 0.5',
  ],
  [
    { ...acme, limits: { account: [{ requests: 60, per: 'day' }] } },
    'connector acme, limits.account: 60 a minute are never reached where 60 a day are allowed: leave the former out',
  ],
  [
    { ...acme, timeoutSeconds: 5 },
    'connector acme, timeoutSeconds: must be a whole number from 20 to 900, not 5',
  ],
  [{ ...acme, periodMinutes: 45 }, 'connector acme, periodMinutes: must be a divisor of 60, not 45'],
  [{ ...acme, streams: {} }, 'connector acme, streams: must have at least one stream, not {}'],
  [
    { ...acme, streams: { Users: users } },
    'connector acme, stream Users: must be named by 1 to 40 small letters, digits and hyphens, a letter first',
  ],
  [
    stream({ method: 'PUT' }),
    'connector acme, stream users, method: must be one of "GET", "POST", not "PUT"',
  ],
  [
    stream({ path: 'users' }),
    'connector acme, stream users, path: must be a path that begins with "/" and has no query, such as "/users", not "users"',
  ],
  [
    stream({ path: '/users?active=true' }),
    'connector acme, stream users, path: must be a path that begins with "/" and has no query, such as "/users", not "/users?active=true"',
  ],
  [
    stream({ path: '/users/{user_id}' }),
    'connector acme, stream users, path: must have a name of small and capital letters in its braces, such as {userId}',
  ],
  [
    stream({ id: [] }),
    'connector acme, stream users, id: must be a list of parts, with at least one, not []',
  ],
  [
    stream({ id: ['id'] }),
    'connector acme, stream users, id.0: must be a list of paths, of which the first that the row has counts, not "id"',
  ],
  [
    stream({ paging: { kind: 'pages' } }),
    'connector acme, stream users, paging.kind: must be one of "none", "offset", "page", "cursor", "link", "keyset", "file", not "pages"',
  ],
  [
    stream({ paging: { ...users.paging, pageSize: { default: 200, max: 100 } } }),
    'connector acme, stream users, paging.pageSize.default: must be at most the max, 100',
  ],
  [
    stream({ paging: { ...users.paging, offset: 'limit' } }),
    'connector acme, stream users, paging: must have a name of its own for each parameter',
  ],
  [
    stream({ paging: { ...cursor, next: [] } }),
    'connector acme, stream users, paging.next: must be a list of the paths at which the next cursor may be, with at least one, not []',
  ],
  [
    stream({ paging: { ...cursor, within: ['page'] } }),
    'connector acme, stream users, paging.within: must be left out of a GET, which has no body; use method "POST"',
  ],
  [
    stream({ paging: { kind: 'page', page: 'page', first: 2 } }),
    'connector acme, stream users, paging.first: must be 0 or 1, the number of the first page, not 2',
  ],
  [
    stream({ paging: { kind: 'page', page: 'page', first: 1, limit: 'size' } }),
    'connector acme, stream users, paging.pageSize: must be given with limit: how many rows are requested, and at most',
  ],
  [
    stream({ paging: { kind: 'link', next: 'header', pageSize: { default: 5, max: 9 } } }),
    'connector acme, stream users, paging.limit: must be given with pageSize: the parameter that takes it; or leave both out',
  ],
  [
    stream({ paging: { kind: 'page', page: 'page', first: 1, short: 'last' } }),
    'connector acme, stream users, paging.short: must be left out without limit, for nobody knows how long a page is',
  ],
  [
    stream({ paging: { ...keyset, pageSize: { default: 1, max: 1 } } }),
    'connector acme, stream users, paging.pageSize.max: must be at least 2 with paging "keyset", whose pages overlap by a row',
  ],
  [
    stream({ paging: { ...keyset, after: { limit: ['id'] } } }),
    'connector acme, stream users, paging: must have a name of its own for each parameter',
  ],
  [
    stream({ paging: { ...keyset, after: {} } }),
    'connector acme, stream users, paging.after: must have at least one parameter, not {}',
  ],
  [
    stream({ paging: { kind: 'link', next: 'Link' } }),
    'connector acme, stream users, paging.next: must be "header", for the header Link, or a list of the paths at which the next page’s URL may be, not "Link"',
  ],
  ...[{ path: [] }, { path: [], lines: true }].flatMap((items) => [
    [
      stream({ items, paging: cursor }),
      'connector acme, stream users, paging.next: must be left out, with another kind of paging, for the answer is the list itself: nothing stands beside it',
    ] as const,
    [
      stream({ items, paging: { kind: 'link', next: [['next']] } }),
      'connector acme, stream users, paging.next: must be "header", for the answer is the list itself: nothing stands beside it',
    ] as const,
    [
      stream({ items, partial: ['errors'], paging: { kind: 'none' } }),
      'connector acme, stream users, partial: must be left out, for the answer is the list itself: nothing stands beside it',
    ] as const,
  ]),
  [
    stream({ items: { path: [] }, paging: { ...users.paging, more: ['has_more'] } }),
    'connector acme, stream users, paging.more: must be left out, for the answer is the list itself: nothing stands beside it',
  ],
  [
    stream({ query: { limit: '50' } }),
    'connector acme, stream users, query.limit: must be left out, for paging sets it',
  ],
  [
    stream({ ...search, paging: { ...cursor, within: [] }, body: { n: 5 } }),
    'connector acme, stream users, body.n: must be left out, for paging sets it',
  ],
  [
    stream({ body: {} }),
    'connector acme, stream users, body: must be left out of a GET; use method "POST", or put it into query',
  ],
  [
    stream({ ...search, body: { at: () => 1 } }),
    'connector acme, stream users, body.at: must be JSON: text, number, true, false, null, or lists and objects of them, not a function',
  ],
  [stream({ about: () => 'a user' }), 'connector acme, stream users, about: must be a text, not a function'],
  [
    stream({ query: { from: '{since}' } }),
    'connector acme, stream users, query: holds {since}, which nothing fills in; add windows, or leave it out',
  ],
  [
    stream({ path: '/users/{table}/{tabel}', params: { table: { meaning: 'a table', pattern: '\\d+' } } }),
    'connector acme, stream users, path: holds {tabel}, which nothing fills in; add it to params, or leave it out (did you mean table?)',
  ],
  [
    stream({ windows, query: { from: '{since}' } }),
    'connector acme, stream users, windows: must be used: put {until} into path, query or body',
  ],
  [
    stream({ windows: { ...windows, format: 'date', days: 1 }, query: { a: '{since}', b: '{until}' } }),
    'connector acme, stream users, windows.days: must be at least 3 with the format "date", for two windows share a day',
  ],
  [
    stream({ changes: { ...changes, by: 'fliter' } }),
    'connector acme, stream users, changes.by: must be one of "filter", "newest first", not "fliter"',
  ],
  [
    stream({ changes: { ...changes, reconcile: 'weekly' } }),
    'connector acme, stream users, changes.reconcile: must be a rate from "rate(1 hour)" to "rate(366 days)", not "weekly"',
  ],
  [
    stream({ changes: { ...changes, zone: 'Europe/Berlin' } }),
    'connector acme, stream users, changes.zone: must be "UTC", or left out, not "Europe/Berlin"',
  ],
  [
    stream({ changes: { ...changes, query: { sort: 'updated' } } }),
    'connector acme, stream users, changes.query: must hold {since}, or changes.body must: else nothing is filtered',
  ],
  [
    stream({ changes: { ...changes, query: { since: '{since}', to: '{until}' } } }),
    'connector acme, stream users, changes.query: holds {until}, which nothing fills in; it can hold {since}',
  ],
  [
    stream({ changes, query: { since: '{since}' } }),
    'connector acme, stream users, query: holds {since}, which nothing fills in; move it into changes.query, for a whole walk has no bound',
  ],
  [
    stream({ changes: { ...changes, body: { since: '{since}' } } }),
    'connector acme, stream users, changes.body: must be left out of a GET; use method "POST", or put it into changes.query',
  ],
  [
    stream({ changes, windows, query: { a: '{since}', b: '{until}' } }),
    'connector acme, stream users, changes: must be left out, or windows must: they do not go together',
  ],
  [
    stream({ changes, paging: { kind: 'file', path: '/files/{file}', pollSeconds: 5 } }),
    'connector acme, stream users, changes: must be left out with paging "file": a file is written whole',
  ],
  [
    stream({ changes: newest, paging: { kind: 'none' } }),
    'connector acme, stream users, changes: must be left out, for one answer cannot end early; or paging must have pages',
  ],
  [
    stream({ changes: newest, paging: { ...users.paging, order: 'sortBy' } }),
    'connector acme, stream users, paging.order: must be left out with changes "newest first": another order would end the walk too early',
  ],
  [
    stream({ changes: newest, paging: { kind: 'page', page: 'p', first: 1, order: 'sortBy' } }),
    'connector acme, stream users, paging.order: must be left out with changes "newest first": another order would end the walk too early',
  ],
  [
    stream({ changes: { ...newest, historyDays: 30 } }),
    'connector acme, stream users, changes.historyDays: must be left out, or changes.by must be "filter"',
  ],
  [
    stream({ changes: { ...newest, zone: 'UTC' } }),
    'connector acme, stream users, changes.zone: must be left out: the format "seconds" has no zone',
  ],
  [
    stream({ changes: { ...changes, historyDays: 1, overlapSeconds: 86_400 } }),
    'connector acme, stream users, changes.overlapSeconds: must be less than the history, 86400 seconds',
  ],
  [
    stream({ windows: { ...windows, lookBackHours: 720 }, query: { a: '{since}', b: '{until}' } }),
    'connector acme, stream users, windows.lookBackHours: must be less than the history, 720 hours',
  ],
  [
    stream({ path: '/{table}', params: { table: { meaning: 'a table', pattern: '(' } } }),
    'connector acme, stream users, params.table.pattern: must be a regular expression, not "("',
  ],
  [
    stream({ path: '/{until}', params: { until: { meaning: 'an end', pattern: '.' } } }),
    'connector acme, stream users, params.until: must be named otherwise: {until} is taken',
  ],
  [
    stream({ path: '/{table}', params: { table: { meaning: 'a table', pattern: '.', many: true } } }),
    'connector acme, stream users, params.table.many: must be left out, or parents must be { param: "table" }',
  ],
  [
    stream({ path: '/{parent}', parents: { param: 'table' } }),
    'connector acme, stream users, parents.param: must be one of params, with many: true',
  ],
  [
    stream({}, { pays: { ...users, path: '/users/{parent}', parents: { stream: 'user' } } }),
    'connector acme, stream pays, parents.stream: must be another stream of this connector, not "user" (did you mean users?)',
  ],
  [
    stream({ path: '/{parent}', parents: { stream: 'users' } }),
    'connector acme, stream users, parents.stream: must not lead back to the stream itself',
  ],
  [stream({ parents: {} }), 'connector acme, stream users, parents.stream: must be a text, not left out'],
  [
    stream({ items: { path: ['data'], nested: { list: 'values', carry: 'id' } } }),
    'connector acme, stream users, items.nested: must be left out with paging "offset", which counts entries and not their rows',
  ],
  [
    stream({ ...search, batches: { list: {}, body: { ids: '{ids}' }, size: 5, over: 5 }, method: 'GET' }),
    'connector acme, stream users, batches: must be left out, or method must be "POST"',
  ],
  [
    stream({ fields: { default: ['id'], max: 3 } }),
    'connector acme, stream users, fields: must be left out of a GET, for they go into the body of a POST',
  ],
  [
    stream({ ...search, fields: { default: ['id', 'name'], max: 1 } }),
    'connector acme, stream users, fields.default: must have at most 1 fields, the max',
  ],
  [
    stream({ grade: 'sure' }),
    'connector acme, stream users, grade: must be one of "vendor", "live", "code", "unverified", not "sure"',
  ],
  [
    stream({ default: true, sensitive: true }),
    'connector acme, stream users, default: must be left out, because it is sensitive',
  ],
  [
    stream({ default: true, grade: 'code' }),
    'connector acme, stream users, default: must be left out, because its grade is "code"',
  ],
];

describe('a wrong definition', () => {
  for (const [definition, sentence] of wrong) {
    test(sentence, () => {
      expect(checkDefinition(definition)).toEqual({ connector: null, faults: [sentence] });
    });
  }

  test('has a sentence for each fault', () => {
    const { faults } = checkDefinition(
      stream({ path: 'x', pageing: {}, id: [] }, { others: { ...users, cap: 0 } }),
    );
    expect(faults.map((sentence) => sentence.replace(/:.*/, ''))).toEqual([
      'connector acme, stream users, path',
      'connector acme, stream users, id',
      'connector acme, stream users, pageing',
      'connector acme, stream others, cap',
    ]);
  });

  test('is repeated without what may be a secret', () => {
    const key = 'sk_live_0123456789abcdef';
    const pasted = { ...stream({ [key]: true, method: key }), [key]: true };
    expect(checkDefinition(pasted).faults.join('\n')).not.toContain('0123456789');
  });
});

describe('a right definition', () => {
  test.each([...Object.values(connectors), thirdVendor, acme])(
    'is given back as it was written: $name',
    (connector) => {
      const checked = checkDefinition(connector);
      expect(checked.faults).toEqual([]);
      expect(JSON.stringify(checked.connector)).toBe(JSON.stringify(connector));
    },
  );

  test('may leave a key undefined', () => {
    const { connector } = checkDefinition(stream({ cap: undefined }));
    expect(Object.keys(connector?.streams['users'] ?? {})).toEqual(Object.keys(users));
  });

  test('may take its parents from a list of the user’s, whatever that is called', () => {
    const parents = { param: 'ids', as: 'group' };
    const params = { ids: { meaning: 'groups', pattern: '\\d+', many: true } };
    expect(checkDefinition(stream({ path: '/groups/{parent}', parents, params })).faults).toEqual([]);
  });
});
