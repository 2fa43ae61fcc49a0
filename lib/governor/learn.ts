import { refusedBy } from './adapt.ts';
import { paceOf } from './pace.ts';
import {
  minuteMs,
  newGovernorState,
  type GovernorState,
  type LimitTerms,
  type VendorWindow,
  type WindowSpan,
} from './state.ts';
import { spanLearned } from './span.ts';
import { isNearer, windowSeen, type WindowSeen } from './window.ts';

/** What one answer of the vendor says of its limit. */
export interface Observation {
  /** When the answer came, epoch milliseconds. */
  readonly at: number;
  /** It was a 429. */
  readonly refused: boolean;
  /** The moment that it named, epoch milliseconds; null if it named none. */
  readonly until: number | null;
  /** Requests in a window; null if it was not said. */
  readonly limit: number | null;
  /** How long a window is, in milliseconds, where the vendor's policy says so. */
  readonly windowMs: number | null;
  /** Null unless the answer says both what remains and until when. */
  readonly window: {
    readonly remaining: number;
    /** As written, epoch seconds of the vendor's clock. */
    readonly reset: number;
    /** The same on our clock, epoch milliseconds. */
    readonly resetAt: number;
  } | null;
}

/** True where an answer says anything that the governor can learn from. */
export function isTelling({ refused, window }: Observation): boolean {
  return refused || window !== null;
}

/**
 * What is known after one more answer. An answer that would leave anything but numbers behind has said nothing: from then
 * on no permit could be decided by them any more, nor could they be stored.
 */
export function learned(state: GovernorState, terms: LimitTerms, seen: Observation): GovernorState {
  return [afterAnswer(state, terms, seen), state].find(isSound) ?? newGovernorState();
}

/** All its numbers are some. */
function isSound(part: unknown): boolean {
  if (typeof part === 'number') return Number.isFinite(part);
  return typeof part !== 'object' || part === null || Object.values(part).every(isSound);
}

function afterAnswer(state: GovernorState, terms: LimitTerms, seen: Observation): GovernorState {
  const { at, until, refused } = seen;
  const known = windowLearned(state, seen);
  if (!refused) return known;
  const { adaptive, closedUntil } = refusedBy(known, paceOf(known, terms).rate, { at, until });
  return { ...known, adaptive, closedUntil: Math.max(known.closedUntil, Math.ceil(closedUntil)) };
}

function windowLearned(
  before: GovernorState,
  { at, window: said, limit, windowMs, refused }: Observation,
): GovernorState {
  if (said === null) return before;
  const seen = { at, limit, windowMs, ...said };
  const state = before.window !== null && isNearer(before.window, seen) ? takenBack(before, seen) : before;
  const window = windowSeen(before.window, seen);
  // Who is refused may be kept out for longer than a window.
  const span = refused ? state.span : spanLearned(state.span, seen);
  const isOpen = state.limit === null && isBeingMeasured(span, window, at);
  return { ...state, window, span, limit: isOpen ? null : limitLearned(state.limit, seen, window, span) };
}

/**
 * What followed from a reset that is not true any more: slots that lie behind the nearer one, and what the window's length
 * seemed to be. What was really let through stays counted.
 */
function takenBack(state: GovernorState, { at, resetAt }: WindowSeen): GovernorState {
  const span = { ms: state.span.ms, longestMs: 0, measured: null };
  if (state.lastSlot <= resetAt) return { ...state, span };
  return { ...state, span, planned: Math.min(state.planned, at), lastSlot: at };
}

/** So near is the end of each short window, and of a minute in its last seconds: which it is, is soon known. */
const nearMs = 5000;

/** For so long a limit is none of a minute: streams would queue for minutes at a pace that is wrong in a moment. */
function isBeingMeasured(
  { ms, measured }: WindowSpan,
  { first, resetAt }: VendorWindow,
  at: number,
): boolean {
  if (ms !== null || measured === null || resetAt - first.at > nearMs) return false;
  return measured.passed > 0 || at - measured.from.at < nearMs;
}

/** A limit counts as one for a minute, or less, if its window ends within a minute and a second. */
const windowSlackMs = 1000;

/** @returns requests a minute */
function limitLearned(
  before: number | null,
  { limit: said, windowMs }: WindowSeen,
  { first, resetAt, isRolling }: VendorWindow,
  { ms, longestMs }: WindowSpan,
): number | null {
  const calls = said ?? 0;
  if (calls < 1) return before;
  // A longer window is spread until its reset; one that looks back has no end.
  if (isRolling) return (calls * minuteMs) / (ms ?? Math.max(minuteMs, longestMs));
  const isLong = (windowMs ?? 0) > minuteMs || resetAt - first.at > minuteMs + windowSlackMs;
  return isLong ? before : (calls * minuteMs) / (ms ?? minuteMs);
}
