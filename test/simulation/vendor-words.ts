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
    | 'past date';
  /** What is asked for, in seconds. */
  readonly seconds: number;
  /** How far the vendor's clock is ahead, in seconds. */
  readonly skew: number;
}

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
  ] as const);
  return { form, seconds, skew: chance.whole(-86_400, 86_400) };
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
  }
}
