import { describe, expect, it } from 'vitest';

import { checkLimits } from '../../../infra/settings/check-limits.ts';
import type { ConnectionInput } from '../../../infra/settings/settings-schema.ts';
import { mobaro } from '../../../lib/connectors/mobaro/mobaro.ts';

const acme = { ...mobaro, title: 'Acme', limitScope: 'both' } as const;

describe('the limits of a connection whose vendor counts account and endpoints', () => {
  it('may be set at both', () => {
    const input: ConnectionInput = {
      limitPerMinute: 60,
      limits: [{ requests: 1000, per: 'hour' }],
      streams: { users: { limitPerMinute: 30, limits: [{ requests: 2, per: 'second' }] } },
    };
    expect(() => checkLimits('c', acme, input)).not.toThrow();
  });

  it.each<[ConnectionInput, string]>([
    [
      { limitPerMinute: 60, limits: [{ requests: 50, per: 'minute' }] },
      'c.limits: there are two limits for a minute: leave one out',
    ],
    [
      {
        streams: {
          users: {
            limits: [
              { requests: 5, per: 'second' },
              { requests: 5, per: 'day' },
            ],
          },
        },
      },
      'c.streams.users.limits: 5 a second are never reached where 5 a day are allowed: leave the former out',
    ],
  ])('are refused where they cannot all be meant: %j', (input, sentence) => {
    expect(() => checkLimits('c', acme, input)).toThrow(sentence);
  });
});
