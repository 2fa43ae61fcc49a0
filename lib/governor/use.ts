import { countedBefore } from './adapt.ts';
import { meterOf, paceOf } from './pace.ts';
import { minuteMs, type GovernorState, type LimitTerms } from './state.ts';

/** How a limit stands, for people to read. Times are epoch milliseconds. */
export interface LimitUse {
  /** Calls let through in the last minute, whole; counted by spans of ten seconds, so a little uncertain. */
  readonly calls: number;
  /** Calls a minute that are let through at present, at the most. */
  readonly pace: number;
  /** Requests a minute at the vendor; null while it is not known. */
  readonly limit: number | null;
  /** Who said so; null while it is not known. */
  readonly saidBy: 'settings' | 'vendor' | 'documentation' | null;
  /** Until then nothing is let through, by the vendor's own word or after 429s; null if the gate is open. */
  readonly closedUntil: number | null;
  /** What the vendor said was left of its current window; null if it said nothing, or that window is over. */
  readonly window: { readonly remaining: number; readonly resetAt: number } | null;
  /** The limits of other spans than a minute: how many calls were let through in the last one, counted by its sixths. */
  readonly spans: readonly SpanUse[];
}

export interface SpanUse {
  readonly requests: number;
  /** How long the span is, in milliseconds. */
  readonly ms: number;
  readonly calls: number;
}

export function limitUse(state: GovernorState, terms: LimitTerms, now: number): LimitUse {
  const { rate, limit } = paceOf(state, terms);
  const { window, closedUntil } = state;
  return {
    calls: Math.round(countedBefore(state.counts, now, minuteMs)),
    pace: Math.round(rate),
    limit: limit === null ? null : Math.round(limit),
    saidBy: whoSaid(state, terms, limit),
    closedUntil: closedUntil > now ? closedUntil : null,
    window:
      window === null || window.resetAt <= now
        ? null
        : { remaining: window.remaining, resetAt: window.resetAt },
    spans: (terms.spans ?? []).map(({ requests, ms }) => ({
      ...{ requests, ms },
      calls: Math.round(countedBefore(meterOf(state.meters, { requests, ms }).counts, now, ms)),
    })),
  };
}

function whoSaid(state: GovernorState, { chosen }: LimitTerms, limit: number | null): LimitUse['saidBy'] {
  if (limit === null) return null;
  if (limit === chosen) return 'settings';
  return limit === state.limit ? 'vendor' : 'documentation';
}
