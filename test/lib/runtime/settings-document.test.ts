import { describe, expect, it } from 'vitest';

import { connectionsOf, isSafeBaseUrl, parseDocument } from '../../../lib/runtime/settings-document.ts';

const mobaro = {
  name: 'mobaro-north',
  connector: 'mobaro',
  limitGroup: 'acme',
  baseUrl: 'https://vendor.example/api',
  timeoutSeconds: 30,
  secretName: 'Pagekeeper/mobaro-north',
  streams: { users: { gapSeconds: 900, pageSize: 10 }, locations: { gapSeconds: 1200 } },
};
const bob = {
  ...mobaro,
  name: 'bob',
  connector: 'bob',
  limitGroup: undefined,
  streams: { people: { gapSeconds: 3600 } },
};

const read = (...connections: readonly object[]) =>
  connectionsOf(parseDocument(JSON.stringify({ connections })));

describe('the settings that functions go by', () => {
  it('give each stream its own, with every default filled in', () => {
    const [connection] = read(mobaro);
    expect(connection).toMatchObject({
      name: 'mobaro-north',
      baseUrl: 'https://vendor.example/api',
      secretName: 'Pagekeeper/mobaro-north',
    });
    expect(connection?.streams).toMatchObject([
      {
        name: 'mobaro-north/users',
        connection: 'mobaro-north',
        limitScope: 'acme',
        gapSeconds: 900,
        // The function's time-out and 10 s: it outlives whoever holds it, and ends before the message comes back.
        leaseMs: 40_000,
        visibilityMs: 180_000,
        settings: {
          pageSize: 10,
          continuation: 'queue',
          attemptCap: 5,
          pageBudget: 100_000,
          timeBudgetHours: 48,
          deletionGuard: { rows: 10, percent: 10 },
          tombstoneRetentionDays: 90,
          fields: null,
        },
      },
      { name: 'mobaro-north/locations', settings: { pageSize: 128 } },
    ]);
  });

  it('give a stream what was chosen for its deletions and its time', () => {
    const chosen = {
      timeBudgetHours: 6,
      deletionGuard: { rows: 0, percent: 100 },
      tombstoneRetentionDays: 30,
    };
    const streams = { users: { gapSeconds: 900, ...chosen } };
    expect(read({ ...mobaro, streams })[0]?.streams[0]?.settings).toMatchObject(chosen);
  });

  it('cap an answer as they say, and at 32 MB where they say nothing', () => {
    expect(read(mobaro, { ...bob, maxPageMb: 64 }).map(({ maxPageMb }) => maxPageMb)).toEqual([32, 64]);
  });

  it("count Bob's limits by endpoint", () => {
    expect(read(mobaro, bob)[1]?.streams[0]).toMatchObject({
      limitScope: 'bob:POST /people/search',
      settings: { pageSize: null },
    });
    expect(read(bob)[0]?.streams[0]?.settings.fields).toContain('root.id');
  });

  it('tell what is known of each limit: the published figure, and the one that was chosen', () => {
    const chosen = { ...mobaro, limitPerMinute: 300 };
    const streams = { people: { gapSeconds: 3600, limitPerMinute: 40 }, employment: { gapSeconds: 3600 } };
    const limits = read(mobaro, chosen, bob, { ...bob, streams }).map(({ streams: all }) =>
      all.map(({ limits: [{ terms }] }) => [terms.published, terms.chosen]),
    );
    expect(limits).toEqual([
      [
        [null, null],
        [null, null],
      ],
      [
        [null, 300],
        [null, 300],
      ],
      [[50, null]],
      [
        [50, 40],
        [null, null],
      ],
    ]);
  });

  it.each([
    ['they are not JSON', '{', 'is not JSON'],
    ['there is no connection', { connections: [] }, 'connections'],
    ['the cap of an answer is none', { ...mobaro, maxPageMb: 0 }, 'maxPageMb'],
    ['a connector is unknown', { ...mobaro, connector: 'x' }, 'is not a connector'],
    [
      'a stream is unknown',
      { ...mobaro, streams: { ghosts: { gapSeconds: 1 } } },
      'Mobaro has no stream ghosts',
    ],
    ['a setting is unknown', { ...mobaro, colour: 'red' }, 'colour'],
    [
      'a setting of a stream is out of bounds',
      { ...mobaro, streams: { users: { gapSeconds: 900, deletionGuard: { rows: -1 } } } },
      'must be a whole number from 0 to',
    ],
    [
      'a setting of a stream is unknown',
      { ...mobaro, streams: { users: { gapSeconds: 900, colour: 'red' } } },
      'colour',
    ],
    ['the base URL is not safe', { ...mobaro, baseUrl: 'http://vendor.example' }, 'must be https'],
    ['the base URL is none', { ...mobaro, baseUrl: 'vendor' }, 'baseUrl'],
  ])('are refused where %s', (_, wrong, words) => {
    const document =
      typeof wrong === 'string'
        ? wrong
        : JSON.stringify('connections' in wrong ? wrong : { connections: [wrong] });
    expect(() => connectionsOf(parseDocument(document))).toThrow(words);
  });

  it.each([
    ['https://app.mobaro.com/api/customers', true],
    ['http://127.0.0.1:9000/x', true],
    ['http://localhost:9000', true],
    ['http://[::1]:9000', true],
    ['http://127.0.0.1.example.com', false],
    ['http://10.0.0.1', false],
  ])('sends credentials in the clear to nobody but this machine: %s %s', (url, safe) => {
    expect(isSafeBaseUrl(url)).toBe(safe);
  });
});
