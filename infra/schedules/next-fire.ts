import type { Cron } from 'croner';

import { cronOf, readCron } from './aws-cron.ts';
import { localTimeAt, momentOf } from './local-time.ts';

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
  const fields = readCron(expression);
  return fields === null ? null : nextFireOf(cronOf(fields), timeZone, after);
}

/**
 * As EventBridge Scheduler does it: a local time that clocks skip does not fire that day, and one that they show twice fires
 * once, the first time. Croner itself fires at the end of the skipped hour, or in both of the repeated ones, by the kind of
 * expression; so it is given local times only. Source: EventBridge Scheduler user guide, "Daylight savings time".
 */
export function nextFireOf(cron: Cron, timeZone: string, after: number): number | null {
  let local: Date | null = new Date(localTimeAt(after, timeZone));
  while ((local = cron.nextRun(local)) !== null) {
    const moment = momentOf(local.getTime(), timeZone);
    if (moment !== null && moment > after) return moment;
  }
  return null;
}
