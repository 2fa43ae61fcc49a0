import type { Cron } from 'croner';

import { cronerOf, cronOf, readCron, type CronFields } from './aws-cron.ts';
import { clockChanges, localTimeAt, momentOf } from './local-time.ts';
import { nextFireOf } from './next-fire.ts';

/** How far apart the ticks of a schedule are, in seconds. */
export interface Gaps {
  readonly shortest: number;
  /** Tells an overdue stream from a quiet one. */
  readonly longest: number;
}

const minute = 60;
const day = 86_400;

/**
 * Reads an expression of EventBridge Scheduler: `rate(value unit)` or `cron(minutes hours day-of-month month day-of-week year)`.
 * Source: EventBridge Scheduler user guide, "Schedule types". `at(...)` fires once and is no schedule for a sync.
 * @param timeZone IANA name in which a cron expression is read; UTC if left out.
 * @throws Error with the half of a sentence that follows the name of the setting.
 */
export function gapsOf(expression: string, timeZone?: string): Gaps {
  const rate = /^rate\((\d{1,6}) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate !== null) return gapsOfRate(Number(rate[1]), rate[2] as keyof typeof units, rate[3] === 's');
  const cron = readCron(expression);
  if (cron !== null) return gapsOfCron(cron, timeZone ?? 'UTC');
  throw new Error('must be rate(15 minutes) or cron(0 * * * ? *), as EventBridge Scheduler writes them');
}

const units = { minute, hour: 60 * minute, day };

function gapsOfRate(value: number, unit: keyof typeof units, plural: boolean): Gaps {
  if (value < 1) throw new Error('must have a rate of at least 1 minute');
  // AWS is strict about its grammar, and tells only at deploy.
  if (plural === (value === 1)) {
    throw new Error(`must be rate(${String(value)} ${unit}${value === 1 ? '' : 's'})`);
  }
  const gap = value * units[unit];
  return { shortest: gap, longest: gap };
}

/**
 * The fields choose independently of each other, so minutes, hours and dates are walked apart: a walk through every minute
 * of years would take seconds, and this is done for each stream before any command begins.
 */
function gapsOfCron(fields: CronFields, timeZone: string): Gaps {
  const times = secondsOfDay(fields);
  const dates = daysOf(fields);
  const overnight = day - (times.at(-1) ?? 0) + (times[0] ?? 0);
  const within = differences(times);
  const between = differences(dates).map((days) => (days - 1) * day + overnight);
  // A schedule that has a single moment in ten years is late only when they are over.
  const gaps = [
    ...within,
    ...between,
    ...acrossClockChanges(fields, timeZone),
    ...(within.length + between.length === 0 ? [horizonYears * 365 * day] : []),
  ];
  return {
    shortest: gaps.reduce((a, b) => Math.min(a, b)),
    longest: gaps.reduce((a, b) => Math.max(a, b)),
  };
}

/** From a fixed day on, so that the template does not depend on the day of the synth. Starts before a leap year. */
const start = new Date('2026-01-01T00:00:00Z');
const horizonYears = 10;
const end = new Date(start);
end.setUTCFullYear(start.getUTCFullYear() + horizonYears);
const noFires = 'must fire in the next ten years';
/** Enough for four years of daily fires, and more for anything rarer. */
const maxDates = 1500;

/**
 * Between the last fire before each change of the clocks and the first one after it. All other gaps are differences of local
 * times; these are shorter or longer, and much longer where a time is skipped: daily at 2:30 is two days apart that weekend.
 */
function acrossClockChanges(fields: CronFields, timeZone: string): number[] {
  const cron = cronOf(fields);
  const first = nextFireOf(cron, timeZone, start.getTime() - units.day * 1000);
  // Each of its times may be one that clocks skip.
  if (first === null || first >= end.getTime()) throw new Error(noFires);
  return clockChanges(timeZone, start.getTime(), end.getTime()).flatMap((change) => {
    const before = lastFireBefore(change, cron, timeZone);
    const after = nextFireOf(cron, timeZone, change - 1);
    return before === null || after === null ? [] : [(after - before) / 1000];
  });
}

/** @param change of the clocks: until then each local time was later than the one before */
function lastFireBefore(change: number, cron: Cron, timeZone: string): number | null {
  let local: Date | undefined = new Date(localTimeAt(change - 1000, timeZone) + 1000);
  while ((local = cron.previousRuns(1, local)[0]) !== undefined) {
    const moment = momentOf(local.getTime(), timeZone);
    if (moment !== null) return moment;
  }
  return null;
}

/** When it fires on a day, in seconds since midnight, ascending: at each of its minutes, of each of its hours. */
function secondsOfDay({ minutes, hours }: CronFields): number[] {
  const nextHour = new Date(start.getTime() + units.hour * 1000);
  const ofHour = secondsSinceStart(fires(`0 ${minutes} * * * * *`, 60, nextHour));
  const tomorrow = new Date(start.getTime() + day * 1000);
  const ofDay = secondsSinceStart(fires(`0 0 ${hours} * * * *`, 24, tomorrow));
  return ofDay.flatMap((hour) => ofHour.map((second) => hour + second));
}

function secondsSinceStart(dates: readonly Date[]): number[] {
  return dates.map((date) => (date.getTime() - start.getTime()) / 1000);
}

/** Days since the start on which it fires at all. */
function daysOf({ dayOfMonth, month, dayOfWeek, year }: CronFields): number[] {
  const dateFields = [dayOfMonth, month, dayOfWeek, year];
  const everyDay = dateFields.every((field) => field === '*' || field === '?');
  if (everyDay) return [0, 1];
  const pattern = `0 0 0 ${dateFields.join(' ')}`;
  const dates = fires(pattern, maxDates, end);
  if (dates.length === 0) throw new Error(noFires);
  return secondsSinceStart(dates).map((seconds) => seconds / day);
}

function fires(pattern: string, most: number, before: Date): Date[] {
  const cron = cronerOf(pattern);
  // Croner looks for fires after a moment; the start itself counts.
  const dates = cron.nextRuns(most, new Date(start.getTime() - 1000));
  return dates.filter((date) => date < before);
}

function differences(ascending: readonly number[]): number[] {
  return ascending.slice(1).map((value, index) => value - (ascending[index] ?? 0));
}
