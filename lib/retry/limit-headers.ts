import { maxText, parseDate, parseTime, type Answered, type TimeSaid } from './time-forms.ts';

/**
 * The one place that knows in which headers vendors speak of their limits: `Retry-After` and its likes; `X-RateLimit-*`
 * with and without the second dash, one set for all or one for each kind of limit; and the IETF draft
 * (draft-ietf-httpapi-ratelimit-headers) as it is now and as its older versions were.
 */

/** Names in lower case. One that came more than once has its values joined by commas. */
export type Headers = Readonly<Record<string, string>>;

/** What one set of headers, or one item of the draft's, says of one limit. */
export interface LimitSaid {
  /** Requests in a window. */
  readonly limit: number | null;
  readonly remaining: number | null;
  /** When the window ends: each time that could be read. */
  readonly resets: readonly TimeSaid[];
  /** How long a window is, in milliseconds. */
  readonly windowMs: number | null;
}

export interface LimitHeaders {
  readonly limits: readonly LimitSaid[];
  /** It asks to come again later, with a time that can be understood or without. */
  readonly hasRetryAfter: boolean;
  readonly retryAfter: readonly TimeSaid[];
  /** One of those that ought to name a time names none that can be understood. */
  readonly isUnreadable: boolean;
}

/** Longer than any list that is known: one that costs no more than a look at its length, and is there, but not read. */
const maxValue = 500;
const tooLong = 'too long';

const waitName = /^(?:x-)?(?:ms-|rate-?limit-)?retry-after(-ms)?$/;
const resetName = /^((?:x-)?rate-?limit)-reset(?:-?(?:after|at|time|epoch|seconds)|(-ms))?(-[\w-]+)?$/;
const countName = /^((?:x-)?rate-?limit)-(limit|remaining)(-[\w-]+)?$/;
const policyName = /^(?:x-)?rate-?limit-policy$/;
const draftName = /^(?:x-)?rate-?limit$/;

/** @param receivedAt when the answer arrived, epoch milliseconds */
export function readLimitHeaders(headers: Headers, receivedAt: number): LimitHeaders {
  const answered = { there: parseDate(headers['date']) ?? receivedAt, here: receivedAt };
  const found = Object.entries(headers)
    .map(([name, value]) => [name, value.length > maxValue ? tooLong : value] as const)
    .filter(([, value]) => value.trim() !== '');
  const waits = found.flatMap(([name, value]) => {
    const match = waitName.exec(name);
    return match === null ? [] : timesIn(value, answered, match[1]);
  });
  const resets = found.flatMap(([name, value]) => {
    const match = resetName.exec(name);
    return match === null ? [] : [{ set: setIn(match), times: timesIn(value, answered, match[2]) }];
  });
  const counts = found.flatMap(([name, value]) => {
    const match = countName.exec(name);
    return match === null ? [] : [{ set: setIn(match), what: match[2], entries: splitList(value) }];
  });
  const policies = found.flatMap(([name, value]) =>
    policyName.test(name) ? splitList(value).map(itemOf) : [],
  );
  const drafts = found.flatMap(([name, value]) => (draftName.test(name) ? draftItems(value) : []));

  const sets = [...new Set([...counts, ...resets].map(({ set }) => set))].map((set) => {
    const entriesOf = (wanted: string): readonly string[] =>
      counts.flatMap((count) => (count.set === set && count.what === wanted ? count.entries : []));
    const times = resets.flatMap((reset) => (reset.set === set ? reset.times : []));
    return {
      name: null,
      ...limitIn(entriesOf('limit')),
      remaining: leastOf(entriesOf('remaining')),
      resets: times.filter((time) => time !== null),
    };
  });
  const said = [...sets, ...drafts.map((item) => saidBy(item, answered))];
  const times = [...waits, ...resets.flatMap((reset) => reset.times)];
  return {
    limits: said.map((one) => withPolicy(one, policies)),
    hasRetryAfter: waits.length > 0,
    retryAfter: waits.filter((time) => time !== null),
    isUnreadable: times.includes(null),
  };
}

/** What the names of one set have in common: before what they say, and behind it. */
function setIn(match: RegExpExecArray): string {
  return [match[1], match[3]].join();
}

