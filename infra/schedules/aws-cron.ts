import { Cron } from 'croner';

/** The fields of `cron(minutes hours day-of-month month day-of-week year)`, as croner takes them. */
export interface CronFields {
  readonly minutes: string;
  readonly hours: string;
  readonly dayOfMonth: string;
  readonly month: string;
  readonly dayOfWeek: string;
  readonly year: string;
}

/**
 * Reads a cron expression of EventBridge Scheduler. Source: EventBridge Scheduler user guide, "Schedule types".
 * @returns null if it is another kind of expression
 * @throws Error with the half of a sentence that follows the name of the setting
 */
export function readCron(expression: string): CronFields | null {
  const cron = /^cron\((.*)\)$/.exec(expression);
  if (cron?.[1] === undefined) return null;
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year, ...more] = cron[1].trim().split(/\s+/);
  if (year === undefined || more.length > 0) {
    throw new Error('must have six fields in cron(): minutes, hours, day of month, month, day of week, year');
  }
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new Error('must have a ? as day of month or as day of week, and not as both');
  }
  return {
    minutes: stepped(minutes, 59),
    hours: stepped(hours, 23),
    dayOfMonth: stepped(dayOfMonth, 31),
    month: stepped(month, 12),
    dayOfWeek: lastWeekday(stepped(dayOfWeek, 7)),
    year: stepped(year, 2199),
  };
}

/** @throws Error as `readCron` does */
export function cronOf({ minutes, hours, dayOfMonth, month, dayOfWeek, year }: CronFields): Cron {
  return cronerOf(`0 ${minutes} ${hours} ${dayOfMonth} ${month} ${dayOfWeek} ${year}`);
}

/**
 * @param pattern seven fields, from seconds to years.
 * @returns when it fires, in UTC. @throws Error as `readCron` does
 */
export function cronerOf(pattern: string): Cron {
  try {
    return new Cron(pattern, {
      utcOffset: 0,
      mode: '7-part',
      // AWS counts the days of the week from 1, Sunday, as Quartz does.
      alternativeWeekdays: true,
      paused: true,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    throw new Error(`must be a cron expression that can be read (${reason})`, { cause: error });
  }
}

/** AWS's `7/15` begins at 7 and goes on to the end of the field; croner wants the range spelt out. */
function stepped(field: string | undefined, max: number): string {
  return (field ?? '').replace(/(^|,)(\d+)\/(\d+)/g, `$1$2-${String(max)}/$3`);
}

/** A lone `L` as day of the week is AWS's Saturday. */
function lastWeekday(field: string): string {
  return field === 'L' ? '7' : field;
}
