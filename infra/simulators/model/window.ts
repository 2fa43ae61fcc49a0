import type { Windows } from '../../../lib/connectors/connector.ts';
import type { Captures } from './match.ts';

const dayMs = 86_400_000;

export interface AskedWindow {
  /** Epoch milliseconds; of a date, its midnight in UTC. */
  readonly since: number;
  readonly until: number;
  /** Whether something that happened then is in it. */
  holds(at: number, bounds: { readonly since: boolean; readonly until: boolean }): boolean;
}

const formats = {
  instant: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  date: /^\d{4}-\d\d-\d\d$/,
} as const;

/** The window that was asked for, or what is wrong with it. */
export function windowOf(windows: Windows, captures: Captures, now: number): AskedWindow | string {
  const [since, until] = [String(captures['since']), String(captures['until'] ?? '')];
  for (const bound of [since, ...(captures['until'] === undefined ? [] : [until])]) {
    if (!formats[windows.format].test(bound)) return `a bound of the window was ${bound}`;
  }
  const from = Date.parse(since);
  const to = captures['until'] === undefined ? now : Date.parse(until);
  if (from > to) return `the window began at ${since} and ended at ${until}`;
  if (to - from > windows.days * dayMs) return `the window from ${since} to ${until} was too long`;
  // To the end of the second that is now.
  if (to >= now + 1000 + (windows.aheadDays ?? 0) * dayMs)
    return `the window ended at ${until}, which is yet to come`;
  const unit = windows.format === 'date' ? dayMs : 1;
  return {
    since: from,
    until: to,
    holds(at, bounds) {
      const place = Math.floor(at / unit) * unit;
      const after = bounds.since ? place >= from : place > from;
      const before = bounds.until ? place <= to : place < to;
      return after && before;
    },
  };
}

/** `2026-01-31`: so many days from then. */
export function dayOf(now: number, days = 0): string {
  return new Date(now + days * dayMs).toISOString().slice(0, 10);
}
