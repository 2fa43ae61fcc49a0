import { describe, expect, it } from 'vitest';

import { isSafeBaseUrl, readEnvironment, readSyncEnvironment } from '../../../lib/runtime/environment.ts';

const mobaro = {
  name: 'mobaro-north',
  connector: 'mobaro',
  limitGroup: 'acme',
  timeoutSeconds: 30,
  visibilitySeconds: 180,
  pageQueueUrl: 'https://sqs.example/pages',
  secretId: 'Pagekeeper/mobaro-north',
  streams: { users: { gapSeconds: 900, pageSize: 10 }, locations: { gapSeconds: 1200 } },
};
const bob = {
  ...mobaro,
  name: 'bob',
  connector: 'bob',
  limitGroup: undefined,
  streams: { people: { gapSeconds: 3600 } },
};

function variables(connections: readonly object[] = [mobaro]): Record<string, string> {
  return {
    PAGEKEEPER_DEPLOYMENT: 'Pagekeeper',
    PAGEKEEPER_CHECKPOINTS_TABLE: 'checkpoints',
    PAGEKEEPER_RECORDS_TABLE: 'records',
    PAGEKEEPER_BASE_URL: 'https://vendor.example/api',
    PAGEKEEPER_CONNECTIONS: JSON.stringify(connections),
  };
}

describe("a function's environment", () => {
  it('gives each stream its settings, with every default filled in', () => {
    const { connection, baseUrl } = readSyncEnvironment(variables());
    expect(baseUrl).toBe('https://vendor.example/api');
    expect(connection.streams).toMatchObject([
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

  it('gives a stream what was chosen for its deletions and its time', () => {
    const chosen = {
      timeBudgetHours: 6,
      deletionGuard: { rows: 0, percent: 100 },
      tombstoneRetentionDays: 30,
    };
    const streams = { users: { gapSeconds: 900, ...chosen } };
    const { connection } = readSyncEnvironment(variables([{ ...mobaro, streams }]));
    expect(connection.streams[0]?.settings).toMatchObject(chosen);
  });

  it('reads, while a deployment changes the function, the variables of the version before', () => {
    const settingsOf = (chosen: object) =>
      readSyncEnvironment(variables([{ ...mobaro, streams: { results: { gapSeconds: 900, ...chosen } } }]))
        .connection.streams[0]?.settings;
    const former = { fields: ['id'], mask: ['answers'], historyFrom: Date.UTC(2024, 1, 29) };
    const now = { fields: { ask: ['id'], mask: ['answers'] }, historyFrom: '2024-02-29' };
    expect(settingsOf(former)).toEqual(settingsOf(now));
    expect(settingsOf(now)).toMatchObject({ fields: ['id'], mask: ['answers'], omit: [] });
  });

  it('caps an answer as it was told, and at 32 MB where an older stack says nothing', () => {
    const connections = readEnvironment(variables([mobaro, { ...bob, maxPageMb: 64 }])).connections;
    expect(connections.map(({ maxPageMb }) => maxPageMb)).toEqual([32, 64]);
  });

  it("counts Bob's limits by endpoint", () => {
    const { connections } = readEnvironment(variables([mobaro, bob]));
    expect(connections[1]?.streams[0]).toMatchObject({
      limitScope: 'bob:POST /people/search',
      settings: { pageSize: null },
    });
    expect(connections[1]?.streams[0]?.settings.fields).toContain('root.id');
  });

  it('tells what is known of each limit: the published figure, and the one that was chosen', () => {
    const chosen = { ...mobaro, limitPerMinute: 300 };
    const streams = { people: { gapSeconds: 3600, limitPerMinute: 40 }, employment: { gapSeconds: 3600 } };
    const limits = readEnvironment(variables([mobaro, chosen, bob, { ...bob, streams }])).connections.map(
      ({ streams: all }) => all.map(({ limit }) => [limit.published, limit.chosen]),
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
    ['a variable is missing', { PAGEKEEPER_RECORDS_TABLE: '' }, 'PAGEKEEPER_RECORDS_TABLE'],
    ['the connections are not JSON', { PAGEKEEPER_CONNECTIONS: '{' }, 'is not JSON'],
    [
      'the cap of an answer is none',
      { PAGEKEEPER_CONNECTIONS: JSON.stringify([{ ...mobaro, maxPageMb: 0 }]) },
      'maxPageMb',
    ],
    ['there is no connection', { PAGEKEEPER_CONNECTIONS: '[]' }, 'PAGEKEEPER_CONNECTIONS'],
    [
      'a connector is unknown',
      { PAGEKEEPER_CONNECTIONS: JSON.stringify([{ ...mobaro, connector: 'x' }]) },
      'is not a connector',
    ],
    [
      'a stream is unknown',
      { PAGEKEEPER_CONNECTIONS: JSON.stringify([{ ...mobaro, streams: { ghosts: { gapSeconds: 1 } } }]) },
      'Mobaro has no stream ghosts',
    ],
    [
      'a setting is unknown',
      { PAGEKEEPER_CONNECTIONS: JSON.stringify([{ ...mobaro, colour: 'red' }]) },
      'colour',
    ],
    [
      'a setting of a stream is out of bounds',
      {
        PAGEKEEPER_CONNECTIONS: JSON.stringify([
          { ...mobaro, streams: { users: { gapSeconds: 900, deletionGuard: { rows: -1 } } } },
        ]),
      },
      'must be a whole number from 0 to',
    ],
    [
      'a setting of a stream is unknown',
      {
        PAGEKEEPER_CONNECTIONS: JSON.stringify([
          { ...mobaro, streams: { users: { gapSeconds: 900, colour: 'red' } } },
        ]),
      },
      'colour',
    ],
    [
      'it names two connections',
      { PAGEKEEPER_CONNECTIONS: JSON.stringify([mobaro, bob]) },
      'exactly one connection',
    ],
    ['the base URL is not safe', { PAGEKEEPER_BASE_URL: 'http://vendor.example' }, 'must be https'],
    ['the base URL is none', { PAGEKEEPER_BASE_URL: 'vendor' }, 'PAGEKEEPER_BASE_URL'],
  ])('is refused at the cold start where %s', (_, wrong, words) => {
    expect(() => readSyncEnvironment({ ...variables(), ...wrong })).toThrow(words);
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
