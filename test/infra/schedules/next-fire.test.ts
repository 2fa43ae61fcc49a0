import { describe, expect, it } from 'vitest';

import { nextFire, periodOf } from '../../../infra/schedules/next-fire.ts';

const at = (time: string): number => Date.parse(time);

describe('periodOf', () => {
  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(2 hours)', 7_200_000],
    ['rate(1 day)', 86_400_000],
    ['cron(0 * * * ? *)', null],
  ])('reads %s', (expression, period) => {
    expect(periodOf(expression)).toBe(period);
  });
});

describe('nextFire', () => {
  const sunday = '2026-11-22T10:00:00Z';

  it.each([
    ['cron(3/15 * * * ? *)', 'UTC', sunday, '2026-11-22T10:03:00Z'],
    ['cron(3/15 * * * ? *)', 'UTC', '2026-11-22T10:03:00Z', '2026-11-22T10:18:00Z'],
    ['cron(0 9 * * ? *)', 'UTC', sunday, '2026-11-23T09:00:00Z'],
    // 9 o'clock in Copenhagen is 8 in winter and 7 in summer.
    ['cron(0 9 * * ? *)', 'Europe/Copenhagen', sunday, '2026-11-23T08:00:00Z'],
    ['cron(0 9 1 7 ? *)', 'Europe/Copenhagen', sunday, '2027-07-01T07:00:00Z'],
    // AWS's 2 is Monday, and its L a Saturday.
    ['cron(0 9 ? * 2 *)', 'UTC', sunday, '2026-11-23T09:00:00Z'],
    ['cron(0 9 ? * L *)', 'UTC', sunday, '2026-11-28T09:00:00Z'],
    ['cron(0 9 ? * MON-FRI *)', 'UTC', sunday, '2026-11-23T09:00:00Z'],
  ])('of %s in %s after %s is %s', (expression, timeZone, after, next) => {
    expect(nextFire({ expression, timeZone }, at(after), 0)).toBe(at(next));
  });

  it('counts a rate from its anchor', () => {
    const rate = { expression: 'rate(5 minutes)', timeZone: 'UTC' };

    expect(nextFire(rate, 1000, 1000)).toBe(301_000);
    expect(nextFire(rate, 300_999, 1000)).toBe(301_000);
    expect(nextFire(rate, 301_000, 1000)).toBe(601_000);
  });

  it('is none where the years are over', () => {
    expect(nextFire({ expression: 'cron(0 0 1 1 ? 2026)', timeZone: 'UTC' }, at(sunday), 0)).toBeNull();
  });
});
