import type { Windows } from '../connectors/connector.ts';

/** A step of time. All three are epoch milliseconds. */
export interface Window {
  readonly since: number;
  readonly until: number;
  /** Where the last window of the run ends. */
  readonly end: number;
}

const secondMs = 1000;
const dayMs = 86_400_000;

/**
 * The first window of a run.
 *
 * @param readUntil how far an earlier run has read, null if there is none to build on
 * @param historyFrom where the user wants the history to begin; null for the definition's own
 * @param now when the run began
 */
export function firstWindow(
  windows: Windows,
  {
    readUntil,
    historyFrom,
    now,
  }: { readonly readUntil: number | null; readonly historyFrom: number | null; readonly now: number },
): Window {
  const unit = unitOf(windows);
  // However long a stream has stood still, it goes on where it was: the length of the history is for the first run.
  const from =
    readUntil === null
      ? (historyFrom ?? now - windows.historyDays * dayMs)
      : Math.max(historyFrom ?? -Infinity, readUntil - windows.lookBackHours * 3_600_000);
  const ahead = now + (windows.aheadDays ?? 0) * dayMs;
  // A date stands for its whole day, an instant is rounded up to the second.
  const end = windows.format === 'date' ? down(ahead, unit) : Math.ceil(ahead / unit) * unit;
  return windowFrom(Math.min(down(from, unit), end), end, windows);
}

/**
 * The window after this one; null after the last. They overlap by a unit (of dates, by both of its bounds): which bounds a
 * vendor counts in is not published.
 */
export function nextWindow(window: Window, windows: Windows): Window | null {
  if (window.until >= window.end) return null;
  return windowFrom(window.until - unitOf(windows), window.end, windows);
}

/**
 * From where the next run has to request once a run that began at `began` has been through its last window. That window ends where
 * its second (or day) does, or ahead of now: what happens in the rest of it is for the next run.
 */
export function readUntil({ end }: Window, windows: Windows, began: number): number {
  const unit = unitOf(windows);
  return down(Math.min(end, began), unit) - unit;
}

/** As a request has it. */
export function boundText(at: number, { format }: Windows): string {
  const iso = new Date(at).toISOString();
  return format === 'date' ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}

function windowFrom(since: number, end: number, windows: Windows): Window {
  // Dates are counted in on both sides: from the 1st until the 31st are 31 days.
  const length = windows.format === 'date' ? (windows.days - 1) * dayMs : windows.days * dayMs;
  return { since, until: Math.min(since + length, end), end };
}

function unitOf({ format }: Windows): number {
  return format === 'date' ? dayMs : secondMs;
}

function down(at: number, unit: number): number {
  return Math.floor(at / unit) * unit;
}
