import { minuteMs, type GovernorState, type VendorWindow } from './state.ts';

/** Requests in a window, and how long one is. */
export interface WindowSize {
  readonly limit: number;
  /** Milliseconds. */
  readonly ms: number;
}

/** What an answer said of the vendor's window. */
export interface WindowSeen {
  readonly at: number;
  readonly remaining: number;
  /** `X-RateLimit-Reset` as written: epoch seconds of the vendor's clock. */
  readonly reset: number;
  /** The same moment on our clock. */
  readonly resetAt: number;
  /** Requests in a window; null if it was not said. */
  readonly limit: number | null;
  /** How long it is, in milliseconds, where the vendor's policy says so. */
  readonly windowMs: number | null;
}

/** So long a new window goes by what the last one taught of other clients before its own figures count for more. */
const trustMs = 30_000;

/** Within a window only ever tighter: answers overtake each other, and the one that says less was not wrong. */
export function windowSeen(window: VendorWindow | null, seen: WindowSeen): VendorWindow {
  if (window !== null && isSameWindow(window, seen)) {
    return {
      ...window,
      id: Math.max(window.id, seen.reset),
      resetAt: Math.max(window.resetAt, seen.resetAt),
      remaining: Math.min(window.remaining, seen.remaining),
      seenAt: Math.max(window.seenAt, seen.at),
      answers: window.answers + 1,
    };
  }
  if (window !== null && seen.reset < window.id && !isNearer(window, seen)) return window;
  return {
    id: seen.reset,
    resetAt: seen.resetAt,
    remaining: seen.remaining,
    first: { at: seen.at, remaining: seen.remaining },
    seenAt: seen.at,
    answers: 0,
    calls: 0,
    slots: 0,
    foreign: window === null ? 0 : foreignRate(window),
    isRolling: window !== null && isStillCounted(window, seen),
  };
}

/**
 * A limit of so many requests in hours, which an answer has named and none in the two such windows since: it may have been said by
 * mistake, and would hold all that share it for ever.
 */
export function withoutOldWord(state: GovernorState, now: number): GovernorState {
  const { window, span } = state;
  if (window === null || span.longestMs <= 2 * minuteMs) return state;
  if (now - window.seenAt <= 2 * span.longestMs) return state;
  return { ...state, limit: null, window: null, span: { ms: null, longestMs: 0, measured: null } };
}

/** Answers overtake each other by less than this, and resets are rounded by less. */
const lateMs = 2000;

/**
 * Whether an answer takes back how far away a reset was said to be, by mistake or because the vendor counts otherwise: one
 * whose reset is so much nearer that no overtaking explains it, or, in a minute, that came later; and that is not of the
 * window before, which ended when this one began.
 */
export function isNearer(window: VendorWindow, seen: WindowSeen): boolean {
  if (seen.reset >= window.id - 1 || seen.resetAt <= window.first.at + lateMs) return false;
  if (seen.resetAt < window.resetAt - minuteMs) return true;
  // In a longer window that looks back, each answer names the end of another call: a little nearer says nothing.
  return seen.at >= window.seenAt + lateMs && window.resetAt - window.first.at <= minuteMs;
}

function isStillCounted({ remaining }: VendorWindow, seen: WindowSeen): boolean {
  return seen.limit !== null && seen.limit - seen.remaining > (seen.limit - remaining) / 2 + fewCalls;
}

/** They may have been made since a reset. */
const fewCalls = 5;

function isSameWindow(window: VendorWindow, seen: WindowSeen): boolean {
  // A reset that is computed anew for each answer flickers by a second.
  if (Math.abs(seen.reset - window.id) > 1) return false;
  return seen.reset <= window.id || !hasBegunAnew(window, seen);
}

/** Less is used up than this window's own answers have used: it is another window, however close the resets are. */
function hasBegunAnew(window: VendorWindow, { limit, remaining }: WindowSeen): boolean {
  if (limit === null) return false;
  // Of those under way some may be counted though their answers are still to come: answers overtake each other.
  return limit - remaining + underWay(window) < window.answers + 3;
}

/** Calls that are not answered yet, the one of the answer that has just come among them. */
export function underWay({ calls, answers }: VendorWindow): number {
  return Math.max(1, calls - answers);
}

/** Requests a minute by others: what is gone and was not ours. */
export function foreignRate({ first, seenAt, remaining, answers, foreign }: VendorWindow): number {
  const others = Math.max(0, first.remaining - remaining - answers);
  return (foreign * trustMs + others * minuteMs) / (trustMs + seenAt - first.at);
}

/** In a window shorter than this, what the last answers said is old: they took a good part of it to come. */
const minTrackedMs = 5000;

/**
 * How far apart calls must be so that what is left lasts until the reset, for us and for the others.
 *
 * @param size a hundredth of it is left over, for what is under way unseen
 * @returns milliseconds; Infinity if nothing is left, 0 once the window is over
 */
export function windowSpacing(window: VendorWindow | null, size: WindowSize, now: number): number {
  if (window === null || now >= window.resetAt || size.ms < minTrackedMs) return 0;
  const left = window.resetAt - now;
  const taken = Math.max(0, window.slots - window.answers);
  const others = (foreignRate(window) * (window.resetAt - window.seenAt)) / minuteMs;
  const ours = window.remaining - taken - others - size.limit / 100;
  return ours < 1 ? Infinity : left / ours;
}

/** Whether the vendor still has room for one more call now, given what others have probably done since its last word. */
export function hasRoom(window: VendorWindow | null, { ms }: WindowSize, now: number): boolean {
  if (window === null || now >= window.resetAt || ms < minTrackedMs) return true;
  const taken = Math.max(0, window.calls - window.answers);
  const others = (foreignRate(window) * Math.max(0, now - window.seenAt)) / minuteMs;
  return window.remaining - taken - others >= 1;
}
