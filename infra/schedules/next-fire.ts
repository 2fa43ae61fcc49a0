import { cronerOf, readCron } from './aws-cron.ts';

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** @returns the period of `rate(5 minutes)` in milliseconds, or null for another kind of expression. */
export function periodOf(expression: string): number | null {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const factor = unitMs[unit ?? ''];
  return factor === undefined ? null : Number(count) * factor;
}

export interface FireTimes {
  /** As EventBridge Scheduler writes it: `rate(…)` or `cron(…)`. */
  readonly expression: string;
  /** IANA name, for cron. */
  readonly timeZone: string;
}

/**
 * @param after epoch milliseconds.
 * @param anchor what a rate counts from, epoch milliseconds.
 * @returns the first moment later than `after`, epoch milliseconds; null if there is none any more
 */
export function nextFire({ expression, timeZone }: FireTimes, after: number, anchor: number): number | null {
  const period = periodOf(expression);
  if (period !== null) return anchor + (Math.floor((after - anchor) / period) + 1) * period;
  const cron = readCron(expression);
  if (cron === null) return null;
  const { minutes, hours, dayOfMonth, month, dayOfWeek, year } = cron;
  const pattern = `0 ${minutes} ${hours} ${dayOfMonth} ${month} ${dayOfWeek} ${year}`;
  return cronerOf(pattern, { timeZone }).nextRun(new Date(after))?.getTime() ?? null;
}
