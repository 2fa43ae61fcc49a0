import { describe, expect, it } from 'vitest';

import type { Connector } from '../../../lib/connectors/connector.ts';
import { connectors } from '../../../lib/connectors/registry.ts';
import { inWords, publishedLimits, scopesOf, wrongLimits } from '../../../lib/connectors/limits.ts';
import { mobaro } from '../../../lib/connectors/mobaro/mobaro.ts';

const users = mobaro.streams['users']!;
const endpoint = 'GET /users';
const acme: Connector = {
  ...mobaro,
  name: 'acme',
  limitScope: 'both',
  limitsPerMinute: {},
  streams: { users: { ...users, method: 'GET', path: '/users' } },
};

describe('the limits that a vendor publishes', () => {
  it('are those of a minute and of other spans, for the account and for each endpoint', () => {
    const limits = {
      account: [{ requests: 1000, per: 'hour' }],
      endpoint: [{ requests: 5, per: 'second' }],
    } as const;
    const connector: Connector = { ...acme, limitsPerMinute: { account: 120 }, limits };
    expect(scopesOf(connector)).toEqual(['endpoint', 'account']);
    const { users: stream } = connector.streams;
    expect(publishedLimits(connector, 'account', stream!).map(inWords)).toEqual([
      '120 a minute',
      '1,000 an hour',
    ]);
    expect(publishedLimits(connector, 'endpoint', stream!).map(inWords)).toEqual(['5 a second']);
    const own = { ...connector, limits: { ...limits, [endpoint]: [{ requests: 9, per: 'day' }] } } as const;
    expect(publishedLimits(own, 'endpoint', stream!).map(inWords)).toEqual(['9 a day']);
  });

  it.each(Object.values(connectors))('are in order with $title', (connector) => {
    expect(wrongLimits(connector)).toEqual([]);
  });

  it.each<[Partial<Connector>, string]>([
    [
      { limitScope: 'endpoint', limitsPerMinute: { account: 60 } },
      'acme: limitsPerMinute["account"]: the account is not counted where limitScope is "endpoint": make that "both", or leave this out',
    ],
    [
      { limitScope: 'account', limits: { endpoint: [{ requests: 5, per: 'second' }] } },
      'acme: limits["endpoint"]: endpoints are not counted where limitScope is "account": make that "both", or leave this out',
    ],
    [
      { limits: { 'GET /user': [{ requests: 5, per: 'second' }] } },
      'acme: limits["GET /user"]: no stream has this endpoint; write account, endpoint for each of them, or one as in "GET /users"',
    ],
    [
      { limitsPerMinute: { [endpoint]: 60 }, limits: { [endpoint]: [{ requests: 50, per: 'minute' }] } },
      'acme: limits["GET /users"]: there are two limits for a minute: leave one out',
    ],
    [
      { limits: { account: [{ requests: 0.5, per: 'second' }] } },
      'acme: limits["account"]: requests must be a whole number from 1 to 10,000,000, not 0.5',
    ],
    [
      {
        limits: {
          account: [
            { requests: 1000, per: 'day' },
            { requests: 1000, per: 'hour' },
          ],
        },
      },
      'acme: limits["account"]: 1,000 an hour are never reached where 1,000 a day are allowed: leave the former out',
    ],
  ])('are refused in one sentence: %j', (change, sentence) => {
    expect(wrongLimits({ ...acme, ...change })).toEqual([sentence]);
  });
});
