import { describe, expect, it } from 'vitest';

import type { Connector } from '../../../lib/connectors/connector.ts';
import { inWords, publishedLimits, scopesOf } from '../../../lib/connectors/limits.ts';
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
});
