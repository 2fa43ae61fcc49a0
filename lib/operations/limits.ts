import type { LimitUse, SpanUse } from '../governor/use.ts';
import type { LimitTerms } from '../governor/state.ts';
import type { Stream } from '../sync/settings.ts';

/** Where a vendor's limit can be looked at without using any of it. */
export interface LimitStates {
  use(limitScope: string, terms: LimitTerms, now: number): Promise<LimitUse>;
}

/** How much of one limit is in use. Requests a minute; times are ISO 8601 in UTC. */
export interface LimitStatus {
  readonly limitScope: string;
  /** What the vendor or the settings say; null while neither has. */
  readonly limit: number | null;
  /** What is let through at the most. */
  readonly rate: number;
  /** Calls let through in the last minute. */
  readonly used: number;
  /** Until when nothing is let through; null if the gate is open. */
  readonly closedUntil: string | null;
  /** Its limits of other spans than a minute. */
  readonly spans: readonly SpanUse[];
}

/** Of the limits that these streams share, each once, in their order. */
export async function readLimits(
  streams: readonly Stream[],
  states: LimitStates,
  now: number,
): Promise<readonly LimitStatus[]> {
  const scopes = new Map(streams.flatMap(({ limits }) => limits).map(({ scope, terms }) => [scope, terms]));
  return Promise.all(
    [...scopes].map(async ([limitScope, terms]) => {
      const { limit, pace, calls, closedUntil, spans } = await states.use(limitScope, terms, now);
      const until = closedUntil === null ? null : new Date(closedUntil).toISOString();
      return { limitScope, limit, rate: pace, used: calls, closedUntil: until, spans };
    }),
  );
}
