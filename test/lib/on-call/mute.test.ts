import { describe, expect, it } from 'vitest';

import { inForce, pageAlarmsOf } from '../../../lib/on-call/mute.ts';

describe('a mute', () => {
  const mute = { connection: 'mobaro', revision: 1, since: 0, until: 60_000, why: 'moves', by: 'ada' };

  it('lasts until its moment, and not in it', () => {
    expect(inForce(mute, 59_999)).toBe(mute);
    expect(inForce(mute, 60_000)).toBeNull();
    expect(inForce(null, 0)).toBeNull();
  });

  it('is of the alarms of its connection that page, nested or not, and of no others', () => {
    const own = ['Pagekeeper mobaro unauthorized', 'Pagekeeper mobaro, missing', 'Pagekeeper mobaro stale'];
    const others = [
      'Pagekeeper mobaro throttled',
      'Pagekeeper mobaro dead letters',
      'Pagekeeper mobaro-two unauthorized',
      'Pagekeeper-dev mobaro unauthorized',
      'Pagekeeper bob unauthorized',
      'Pagekeeper watchdog silent',
      'Pagekeeper changes behind',
    ];
    expect(pageAlarmsOf('Pagekeeper', 'mobaro', [...others, ...own])).toEqual(own);
  });
});
