import { countedBefore } from '../governor/adapt.ts';
import { paceOf } from '../governor/pace.ts';
import type { GovernorState } from '../governor/state.ts';
import type { Stream } from '../sync/settings.ts';

/** Where the state of a vendor's limit can be looked at without using any of it. */
export interface LimitStates {
  state(limitScope: string): Promise<GovernorState>;
}

/** How much of one limit is in use. Requests a minute; times are ISO 8601 in UTC. */
export interface LimitStatus {
  readonly limitScope: string;
  /** What the vendor or the settings say; null while nobody has. */
  readonly limit: number | null;
  /** What is let through. */
  readonly rate: number;
  /** Calls let through in the last minute. */
  readonly used: number;
  /** Until when the vendor wants no call; null if it does not say so. */
  readonly closedUntil: string | null;
}

/** Of the limits that these streams share, each once, in their order. */
export async function readLimits(
  streams: readonly Stream[],
  states: LimitStates,
  now: number,
): Promise<readonly LimitStatus[]> {
  const scopes = new Map(streams.map(({ limitScope, limit }) => [limitScope, limit]));
  return Promise.all(
    [...scopes].map(async ([limitScope, terms]) => {
      const state = await states.state(limitScope);
      const { limit, rate } = paceOf(state, terms);
      return {
        limitScope,
        limit,
        rate: Math.round(rate),
        used: Math.round(countedBefore(state.counts, now)),
        closedUntil: state.closedUntil > now ? new Date(state.closedUntil).toISOString() : null,
      };
    }),
  );
}
