import { minuteMs, type MeasuredWindows, type WindowSpan } from './state.ts';
import type { WindowSeen } from './window.ts';

/**
 * How long the vendor's windows are, learned from its resets. Until they have shown less a window is taken for a minute,
 * which is what most limits are counted in; a longer one of any length is spread until its reset.
 *
 * Where an answer counts no more calls than have been let through since an earlier one, the vendor has forgotten what it
 * counted then: a whole window has passed. If the windows follow each other, their resets lie so far apart at least; if
 * the vendor looks back from each call, the answers do. So a window is no longer than the greater of the two, and no
 * shorter than the time until a reset. Other clients only make the vendor count more, which hides that a window has passed.
 */

/** Resets in whole seconds are wrong by a second once, and not with each of so many windows. */
const windowsMeasured = 4;
/** A reset is rounded up to whole seconds, and the moment of the answer down. */
const roundingMs = 2000;

/** What is known of the length after one more answer that was no 429. */
export function spanLearned(span: WindowSpan, seen: WindowSeen): WindowSpan {
  const longestMs = Math.max(span.longestMs, seen.resetAt - seen.at);
  return { ...shortestLearned(span, seen), longestMs };
}

function shortestLearned(
  { ms, measured }: WindowSpan,
  seen: WindowSeen,
): Pick<WindowSpan, 'ms' | 'measured'> {
  // What a policy says of less cannot be meant, and a limit of no time at all would be one without end.
  const byPolicy = seen.windowMs ?? 0;
  if (byPolicy >= minMs) return { ms: belowAMinute(byPolicy), measured: null };
  const min = seen.resetAt - seen.at - roundingMs;
  if (ms !== null && min > ms) return { ms: belowAMinute(min), measured: measuredFrom(seen) };
  if (measured === null) return { ms, measured: measuredFrom(seen) };
  const next = { ...measured, answers: measured.answers + 1 };
  if (!hasPassed(next, seen)) return { ms, measured: next };
  const passed = next.passed + 1;
  const { from } = measured;
  if (passed < windowsMeasured) return { ms, measured: { ...measuredFrom(seen), from, passed } };
  const together = Math.max(seen.at - from.at, (seen.reset - from.reset) * 1000);
  const max = rounded(Math.max(together / passed, min));
  return { ms: belowAMinute(Math.min(ms ?? Infinity, max)), measured: measuredFrom(seen) };
}

/** No vendor counts in less than a second, nor in 9.7 s. */
export const minMs = 1000;
const roundLengths = [1, 2, 3, 4, 5, 6, 10, 15, 20, 30, 60].map((seconds) => seconds * 1000);
const unroundPart = 0.1;

function rounded(ms: number): number {
  const near = roundLengths.find((length) => Math.abs(ms - length) <= length * unroundPart);
  return near ?? Math.max(ms, minMs);
}

function measuredFrom({ at, reset, resetAt }: WindowSeen): MeasuredWindows {
  return { from: { at, reset }, passed: 0, reset, resetAt, calls: 0, answers: 0 };
}

function hasPassed({ reset, resetAt, calls, answers }: MeasuredWindows, seen: WindowSeen): boolean {
  if (seen.limit === null || seen.reset <= reset || seen.at < resetAt - roundingMs) return false;
  // Of those let through some may be on their way to the vendor still.
  return seen.limit - seen.remaining <= Math.min(calls, answers);
}

function belowAMinute(ms: number): number | null {
  return ms < minuteMs ? ms : null;
}