/** @param unit of a bare number, where the name has one: milliseconds */
function timesIn(value: string, answered: Answered, unit: string | undefined): readonly (TimeSaid | null)[] {
  const numberMs = unit === undefined ? 1000 : 1;
  // `1,000` may be a list, and may be a thousand: the longest reading is the one that counts.
  const read = [value, ...withoutThousands(value)].flatMap(splitList);
  return read.map((text) => parseTime(text, answered, numberMs));
}

/** Empty where no comma may be one between thousands. */
function withoutThousands(value: string): readonly string[] {
  const joined = value.replace(/(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)/g, (number) => number.replaceAll(',', ''));
  return joined === value ? [] : [joined];
}

/** Of the draft's policies and of what proxies have joined; more than this is not read. */
const maxEntries = 20;

/** Quotes, the day of a date with the comma behind it, and everything else that is no comma. */
const entry = /(?:"[^"]*"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,|[^,])+/gi;

/** By commas, but for those in quotes and behind the day of a date. */
function splitList(value: string): readonly string[] {
  return (value.match(entry) ?? [value]).slice(0, maxEntries);
}

/** An item of the draft's lists: a name or a number, and its parameters. */
interface Item {
  readonly name: string;
  readonly params: Readonly<Record<string, number>>;
}

/** Looked for at the beginning of each word alone. */
const param = /(?<![a-z])([a-z]+)\s*=\s*"?(\d{1,15}(?:\.\d+)?)(?![\w.-])/gi;

function itemOf(text: string): Item {
  if (text.length > maxText) return { name: '', params: {} };
  const params = [...text.matchAll(param)];
  return {
    name: text.replace(/;.*/, '').trim(),
    params: Object.fromEntries(params.map(([, name, count]) => [String(name).toLowerCase(), Number(count)])),
  };
}

/** `"default";r=50;t=30`, one item for each limit; before that it was `limit=100, remaining=50, reset=30`, one for all. */
function draftItems(value: string): readonly Item[] {
  const whole = itemOf(value);
  return 'remaining' in whole.params || 'reset' in whole.params ? [whole] : splitList(value).map(itemOf);
}

interface Named extends LimitSaid {
  /** By which the draft's policies differ. */
  readonly name: string | null;
}

function saidBy({ name, params }: Item, answered: Answered): Named {
  const reset = params['t'] ?? params['reset'];
  const time = reset === undefined ? null : parseTime(String(reset), answered);
  return {
    name,
    limit: params['limit'] ?? null,
    remaining: params['r'] ?? params['remaining'] ?? null,
    resets: time === null ? [] : [time],
    windowMs: null,
  };
}

/** `"default";q=100;w=60`, and before that `100;w=60`. */
function withPolicy({ name, ...said }: Named, policies: readonly Item[]): LimitSaid {
  const policy =
    policies.length === 1 ? policies[0] : policies.find((one) => one.name === (name ?? String(said.limit)));
  if (policy === undefined) return said;
  const { q, w } = policy.params;
  return {
    ...said,
    limit: said.limit ?? q ?? leastOf([policy.name]),
    windowMs: said.windowMs ?? windowIn(w),
  };
}

/** `100`, and with policies behind it `100, 100;w=60`. */
function limitIn(entries: readonly string[]): Pick<LimitSaid, 'limit' | 'windowMs'> {
  const items = entries.map(itemOf);
  const window = items.find((item) => item.params['w'] !== undefined)?.params['w'];
  return { limit: leastOf(items.slice(0, 1).map(({ name }) => name)), windowMs: windowIn(window) };
}

/** In seconds. No vendor counts in less than a second, nor in more than a month. */
const believedWindow = { min: 1, max: 31 * 24 * 3600 };

/** @returns milliseconds; null for what cannot be meant */
function windowIn(seconds: number | undefined): number | null {
  if (seconds === undefined || seconds < believedWindow.min || seconds > believedWindow.max) return null;
  return seconds * 1000;
}

/** The smallest of whole numbers, where it came more than once; null where one of them is none, or none came. */
function leastOf(texts: readonly string[]): number | null {
  const least = Math.min(...texts.map(wholeNumber));
  return Number.isFinite(least) ? least : null;
}

/** Rounded down; NaN if it is no number, or one beyond all counting. */
function wholeNumber(value: string): number {
  const text = value.trim();
  return /^\d{1,15}(?:\.\d+)?$/.test(text) ? Math.floor(Number(text)) : NaN;
}
