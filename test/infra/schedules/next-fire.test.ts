import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cronerOf } from '../../../infra/schedules/aws-cron.ts';
import { nextFire, nextFireOf, periodOf } from '../../../infra/schedules/next-fire.ts';

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

/** Every minute of the day before a change of the clocks and the day after it. */
function clockAround(timeZone: string, change: number) {
  const seen = new Set<string>();
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return Array.from({ length: 2 * 24 * 60 }, (_, index) => {
    const moment = change + (index - 24 * 60) * 60_000;
    const text = format.format(moment);
    const isFirst = !seen.has(text);
    seen.add(text);
    const [hour = 0, minute = 0] = (text.split(' ')[1] ?? '').split(':').map(Number);
    return { moment, hour, minute, isFirst };
  });
}

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

  it.each([
    // In Copenhagen it is 3 o'clock after 2 in March, and 2 o'clock again after 3 in October.
    ['cron(30 2 * * ? *)', 'Europe/Copenhagen', '2027-03-27T01:30:00Z', '2027-03-29T00:30:00Z'],
    ['cron(30 1,2 * * ? *)', 'Europe/Copenhagen', '2027-03-28T00:30:00Z', '2027-03-28T23:30:00Z'],
    ['cron(0 * * * ? *)', 'Europe/Copenhagen', '2027-03-28T00:00:00Z', '2027-03-28T01:00:00Z'],
    ['cron(0 3 * * ? *)', 'Europe/Copenhagen', '2027-03-27T02:00:00Z', '2027-03-28T01:00:00Z'],
    ['cron(30 2 * * ? *)', 'Europe/Copenhagen', '2026-10-24T00:30:00Z', '2026-10-25T00:30:00Z'],
    ['cron(30 2 * * ? *)', 'Europe/Copenhagen', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ['cron(0/20 * * * ? *)', 'Europe/Copenhagen', '2026-10-25T00:40:00Z', '2026-10-25T02:00:00Z'],
    ['cron(0/20 * * * ? *)', 'Europe/Copenhagen', '2026-10-25T01:10:00Z', '2026-10-25T02:00:00Z'],
    // In the south it is October that skips, and April that repeats.
    ['cron(30 2 * * ? *)', 'Australia/Sydney', '2026-10-02T16:30:00Z', '2026-10-04T15:30:00Z'],
    ['cron(30 2 * * ? *)', 'Australia/Sydney', '2026-04-04T15:30:00Z', '2026-04-05T16:30:00Z'],
    // Lord Howe Island changes its clocks by half an hour.
    ['cron(15 2 * * ? *)', 'Australia/Lord_Howe', '2026-10-02T15:45:00Z', '2026-10-04T15:15:00Z'],
    ['cron(45 2 * * ? *)', 'Australia/Lord_Howe', '2026-10-02T16:15:00Z', '2026-10-03T15:45:00Z'],
    ['cron(45 1 * * ? *)', 'Australia/Lord_Howe', '2026-04-04T14:45:00Z', '2026-04-05T15:15:00Z'],
    // Santiago skips the hour after midnight.
    ['cron(0 0 * * ? *)', 'America/Santiago', '2026-09-05T04:00:00Z', '2026-09-07T03:00:00Z'],
    // Samoa had no 30 December 2011.
    ['cron(0 9 * * ? *)', 'Pacific/Apia', '2011-12-29T19:00:00Z', '2011-12-30T19:00:00Z'],
    ['cron(0 9 30 * ? *)', 'Pacific/Apia', '2011-12-01T00:00:00Z', '2012-01-29T19:00:00Z'],
  ])('of %s in %s after %s is %s, around a change of the clocks', (expression, timeZone, after, next) => {
    expect(nextFire({ expression, timeZone }, at(after), 0)).toBe(at(next));
  });

  it('is each minute whose local time fits and has not been before, whatever the clocks do', () => {
    const field = (max: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: 0, max }).map(String),
        fc.tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max })).map((two) => two.join(',')),
      );
    const changes = [
      ['Europe/Copenhagen', '2027-03-28T01:00:00Z'],
      ['Europe/Copenhagen', '2026-10-25T01:00:00Z'],
      ['Australia/Sydney', '2026-04-04T16:00:00Z'],
      ['Australia/Sydney', '2026-10-03T16:00:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
      ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
      ['America/Santiago', '2026-09-06T04:00:00Z'],
      ['America/New_York', '2026-11-01T06:00:00Z'],
    ] as const;
    const clocks = new Map(changes.map(([zone, change]) => [change, clockAround(zone, at(change))]));
    fc.assert(
      fc.property(fc.constantFrom(...changes), field(59), field(4), (change, minutes, hours) => {
        const [timeZone, moment] = change;
        const fits = (value: number, of: string): boolean =>
          of === '*' || of.split(',').some((one) => Number(one) === value);
        const shown = clocks.get(moment) ?? [];
        const expected = shown
          .filter(({ hour, minute, isFirst }) => isFirst && fits(hour, hours) && fits(minute, minutes))
          .map(({ moment }) => moment);
        const cron = cronerOf(`0 ${minutes} ${hours} * * * *`);
        const found: number[] = [];
        let next = nextFireOf(cron, timeZone, (shown[0]?.moment ?? 0) - 1) ?? Infinity;
        while (next <= (shown.at(-1)?.moment ?? 0)) {
          found.push(next);
          next = nextFireOf(cron, timeZone, next) ?? Infinity;
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 40 },
    );
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
