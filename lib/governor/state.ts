/**
 * What is known of one limit scope, and what is stored of it: all that share a vendor's limit decide from the same
 * state. Times are epoch milliseconds.
 */
export interface GovernorState {
  /** No permit before it: the vendor's own word. */
  readonly closedUntil: number;
  /** The plan, a GCRA's theoretical arrival time: every slot up to here has been given out, used or not. */
  readonly planned: number;
  /** The slot that was given out last; slots are given out in order. */
  readonly lastSlot: number;
  /** The same as `planned`, of the calls that were really let through: what no late comer can get around. */
  readonly spent: number;
  /** When a call was last let through. */
  readonly grantedAt: number;
  readonly counts: Counts;
  readonly adaptive: Adaptive;
  /** Requests a minute, as the vendor said with an answer; null if it never did. */
  readonly limit: number | null;
  /** The vendor's current window, as its answers said; null if it never did. */
  readonly window: VendorWindow | null;
  readonly span: WindowSpan;
  /** Of the limits of other spans than a minute that are known beforehand; one that has not been used yet may be left out. */
  readonly meters: readonly Meter[];
}

/** One limit's plan, what was spent of it, and the calls let through, counted by sixths of its span. */
export interface Meter {
  /** The limit's span. */
  readonly ms: number;
  readonly planned: number;
  readonly spent: number;
  readonly counts: Counts;
}

/** Calls let through, by sixths of a span of time: the one that began at `since`, and the six before it, newest first. */
export interface Counts {
  readonly since: number;
  readonly calls: readonly number[];
}

/** What 429s have taught. */
export interface Adaptive {
  /** Requests a minute at which the vendor began to refuse; null if it never has. */
  readonly knee: number | null;
  /** Time in use since the last decrease, in milliseconds: what the rate grows with. Idle time hardly counts. */
  readonly grownMs: number;
  /** Waves of 429s in a row, and the calls that were let through since the last one began. */
  readonly strikes: number;
  readonly calls: number;
  /** A call that is refused before this belongs to the last wave. */
  readonly waveUntil: number;
}

/** One window of `X-RateLimit-*`: so much is left until then. */
export interface VendorWindow {
  /** `X-RateLimit-Reset` as the vendor wrote it, epoch seconds of its own clock. */
  readonly id: number;
  /** The same moment on our clock. */
  readonly resetAt: number;
  /** The smallest number that was seen in this window. */
  readonly remaining: number;
  readonly first: { readonly at: number; readonly remaining: number };
  /** When the last answer of this window came. */
  readonly seenAt: number;
  /** Since the first answer: the others that came, the calls that were let through, and the slots given out. */
  readonly answers: number;
  readonly calls: number;
  readonly slots: number;
  /** Requests a minute by clients that are not ours, as far as was known when the window began. */
  readonly foreign: number;
  /** It began with most of the last one's calls counted still: the vendor looks back from each call. */
  readonly isRolling: boolean;
}

/** How long the vendor's windows are, as its resets have shown: see span.ts. */
export interface WindowSpan {
  /** Milliseconds; null while nothing has shown that they are shorter than a minute. */
  readonly ms: number | null;
  /** The longest time until a reset that the vendor ever named, in milliseconds. */
  readonly longestMs: number;
  /** What is being measured; null before the first answer with a window. */
  readonly measured: MeasuredWindows | null;
}

/** Windows of which one after the other is seen to pass. */
export interface MeasuredWindows {
  /** The answer that the first of them began with: when it came, and its reset in epoch seconds of the vendor's clock. */
  readonly from: { readonly at: number; readonly reset: number };
  /** So many have certainly passed since. */
  readonly passed: number;
  /** The reset that the last of them came with, as written and on our clock. */
  readonly reset: number;
  readonly resetAt: number;
  /** Since the answer that named it: calls that were let through, and answers that came. */
  readonly calls: number;
  readonly answers: number;
}

/** What is known of a limit before any answer. Requests a minute. */
export interface LimitTerms {
  /** The vendor's published figure; null if there is none. */
  readonly published: number | null;
  /** The user's own: taken for the vendor's, and never exceeded even if the vendor allows more. */
  readonly chosen: number | null;
  /** Limits of other spans than a minute, of the vendor's or the user's: all of them hold. Absent where there are none. */
  readonly spans?: readonly SpanLimit[];
}

export interface SpanLimit {
  readonly requests: number;
  /** In any span so long, in milliseconds. */
  readonly ms: number;
}

export const minuteMs = 60_000;

export function newGovernorState(): GovernorState {
  return {
    closedUntil: 0,
    planned: 0,
    lastSlot: 0,
    spent: 0,
    grantedAt: 0,
    counts: { since: 0, calls: [0] },
    adaptive: { knee: null, grownMs: 0, strikes: 0, calls: 0, waveUntil: 0 },
    limit: null,
    window: null,
    span: { ms: null, longestMs: 0, measured: null },
    meters: [],
  };
}
