import { minuteMs, type Adaptive, type Counts, type GovernorState } from './state.ts';

/**
 * Additive increase over time in use, multiplicative decrease on a 429. Only the vendor's word or time loosens anything
 * here.
 */

/** Of a vendor that publishes nothing and has refused nothing yet, requests a minute. */
const startRate = 300;
/** No vendor is called more often than this unless it has said that it may be. */
export const maxUnknownRate = 1200;
const minRate = 1;
/** Less than this part of the pace in the last minute shows nothing of what the vendor would allow. */
const lowDemand = 0.25;
/** Without a 429 the start rate grows by so much of itself in each minute of use. */
const growthBeforeKnee = 0.1;

/** Idle time counts as use for so long: what was learned at night must still hold in the morning. */
const maxUseMs = 15_000;

/**
 * The rate as a part of the knee, by minutes of use since the decrease: back to just below it within one minute, then
 * half an hour of rest, and only then slowly upwards to find out whether there is more.
 */
const resting = { from: 0.9, at: 0.98, untilMinutes: 31, growth: 0.02 };

/** @returns requests a minute @param ceiling never more than that; null while the vendor's limit is not known */
export function adaptiveRate({ knee, grownMs }: Adaptive, ceiling: number | null): number {
  const max = ceiling ?? maxUnknownRate;
  const minutes = grownMs / minuteMs;
  if (knee === null) return ceiling ?? Math.min(max, startRate * (1 + growthBeforeKnee * minutes));
  return Math.max(Math.min(max, knee * partOfKnee(minutes)), Math.min(max, minRate));
}

function partOfKnee(minutes: number): number {
  const { from, at, untilMinutes, growth } = resting;
  return from + (at - from) * Math.min(1, minutes) + growth * Math.max(0, minutes - untilMinutes);
}

/** A call is let through: time in use goes on, and so do the counts. */
export function used(state: GovernorState, now: number): Pick<GovernorState, 'adaptive' | 'counts'> {
  const idle = state.grantedAt === 0 ? 0 : Math.max(0, now - state.grantedAt);
  const passed = Math.min(idle, maxUseMs);
  const { counts, adaptive } = state;
  return {
    adaptive: { ...adaptive, grownMs: adaptive.grownMs + passed, calls: adaptive.calls + 1 },
    counts: counted(counts, now, minuteMs),
  };
}

const partsInASpan = 6;

/** @param ms how long the span is that is counted by its sixths */
export function counted({ since, calls }: Counts, now: number, ms: number): Counts {
  const partMs = ms / partsInASpan;
  const parts = Math.min(Math.max(0, Math.floor((now - since) / partMs)), partsInASpan + 1);
  const [current = 0, ...before] = [...Array<number>(parts).fill(0), ...calls];
  return {
    since: parts === 0 ? since : now - (now % partMs),
    calls: [current + 1, ...before].slice(0, partsInASpan + 1),
  };
}

/** Calls let through in the span of `ms` before `now`. */
export function countedBefore({ since, calls }: Counts, now: number, ms: number): number {
  const partMs = ms / partsInASpan;
  return calls.reduce((total, inPart, index) => {
    const beganBefore = now - since + index * partMs;
    const within = Math.min(1, Math.max(0, (ms + partMs - beganBefore) / partMs));
    return total + inPart * within;
  }, 0);
}

/**
 * How long all pages stay away from a vendor that names no time, by waves in a row. All of them together are a minute,
 * which is what limits are counted in, so that the tries of one page last beyond it.
 */
const pausesMs = [1000, 4000, 12_000, 36_000];
/** After a wave the next one belongs to the same trouble if hardly more calls went out than one wave has. */
const waveMs = 2000;
const troubleMs = 2 * minuteMs;

/** What one wave takes away at most, and less from a rate that has stood the test of some minutes. */
const deepestCut = 0.7;
const provenCut = 0.97;
const provenAfterMs = 3 * minuteMs;

export interface Refusal {
  readonly at: number;
  /** The moment the vendor named; null if it named none. */
  readonly until: number | null;
}

/**
 * After a 429. Of one wave only the first counts, for the others were under way already. The next wave, right after the
 * gate was opened, lengthens the pause and leaves the rate alone: a vendor that refuses everything says nothing of rates.
 *
 * @param rate requests a minute at the time
 * @returns what has been learned, and how long all pages stay away
 */
export function refusedBy(
  { adaptive, counts }: GovernorState,
  rate: number,
  { at, until }: Refusal,
): { readonly adaptive: Adaptive; readonly closedUntil: number } {
  if (at < adaptive.waveUntil) return { adaptive, closedUntil: until ?? 0 };
  const inOneWave = 1 + (rate * waveMs) / minuteMs;
  const again = adaptive.strikes > 0 && adaptive.calls <= inOneWave && at < adaptive.waveUntil + troubleMs;
  const strikes = again ? adaptive.strikes + 1 : 1;
  const pause = pausesMs[Math.min(strikes, pausesMs.length) - 1] ?? 0;
  // Once it was not true, the vendor's word is only the minimum.
  const closedUntil = again || until === null ? Math.max(until ?? 0, at + pause) : until;
  const wave = { strikes, calls: 0, waveUntil: Math.ceil(closedUntil) };
  if (again) return { adaptive: { ...adaptive, ...wave }, closedUntil };
  const through = countedBefore(counts, at, minuteMs);
  // With few requests, the pace was not to blame: another client had used the vendor's window up. All pages wait.
  if (through < rate * lowDemand) return { adaptive: { ...adaptive, ...wave }, closedUntil };
  // What got through in the last minute is what the vendor allows.
  const min = rate * (adaptive.grownMs > provenAfterMs ? provenCut : deepestCut);
  const knee = Math.max(Math.min(rate, Math.max(min, through)), minRate);
  return { adaptive: { knee, grownMs: 0, ...wave }, closedUntil };
}
