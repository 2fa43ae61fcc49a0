import { refusedBy } from './adapt.ts';
import { paceOf } from './pace.ts';
import { minuteMs, type GovernorState, type LimitTerms } from './state.ts';
import { windowSeen } from './window.ts';

/** What one answer of the vendor says of its limit. */
export interface Observation {
  /** When the answer came, epoch milliseconds. */
  readonly at: number;
  /** It was a 429. */
  readonly refused: boolean;
  /** The moment that it named, epoch milliseconds; null if it named none. */
  readonly until: number | null;
  /** `X-RateLimit-Limit`, requests in a window; null without it. */
  readonly limit: number | null;
  /** Null unless the answer has both `X-RateLimit-Remaining` and `X-RateLimit-Reset`. */
  readonly window: {
    readonly remaining: number;
    /** As written, epoch seconds. */
    readonly reset: number;
    /** The same on our clock, epoch milliseconds. */
    readonly resetAt: number;
  } | null;
}

/** True where an answer says anything that the governor can learn from. */
export function isTelling({ refused, window }: Observation): boolean {
  return refused || window !== null;
}

/** A limit counts as one for a minute if its window ends within a minute and a second. */
const windowSlackMs = 1000;

/** What is known after one more answer. */
export function learned(state: GovernorState, terms: LimitTerms, seen: Observation): GovernorState {
  const { at, until, refused, window, limit } = seen;
  const told =
    window === null
      ? state
      : {
          ...state,
          window: windowSeen(state.window, { at, ...window }),
          limit: limitTold(state, limit, window.resetAt - at),
        };
  if (!refused) return told;
  const { adaptive, closedUntil } = refusedBy(told, paceOf(told, terms).rate, { at, until });
  return { ...told, adaptive, closedUntil: Math.max(told.closedUntil, Math.ceil(closedUntil)) };
}

function limitTold({ limit }: GovernorState, told: number | null, untilReset: number): number | null {
  const ofAMinute = told !== null && told >= 1 && untilReset <= minuteMs + windowSlackMs;
  return ofAMinute ? told : limit;
}
