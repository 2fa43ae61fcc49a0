/**
 * How long a wait is, in the forms in which vendors write it: RFC 9110 has whole seconds and three kinds of date, and what
 * comes beside those are other units, epochs, ISO 8601 and what programming languages print by themselves. Only the whole of
 * a text is understood, and only where one reading is plainly meant.
 */

export interface TimeSaid {
  /** From the answer on, in milliseconds; negative for a moment that has passed. */
  readonly wait: number;
  /** The moment by the vendor's own clock, epoch milliseconds; null for a wait that counts from the answer. */
  readonly at: number | null;
}

/** Longer than any form that is known: nothing that costs more than a look at its length. */
export const maxText = 200;

/** When an answer came, epoch milliseconds. */
export interface Answered {
  /** By its own `Date`; by our clock where it has none. */
  readonly there: number;
  /** By our clock. */
  readonly here: number;
}

/** @param numberMs what a bare number counts @returns null if it cannot be understood */
export function parseTime(text: string, answered: Answered, numberMs = 1000): TimeSaid | null {
  if (text.length > maxText) return null;
  const bare = unquoted(text);
  if (/^\d+(\.\d+)?$/.test(bare)) return ofNumber(Number(bare), answered, numberMs);
  const wait = parseDuration(bare);
  if (wait !== null) return { wait, at: null };
  const at = parseDate(bare);
  return at === null ? null : ofMoment(at, answered);
}

/** Longer than this is taken for a mistake: no limit of either vendor is counted in weeks. */
export const absurdMs = 7 * 24 * 3600 * 1000;
/** A moment that has passed by less had just come: it was rounded, or the answer took its time. */
export const justPassedMs = 60_000;

/**
 * Moments are compared with the answer's own clock, so that a skew between the vendor's and ours cancels out. Where that
 * gives no wait, for the moment has passed or is absurdly far away, and our clock gives one, then the vendor's `Date`
 * and the moment do not go together: calling too early is worse than too late. But a moment that has just passed by the
 * vendor's clock has come; it would be a long wait only by a clock that is wrong in both.
 */
function ofMoment(at: number, { there, here }: Answered): TimeSaid {
  const [theirs, ours] = [at - there, at - here];
  const hasJustPassed = Math.abs(theirs) <= justPassedMs && ours > justPassedMs;
  const isOurs = !isWait(theirs) && isWait(ours) && !hasJustPassed;
  return { wait: isOurs ? ours : theirs, at };
}

/** Whether a wait can be believed. */
export function isWait(ms: number): boolean {
  return ms >= 0 && ms <= absurdMs;
}

function unquoted(text: string): string {
  return text
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim();
}

/** From here on a number is a moment: seconds since 1970 have ten digits, and 10^9 s of waiting are 31 years. */
const firstEpoch = 1e9;
/** From these on the moment is in nanoseconds, microseconds and milliseconds; before the last in seconds. */
const epochUnits = [
  { from: 1e17, perMs: 1_000_000 },
  { from: 1e14, perMs: 1000 },
  { from: 1e11, perMs: 1 },
];

function ofNumber(value: number, answered: Answered, numberMs: number): TimeSaid {
  if (value < firstEpoch) return { wait: Math.ceil(value * numberMs), at: null };
  const perMs = epochUnits.find(({ from }) => value >= from)?.perMs ?? 0.001;
  return ofMoment(Math.ceil(value / perMs), answered);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Each begins where the last one ended, so that no digit is looked at from the ones before it. */
const part =
  /(\d+(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)\s*/giy;

/** `30s`, `500 ms`, `1m30s` (Go), `2 minutes`; `PT1M30S` (ISO 8601); `00:01:30` (.NET). */
function parseDuration(text: string): number | null {
  const clock = /^(\d+):([0-5]\d):([0-5]\d(?:\.\d+)?)$/.exec(text);
  if (clock !== null) {
    const [hours, minutes, seconds] = clock.slice(1).map(Number);
    return Math.ceil((((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000);
  }
  const parts = text.replace(/^P(\d+D)?T?(?=\d)/i, '$1');
  const found = [...parts.matchAll(part)];
  if (parts === '' || found.map(([whole]) => whole).join('') !== parts) return null;
  const ms = found.map(([, count, name]) => Number(count) * msOf(String(name).toLowerCase()));
  return Math.ceil(ms.reduce((sum, one) => sum + one, 0));
}

function msOf(name: string): number {
  return unitMs[name.startsWith('mil') ? 'ms' : name] ?? unitMs[name.charAt(0)] ?? NaN;
}

const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const time = String.raw`\d{2}:\d{2}:\d{2}`;
const zone = String.raw`(?:GMT|UTC|UT|Z|(?:GMT|UTC)?[+-]\d{2}:?\d{2})`;
const dates = [
  // RFC 9110, 5.6.7, and RFC 5322 from which it comes.
  String.raw`(?:${day},? )?\d{1,2} ${month} \d{4} ${time} ?${zone}`,
  String.raw`${day}[a-z]*, \d{2}-${month}-\d{2,4} ${time} ?${zone}`,
  // asctime, also as `date` prints it; and as JavaScript prints a Date.
  String.raw`${day} ${month} [ \d]\d ${time}(?: ${zone})? \d{4}`,
  String.raw`${day} ${month} \d{2} \d{4} ${time} ${zone}(?: \([A-Za-z ]+\))?`,
  String.raw`\d{4}-\d{2}-\d{2}[T ]${time}(?:\.\d+)? ?${zone}?`,
].map((form) => new RegExp(`^${form}$`, 'i'));
const zoned = new RegExp(String.raw`${time}(?:\.\d+)? ?${zone}`, 'i');

/**
 * A date without a zone is one of UTC, as asctime is in RFC 9110. `Date.parse` takes much else ("3", "-1", "June"), so the
 * shape is looked at first.
 *
 * @returns epoch milliseconds; null if it is no date
 */
export function parseDate(value: string | undefined): number | null {
  if (value === undefined || value.length > maxText) return null;
  const text = value.trim();
  if (!dates.some((form) => form.test(text))) return null;
  const moment = Date.parse(zoned.test(text) ? text : `${text.replace(/(\d)T/i, '$1 ')} GMT`);
  return Number.isNaN(moment) ? null : moment;
}
