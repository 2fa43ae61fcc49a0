import type { Changes, TimeFormat } from '../connectors/connector.ts';

/** When rows have changed, and since when changes are requested: pure. Times are epoch milliseconds. */

const secondMs = 1000;
const dayMs = 86_400_000;
const defaultOverlapSeconds = 300;

const instant = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?( ?Z|[+-]\d\d(?::?\d\d)?)?$/i;
const shapes: Readonly<Record<TimeFormat, RegExp>> = {
  instant,
  date: /^\d{4}-\d\d-\d\d$/,
  seconds: /^\d{1,11}(?:\.\d+)?$/,
  milliseconds: /^\d{1,14}(?:\.\d+)?$/,
};

/** @param text as the row has it; null where it has none @returns null for what is no time, or one of no known zone */
export function changeTime(text: string | null, { format, zone }: Changes): number | null {
  const found = text === null ? null : shapes[format].exec(text);
  if (found === null) return null;
  const [whole] = found;
  const time = format === 'instant' ? parseInstant(whole, found[1], zone) : parsePlain(whole, format);
  return time === null || Number.isNaN(time) ? null : Math.floor(time);
}

function parsePlain(text: string, format: Exclude<TimeFormat, 'instant'>): number {
  if (format === 'date') return Date.parse(text);
  return format === 'seconds' ? Number(text) * secondMs : Number(text);
}

function parseInstant(text: string, offset: string | undefined, zone: Changes['zone']): number | null {
  if (offset === undefined && zone === undefined) return null;
  const bare = text
    .slice(0, text.length - (offset?.length ?? 0))
    .replace(' ', 'T')
    .replace(',', '.');
  const [, sign = '', hours = '', minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset ?? '') ?? [];
  return Date.parse(`${bare.toUpperCase()}${sign === '' ? 'Z' : `${sign}${hours}:${minutes}`}`);
}

/**
 * Since when the next run has to request. A unit is requested twice, of the rows and of the request: whether the vendor counts in
 * the bound, and what it has cut off of its times, is not known.
 *
 * @param known the greatest time of change that a complete run has seen
 */
export function sinceAfter(known: number, changes: Changes): number {
  const { format, sinceFormat = format, overlapSeconds = defaultOverlapSeconds } = changes;
  return known - overlapSeconds * secondMs - Math.max(unitOf(format), unitOf(sinceFormat));
}

/** As a request has it: never later than it is. */
export function sinceText(since: number, { format, sinceFormat = format }: Changes): string {
  const at = Math.max(0, since);
  const iso = new Date(at).toISOString();
  switch (sinceFormat) {
    case 'instant':
      return `${iso.slice(0, 19)}Z`;
    case 'date':
      return iso.slice(0, 10);
    case 'seconds':
      return String(Math.floor(at / secondMs));
    case 'milliseconds':
      return String(Math.floor(at));
  }
}

function unitOf(format: TimeFormat): number {
  if (format === 'date') return dayMs;
  return format === 'milliseconds' ? 1 : secondMs;
}

/**
 * The greatest of the times of change that can be built on; null without one. What has changed after the run began may have been read
 * before that, and a time that is still to come would hide all until then.
 *
 * @param began when the run did
 */
export function newestOf(times: readonly (number | null)[], began: number): number | null {
  return times.reduce<number | null>(
    (newest, at) => (at === null || at > began ? newest : later(newest, at)),
    null,
  );
}

export function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/**
 * Whether a page that is given newest first goes back to before `since`: then nothing newer lies behind it. A page that is in another
 * order, or has a row that does not say when it has changed, shows nothing.
 */
export function goesBackBehind(times: readonly (number | null)[], since: number): boolean {
  const known = times.filter((at) => at !== null);
  const isInOrder = known.every((at, index) => index === 0 || at <= (known[index - 1] ?? at));
  return known.length === times.length && isInOrder && (known.at(-1) ?? Infinity) < since;
}
