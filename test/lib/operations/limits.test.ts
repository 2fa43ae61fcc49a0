import { describe, expect, it } from 'vitest';

import { limitUse } from '../../../lib/governor/use.ts';
import { readLimits, type LimitStates } from '../../../lib/operations/limits.ts';
import { FakeGovernor } from '../../support/fakes/fake-governor.ts';
import { streamNamed } from '../../support/streams.ts';
import { permitIn } from '../../support/permit-in.ts';

const now = Date.parse('2026-11-22T10:00:00Z');

describe('readLimits', () => {
  it('tells each limit once, what is used of it, and until when it is closed', async () => {
    const governor = new FakeGovernor();
    const users = streamNamed('mobaro/users', { limitPerMinute: 100 });
    const locations = streamNamed('mobaro/locations', { limitPerMinute: 100 });
    const people = streamNamed('bob/people');
    for (let call = 0; call < 3; call += 1) {
      await permitIn(governor, users.limitScope, {
        now: now + call * 2000,
        terms: users.limits[0].terms,
        slot: null,
      });
    }
    await governor.close(people.limitScope, now + 60_000);

    const states: LimitStates = {
      use: async (scope, terms, at) => limitUse(governor.state(scope), terms, at),
    };
    expect(await readLimits([users, locations, people], states, now + 6000)).toEqual([
      { limitScope: 'mobaro', limit: 100, rate: 80, used: 3, closedUntil: null, spans: [] },
      {
        ...{ limitScope: 'bob:POST /people/search', limit: 50, rate: 40, used: 0 },
        closedUntil: '2026-11-22T10:01:00.000Z',
        spans: [],
      },
    ]);
  });
});
