import type { Chance } from './chance.ts';

/**
 * How a vendor says "not before": in headers, some of them odd. What it means is written here a second time, from what
 * the vendors' pages and RFC 9110 say, and not taken from the code that is under test.
 */
export interface Word {
  readonly form:
    | 'nothing'
    | 'seconds'
    | 'date'
    | 'date by a clock of its own'
    | 'reset'
    | 'both'
    | 'negative'
    | 'absurd'
    | 'unreadable'
    | 'past date'
    | OtherForm;
  /** What is asked for, in seconds. */
  readonly seconds: number;
  /** How far the vendor's clock is ahead, in seconds. */
  readonly skew: number;
  /** With which a limit is met: some have another one than 429, and `Retry-After` beside it. */
  readonly status: 429 | 403 | 400 | 422 | 420;
}

/** Those that no RFC has, or an older one, or a draft; all of them have been seen at some vendor. */
const otherForms = [
  'in quotes',
  'with a unit',
  'twice',
  'two dates',
  'ISO 8601',
  'RFC 850',
  'asctime',
  'by offset',
  'epoch',
  'epoch in ms',
  'reset in ms',
  'reset in seconds from now',
  'reset as a date',
  'reset after',
  'reset with another dash',
  'the IETF draft',
  'its older form',
] as const;
type OtherForm = (typeof otherForms)[number];

export function drawWord(chance: Chance): Word {
  const drawn = chance.next();
  // A few waits are longer than a message can be held back; none of them is longer than a week.
  const seconds = drawn < 0.06 ? chance.scaled(30_000, 90_000) : drawn < 0.15 ? 0 : chance.scaled(1, 900);
  const form = chance.pick([
    'nothing',
    'nothing',
    'seconds',
    'seconds',
    'seconds',
    'date',
    'date by a clock of its own',
    'date by a clock of its own',
    'reset',
    'reset',
    'both',
    'negative',
    'absurd',
    'unreadable',
    'past date',
    ...otherForms,
  ] as const);
  const skew = chance.whole(-86_400, 86_400);
  const status = chance.happens(0.2) ? chance.pick([403, 400, 422, 420] as const) : 429;
  const isBare = !('retry-after' in say({ form, seconds, skew, status }, 0).headers);
  return { form, seconds, skew, status: isBare ? 429 : status };
}

export interface Said {
  readonly headers: Readonly<Record<string, string>>;
  /** No call before this, epoch milliseconds; null if nothing that can be believed was said. */
  readonly until: number | null;
}

/** @param now when the answer is given, epoch milliseconds */
export function say({ form, seconds, skew }: Word, now: number): Said {
  const second = Math.floor(now / 1000) * 1000;
  const wait = seconds * 1000;
  const date = (time: number): string => new Date(time).toUTCString();
  switch (form) {
    case 'nothing':
      return { headers: {}, until: null };
    case 'seconds':
      return { headers: { 'retry-after': String(seconds), date: date(second) }, until: now + wait };
    case 'date':
      return { headers: { 'retry-after': date(second + wait) }, until: second + wait };
    case 'date by a clock of its own': {
      const there = second + skew * 1000;
      return { headers: { date: date(there), 'retry-after': date(there + wait) }, until: now + wait };
    }
    case 'reset': {
      const there = second + skew * 1000;
      const reset = String((there + wait) / 1000);
      return {
        headers: { date: date(there), 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
        until: now + wait,
      };
    }
    case 'both': {
      const reset = String((second + 2 * wait) / 1000);
      const headers = {
        'retry-after': String(seconds),
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': reset,
      };
      return { headers, until: Math.max(now + wait, second + 2 * wait) };
    }
    case 'negative':
      return { headers: { 'retry-after': `-${seconds + 1}` }, until: null };
    case 'absurd':
      return { headers: { 'retry-after': String(700_000 + seconds) }, until: null };
    case 'unreadable':
      return { headers: { 'retry-after': 'in a moment', 'x-ratelimit-reset': 'soon' }, until: null };
    case 'past date':
      return { headers: { 'retry-after': date(second - 1000 - wait), date: date(second) }, until: null };
    default:
      return sayOtherwise(form, seconds, skew, now);
  }
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function sayOtherwise(form: OtherForm, seconds: number, skew: number, now: number): Said {
  const wait = seconds * 1000;
  const there = Math.floor(now / 1000) * 1000 + skew * 1000;
  const then = new Date(there + wait);
  const usual = then.toUTCString();
  const [, day = '', month = '', year = '', time = ''] = usual.split(' ');
  /** Its clock is another one than ours, so it says what it shows. */
  const dated = (headers: Readonly<Record<string, string>>): Said => ({
    headers: { date: new Date(there).toUTCString(), ...headers },
    until: now + wait,
  });
  switch (form) {
    case 'in quotes':
      return dated({ 'retry-after': `"${seconds}"` });
    case 'with a unit':
      return dated({ 'retry-after': `${seconds}s` });
    case 'twice':
      return dated({ 'retry-after': `${seconds}, ${seconds}` });
    case 'two dates':
      return dated({ 'retry-after': `${new Date(there).toUTCString()}, ${usual}` });
    case 'ISO 8601':
      return dated({ 'retry-after': then.toISOString() });
    case 'RFC 850':
      return dated({
        'retry-after': `${days[then.getUTCDay()] ?? ''}, ${day}-${month}-${year.slice(2)} ${time} GMT`,
      });
    case 'asctime':
      return dated({
        'retry-after': `${usual.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`,
      });
    case 'by offset':
      return dated({ 'retry-after': usual.replace('GMT', '+0000') });
    case 'epoch':
      return dated({ 'retry-after': String(then.getTime() / 1000) });
    case 'epoch in ms':
      return dated({ 'retry-after': String(then.getTime()) });
    case 'reset in ms':
      return dated({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(then.getTime()) });
    case 'reset in seconds from now':
      return dated({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(seconds) });
    case 'reset as a date':
      return dated({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': usual });
    case 'reset after':
      return dated({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': `${seconds}.0` });
    case 'reset with another dash':
      return dated({ 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(then.getTime() / 1000) });
    case 'the IETF draft':
      return dated({
        ratelimit: `"all";r=9;t=90000, "this";r=0;t=${seconds}`,
        'ratelimit-policy': '"this";q=50;w=60',
      });
    case 'its older form':
      return dated({ ratelimit: `limit=50, remaining=0, reset=${seconds}` });
  }
}
