import { minuteMs, type Adaptive, type GovernorState } from './state.ts';

/**
 * Additive increase over time in use, multiplicative decrease on a 429 that came without a figure. Only the vendor's
 * word or time loosens anything here.
 */

/** Of a vendor that publishes nothing and has refused nothing yet, requests a minute. */
const startRate = 300;
/** No vendor is asked more often than this unless it has said that it may be. */
export const highestUnknownRate = 1200;
const lowestRate = 1;
/** Without a 429 the start rate grows by so much of itself in each minute of use. */
const growthBeforeKnee = 0.1;

/** Idle time counts as use for so long: what was learned at night must still hold in the morning. */
const longestUseMs = 15_000;

/**
 * The rate as a part of the knee, by minutes of use since the decrease: back to just below it within one window, then
 * half an hour of rest, and only then slowly upwards to find out whether there is more.
 */
const resting = { from: 0.9, at: 0.98, afterMinutes: 1, untilMinutes: 31, growth: 0.02 };

/** @returns requests a minute @param ceiling never more than that; null while the vendor's limit is not known */
export function adaptiveRate({ knee, grownMs }: Adaptive, ceiling: number | null): number {
  const most = ceiling ?? highestUnknownRate;
  const minutes = grownMs / minuteMs;
  if (knee === null) return ceiling ?? Math.min(most, startRate * (1 + growthBeforeKnee * minutes));
  return Math.max(Math.min(most, knee * partOfKnee(minutes)), Math.min(most, lowestRate));
}

function partOfKnee(minutes: number): number {
  const { from, at, afterMinutes, untilMinutes, growth } = resting;
  if (minutes < afterMinutes) return from + ((at - from) * minutes) / afterMinutes;
  return at + growth * Math.max(0, minutes - untilMinutes);
}

/** A call is let through: time in use goes on, and so do the counts. */
export function used(state: GovernorState, now: number): Pick<GovernorState, 'adaptive' | 'counts'> {
  const passed = Math.min(Math.max(0, now - state.grantedAt), longestUseMs);
  const since = now - (now % minuteMs);
  const { counts, adaptive } = state;
  const same = since <= counts.since;
  const before = since === counts.since + minuteMs ? counts.now : 0;
  return {
    adaptive: { ...adaptive, grownMs: adaptive.grownMs + passed },
    counts: same ? { ...counts, now: counts.now + 1 } : { since, now: 1, before },
  };
}

/** Calls let through in the minute before `now`, taking the last full one as even. */
export function countedBefore({ since, now: current, before }: GovernorState['counts'], now: number): number {
  const into = (now - since) / minuteMs;
  if (into >= 2) return 0;
  return into >= 1 ? current * (2 - into) : current + before * (1 - Math.max(0, into));
}

/** A wave of 429s belongs to the same trouble as the last one if it comes so soon after the gate was opened again. */
const settleMs = 5000;
const longestStrikeMs = 32_000;

export interface Refusal {
  readonly at: number;
  /** The moment the vendor named; null if it named none. */
  readonly until: number | null;
  /** The vendor told its limit with it, so there is nothing to guess. */
  readonly figures: boolean;
}

/**
 * After a 429. Of one wave only the first counts, for the others were under way already. The next wave, right after the
 * gate was opened, doubles the pause and leaves the rate alone: a vendor that refuses everything says nothing of rates.
 *
 * @param rate requests a minute at the time
 * @returns what has been learned, and how long everybody stays away
 */
export function refusedBy(
  { adaptive, counts }: GovernorState,
  rate: number,
  { at, until, figures }: Refusal,
): { readonly adaptive: Adaptive; readonly closedUntil: number } {
  if (at < adaptive.waveUntil) return { adaptive, closedUntil: until ?? 0 };
  const again = adaptive.strikes > 0 && at < adaptive.waveUntil + Math.max(settleMs, (3 * minuteMs) / rate);
  const strikes = again ? adaptive.strikes + 1 : 1;
  const pause = Math.min(1000 * 2 ** (strikes - 1), longestStrikeMs);
  const closedUntil = until ?? at + pause;
  const wave = { strikes, waveUntil: Math.ceil(closedUntil) };
  if (again || figures) return { adaptive: { ...adaptive, ...wave }, closedUntil };
  // What got through in the last minute is what the vendor allows; at least half of the rate, for the demand may
  // have been low, or the vendor's window half used by somebody else when we came.
  const knee = Math.min(rate, Math.max(rate / 2, countedBefore(counts, at), lowestRate));
  return { adaptive: { knee, grownMs: 0, ...wave }, closedUntil };
}
