import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cronerOf } from '../../../infra/schedules/aws-cron.ts';
import { nextFireOf } from '../../../infra/schedules/next-fire.ts';
import { gapsOf } from '../../../infra/schedules/schedule-gap.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

describe('the gaps of a rate', () => {
  it.each([
    ['rate(1 minute)', minute],
    ['rate(15 minutes)', 15 * minute],
    ['rate(1 hour)', hour],
    ['rate(12 hours)', 12 * hour],
    ['rate(7 days)', 7 * day],
  ])('%s is the same all the time', (expression, gap) => {
    expect(gapsOf(expression)).toEqual({ shortest: gap, longest: gap });
  });
});

describe('the gaps of a cron expression', () => {
  it.each([
    ['cron(* * * * ? *)', minute, minute, 'every minute'],
    ['cron(7/15 * * * ? *)', 15 * minute, 15 * minute, 'from a minute on, across the hour'],
    ['cron(0,10,30 * * * ? *)', 10 * minute, 30 * minute, 'a list'],
    ['cron(5/20 * * * ? *)', 20 * minute, 20 * minute, 'a step that divides the hour'],
    ['cron(0/25 * * * ? *)', 10 * minute, 25 * minute, 'a step that does not'],
    ['cron(10 * * * ? *)', hour, hour, 'hourly'],
    ['cron(0 3 * * ? *)', day, day, 'daily'],
    ['cron(0 8-18 * * ? *)', hour, 14 * hour, 'by day, with a long night'],
    [
      'cron(0/30 8-17 ? * MON-FRI *)',
      30 * minute,
      2 * day + 14.5 * hour,
      'working hours: from Friday to Monday',
    ],
    ['cron(0 9 ? * 2-6 *)', day, 3 * day, 'AWS counts Sunday as 1, so 2-6 are Monday to Friday'],
    ['cron(0 9 ? * 1,7 *)', day, 6 * day, 'weekends'],
    ['cron(0 9 ? * L *)', 7 * day, 7 * day, 'L as day of the week is Saturday'],
    ['cron(0 9 1 * ? *)', 28 * day, 31 * day, 'monthly'],
    ['cron(0 9 L * ? *)', 28 * day, 31 * day, 'the last of the month'],
    ['cron(0 9 ? * 6L *)', 28 * day, 35 * day, 'the last Friday of the month'],
    ['cron(0 9 ? * 2#1 *)', 28 * day, 35 * day, 'the first Monday of the month'],
    ['cron(0 9 15W * ? *)', 28 * day, 32 * day, 'the working day next to the 15th'],
    ['cron(0 0/6 1 JAN ? *)', 6 * hour, 365 * day + 6 * hour, 'a day of the year, leap years counted'],
    ['cron(0 0 29 2 ? *)', 1461 * day, 1461 * day, 'every leap day'],
    ['cron(0 0 1 1 ? 2028)', 3650 * day, 3650 * day, 'once: late when the horizon is over'],
    ['cron(0 0 1 1/3 ? *)', 90 * day, 92 * day, 'every quarter'],
  ])('%s: %i to %i s (%s)', (expression, shortest, longest) => {
    expect(gapsOf(expression)).toEqual({ shortest, longest });
  });

  it.each([
    ['cron(0 3 * * ? *)', 'Asia/Tokyo', day, day, 'clocks that are never changed'],
    ['cron(0 3 * * ? *)', 'Europe/Copenhagen', day - hour, day + hour, 'daily, at a time of each day'],
    [
      'cron(30 2 * * ? *)',
      'Europe/Copenhagen',
      day,
      2 * day - hour,
      'daily, at a time that is skipped once a year',
    ],
    ['cron(30 2 * * ? *)', 'Australia/Sydney', day, 2 * day - hour, 'the same in the south'],
    [
      'cron(15 2 * * ? *)',
      'Australia/Lord_Howe',
      day,
      2 * day - hour / 2,
      'the same, skipped by half an hour',
    ],
    ['cron(45 2 * * ? *)', 'Australia/Lord_Howe', day - hour / 2, day + hour / 2, 'after the half hour'],
    ['cron(0 0 * * ? *)', 'America/Santiago', day, 2 * day - hour, 'a midnight that is skipped'],
    ['cron(0 * * * ? *)', 'Europe/Copenhagen', hour, 2 * hour, 'hourly: a repeated hour fires once'],
    ['cron(0/15 * * * ? *)', 'Australia/Lord_Howe', 15 * minute, 45 * minute, 'a repeated half hour'],
    ['cron(0 1,3 * * ? *)', 'Europe/Copenhagen', hour, 22 * hour, 'around the skipped hour'],
    [
      'cron(30 2 ? * SUN *)',
      'Europe/Copenhagen',
      7 * day,
      14 * day - hour,
      'weekly, on the day of the changes',
    ],
    ['rate(1 day)', 'Europe/Copenhagen', day, day, 'a rate is the same all the time'],
  ])('%s in %s: %i to %i s (%s)', (expression, timeZone, shortest, longest) => {
    expect(gapsOf(expression, timeZone)).toEqual({ shortest, longest });
  });

  it('are those between the moments at which it fires', () => {
    const zones = ['Europe/Copenhagen', 'Australia/Sydney', 'Australia/Lord_Howe', 'America/Santiago'];
    const end = Date.parse('2027-01-01T00:00:00Z');
    const time = fc.tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(fc.constantFrom(...zones), time, (timeZone, [minute, hour]) => {
        const expression = `cron(${String(minute)} ${String(hour)} * * ? *)`;
        const cron = cronerOf(`0 ${String(minute)} ${String(hour)} * * * *`);
        const gaps = new Set<number>();
        let last = nextFireOf(cron, timeZone, Date.parse('2026-01-01T00:00:00Z')) ?? Infinity;
        while (last < end) {
          const next = nextFireOf(cron, timeZone, last) ?? Infinity;
          gaps.add((next - last) / 1000);
          last = next;
        }
        const expected = { shortest: Math.min(...gaps), longest: Math.max(...gaps) };
        expect(gapsOf(expression, timeZone)).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('are none of a time that each year skips', () => {
    // The last Sunday of March is the one on which Copenhagen has no half past two.
    expect(() => gapsOf('cron(30 2 ? 3 1L *)', 'Europe/Copenhagen')).toThrow('fire in the next ten years');
    expect(gapsOf('cron(30 3 ? 3 1L *)', 'Europe/Copenhagen').longest).toBe(371 * day);
  });
});

describe('an expression that is none', () => {
  it.each([
    ['every hour', 'rate(15 minutes) or cron(0 * * * ? *)'],
    ['rate(0 minutes)', 'at least 1 minute'],
    ['rate(1 hours)', 'must be rate(1 hour)'],
    ['rate(2 hour)', 'must be rate(2 hours)'],
    ['rate(1.5 hours)', 'rate(15 minutes)'],
    ['at(2026-12-01T00:00:00)', 'rate(15 minutes)'],
    ['cron(0 * * * *)', 'six fields'],
    ['cron(0 0 * * ? * *)', 'six fields'],
    ['cron(0 0 * * * *)', 'a ? as day of month or as day of week'],
    ['cron(0 0 ? * ? *)', 'a ? as day of month or as day of week'],
    ['cron(0 25 * * ? *)', 'can be read (Invalid value for hour'],
    ['cron(x * * * ? *)', 'can be read'],
    ['cron(0 0 31 2 ? *)', 'fire in the next ten years'],
    ['cron(0 0 * * ? 2020)', 'fire in the next ten years'],
  ])('%s is refused', (expression, message) => {
    expect(() => gapsOf(expression)).toThrow(message);
  });
});
