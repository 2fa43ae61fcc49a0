import { adaptiveRate } from './adapt.ts';
import { minuteMs, type GovernorState, type LimitTerms, type Meter, type SpanLimit } from './state.ts';
import type { WindowSize } from './window.ts';

/** What GCRA goes by. */
export interface Steps {
  /** Between two slots, in milliseconds. */
  readonly spacing: number;
  /** How far the plan may run ahead, in milliseconds: slots at once after a pause. */
  readonly planAhead: number;
  /** The same for calls really let through; more, so that a page that comes late for a slot still finds it. */
  readonly spendAhead: number;
}

/** Of a limit that is known so much is ours: other clients, and what is under way, have the rest. */
export const governorShare = 0.8;

export interface Pace extends Steps {
  /** Requests a minute at the vendor; null while it is not known. */
  readonly limit: number | null;
  /** Requests a minute that are let through. */
  readonly rate: number;
  /** The vendor's windows as they are taken to be: in one of them `rate` and its share of the limit must find room. */
  readonly window: WindowSize;
}

/** Messages wait in whole seconds and take their time: so late a slot must still be worth something. */
const usualDelayMs = 2500;
/** But in a short window, no later than this part of it: half of what the share of the limit leaves. */
const latePart = (1 / governorShare - 1) / 2;

/** Any minute has at most `rate` + burst calls; where the limit is known, that is less than the limit. */
export function paceOf(state: GovernorState, terms: LimitTerms): Pace {
  const limit = limitOf(state, terms);
  const ceiling = limit === null ? fastest(terms) : limit * governorShare;
  const rate = adaptiveRate(state.adaptive, ceiling);
  const refusedBefore = state.adaptive.knee !== null && rate < (ceiling ?? Infinity);
  const ms = state.span.ms ?? minuteMs;
  const [plan, spend] = bursts(rate, roomIn(state, limit, rate), refusedBefore, ms / minuteMs);
  return {
    limit,
    rate,
    ...stepsOf(minuteMs / rate, plan, spend, ms),
    window: { limit: ((limit ?? rate) * ms) / minuteMs, ms },
  };
}

/** Where only limits of seconds are known: no faster than they allow. What is longer leaves room to be quick for a while. */
function fastest({ spans = [] }: LimitTerms): number | null {
  const rates = spans
    .filter(({ ms }) => ms < minuteMs)
    .map(({ requests, ms }) => (requests * governorShare * minuteMs) / ms);
  return rates.length === 0 ? null : Math.min(...rates);
}

/** How a limit of another span than a minute is kept: by its share, and by the same part of its head-room at once. */
export function stepsOfSpan({ requests, ms }: SpanLimit): Steps {
  const [plan, spend] = burstsIn(requests * (1 - governorShare));
  return stepsOf(ms / (requests * governorShare), plan, spend, ms);
}

function stepsOf(spacing: number, plan: number, spend: number, ms: number): Steps {
  return {
    spacing,
    planAhead: (plan - 1) * spacing,
    spendAhead: Math.max((spend - 1) * spacing, Math.min(spacing, usualDelayMs, ms * latePart)),
  };
}

/** Of a limit that has not been used yet. */
export function meterOf(meters: readonly Meter[], { ms }: SpanLimit): Meter {
  const unused = { ms, planned: 0, spent: 0, counts: { since: 0, calls: [0] } };
  return meters.find((meter) => meter.ms === ms) ?? unused;
}

/** Calls that a window has room for beside the pace; null while no limit is known. */
function roomIn({ limit: said, span }: GovernorState, limit: number | null, rate: number): number | null {
  if (limit === null) return null;
  const ofAMinute = limit - rate;
  return said === null || span.ms === null
    ? ofAMinute
    : Math.min(ofAMinute, ((said - rate) * span.ms) / minuteMs);
}

/** The vendor's own word counts for more than its documentation, and the user's choice is never exceeded. */
function limitOf({ limit }: GovernorState, { published, chosen }: LimitTerms): number | null {
  if (chosen !== null) return Math.min(chosen, limit ?? chosen);
  return limit ?? published;
}

/** @param minutes of a window */
function bursts(
  rate: number,
  room: number | null,
  refusedBefore: boolean,
  minutes: number,
): readonly [number, number] {
  // Near the knee there is hardly any room for a burst.
  if (refusedBefore) return [some(rate * minutes * 0.01), some(rate * minutes * 0.02 + 1)];
  if (room === null) return [some(rate * 0.4), some(rate * 0.5)];
  return burstsIn(room);
}

function burstsIn(room: number): readonly [number, number] {
  return [some(room * 0.4), some(room * 0.8)];
}

function some(calls: number): number {
  return Math.max(1, Math.floor(calls));
}
