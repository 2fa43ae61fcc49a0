/**
 * Local times of a time zone as epoch milliseconds of the same date and time in UTC: so they can be counted and compared, and
 * a cron expression can be read as though there were no time zones.
 */

const day = 86_400_000;
/** Nowhere are clocks changed and changed back within a week. */
const step = 7 * day;

const formats = new Map<string, Intl.DateTimeFormat>();
const changes = new Map<string, readonly number[]>();

/** @returns the local time, to the second, that clocks show at a moment */
export function localTimeAt(moment: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** @returns the moment at which clocks show a local time first; null for one that they skip */
export function momentOf(localTime: number, timeZone: string): number | null {
  // Clocks are changed at most once within two days: these are the differences to UTC before and after.
  const moments = [localTime - day, localTime + day]
    .map((near) => localTime - (localTimeAt(near, timeZone) - near))
    .filter((moment) => localTimeAt(moment, timeZone) === localTime);
  return moments.length === 0 ? null : Math.min(...moments);
}

/** @returns the moments between `from` and `to` at which clocks are put forward or back, ascending */
export function clockChanges(timeZone: string, from: number, to: number): readonly number[] {
  const key = `${timeZone} ${String(from)} ${String(to)}`;
  const known = changes.get(key);
  if (known !== undefined) return known;
  const found: number[] = [];
  for (let start = from; start < to; start += step) {
    const end = Math.min(to, start + step);
    if (aheadOfUtc(start, timeZone) !== aheadOfUtc(end, timeZone)) found.push(changeIn(timeZone, start, end));
  }
  changes.set(key, found);
  return found;
}

/** Halves the time between the two until it is a second. */
function changeIn(timeZone: string, from: number, to: number): number {
  const before = aheadOfUtc(from, timeZone);
  let [low, high] = [from / 1000, to / 1000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (aheadOfUtc(middle * 1000, timeZone) === before) low = middle;
    else high = middle;
  }
  return high * 1000;
}

/** @param moment a whole second */
function aheadOfUtc(moment: number, timeZone: string): number {
  return localTimeAt(moment, timeZone) - moment;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = 'numeric';
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23' },
    ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
  });
  formats.set(timeZone, format);
  return format;
}
