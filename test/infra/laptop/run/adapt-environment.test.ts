import { describe, expect, it } from 'vitest';

import { adaptEnvironment } from '../../../../infra/laptop/run/adapt-environment.ts';

const mobaro = {
  name: 'mobaro',
  secretId: 's',
  streams: { users: { gapSeconds: 1 }, webhooks: { gapSeconds: 1 } },
};
const bob = { name: 'bob', secretId: 't', streams: { people: { gapSeconds: 1 } } };
const sync = {
  PAGEKEEPER_CONNECTIONS: JSON.stringify([mobaro]),
  PAGEKEEPER_BASE_URL: 'https://app.mobaro.com/api/customers',
  OTHER: 'x',
};
const watchdog = { PAGEKEEPER_CONNECTIONS: JSON.stringify([mobaro, bob]) };

describe('the environment of a function on a laptop', () => {
  it('is the template’s where nothing else is asked for', () => {
    const adaptation = { selected: null, baseUrls: new Map() };
    expect(adaptEnvironment(sync, adaptation)).toEqual(sync);
    expect(adaptEnvironment({ OTHER: 'x' }, adaptation)).toEqual({ OTHER: 'x' });
  });

  it('has the base URL of its connection', () => {
    const baseUrls = new Map([
      ['bob', 'http://127.0.0.1:1'],
      ['mobaro', 'http://127.0.0.1:2'],
    ]);
    expect(adaptEnvironment(sync, { selected: null, baseUrls })).toEqual({
      ...sync,
      PAGEKEEPER_BASE_URL: 'http://127.0.0.1:2',
    });
    expect(adaptEnvironment(watchdog, { selected: null, baseUrls })).toEqual(watchdog);
  });

  it('knows the selected streams only', () => {
    const { PAGEKEEPER_CONNECTIONS = '' } = adaptEnvironment(watchdog, {
      selected: new Set(['mobaro/webhooks']),
      baseUrls: new Map(),
    });
    expect(JSON.parse(PAGEKEEPER_CONNECTIONS)).toEqual([
      { ...mobaro, streams: { webhooks: { gapSeconds: 1 } } },
    ]);
  });
});
