import { minuteMs, type VendorWindow } from './state.ts';

/** What an answer said of the vendor's window. */
export interface WindowSeen {
  readonly at: number;
  readonly remaining: number;
  /** `X-RateLimit-Reset` as written: epoch seconds of the vendor's clock. */
  readonly reset: number;
  /** The same moment on our clock. */
  readonly resetAt: number;
}

/** So long a new window goes by what the last one taught of other clients before its own figures count for more. */
const trustMs = 30_000;

/** Within a window only ever tighter: answers overtake each other, and the one that says less was not wrong. */
export function windowSeen(window: VendorWindow | null, seen: WindowSeen): VendorWindow {
  // A reset that is computed anew for each answer flickers by a second.
  if (window !== null && Math.abs(seen.reset - window.id) <= 1) {
    return {
      ...window,
      id: Math.max(window.id, seen.reset),
      resetAt: Math.max(window.resetAt, seen.resetAt),
      remaining: Math.min(window.remaining, seen.remaining),
      seenAt: Math.max(window.seenAt, seen.at),
      answers: window.answers + 1,
    };
  }
  if (window !== null && seen.reset < window.id) return window;
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
  };
}

/** Requests a minute by others: what is gone and was not ours. */
export function foreignRate({ first, seenAt, remaining, answers, foreign }: VendorWindow): number {
  const others = Math.max(0, first.remaining - remaining - answers);
  return (foreign * trustMs + others * minuteMs) / (trustMs + seenAt - first.at);
}

/**
 * How far apart calls must be so that what is left lasts until the reset, for us and for the others.
 *
 * @param limit requests a minute: a hundredth of it is left over, for what is under way unseen
 * @returns milliseconds; Infinity if nothing is left, 0 once the window is over
 */
export function windowSpacing(window: VendorWindow | null, limit: number, now: number): number {
  if (window === null || now >= window.resetAt) return 0;
  const left = window.resetAt - now;
  const underWay = Math.max(0, window.slots - window.answers);
  const others = (foreignRate(window) * (window.resetAt - window.seenAt)) / minuteMs;
  const ours = window.remaining - underWay - others - limit / 100;
  return ours < 1 ? Infinity : left / ours;
}

/** Whether the vendor still has room for one more call now, given what others have probably done since its last word. */
export function hasRoom(window: VendorWindow | null, now: number): boolean {
  if (window === null || now >= window.resetAt) return true;
  const underWay = Math.max(0, window.calls - window.answers);
  const others = (foreignRate(window) * Math.max(0, now - window.seenAt)) / minuteMs;
  return window.remaining - underWay - others >= 1;
}
