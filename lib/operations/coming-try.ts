import type { Breaker } from '../sync/breaker.ts';
import type { Checkpoint } from '../sync/checkpoint.ts';
import { resumedByPerson } from '../sync/transitions/person.ts';
import { waitsForKey } from '../sync/watch.ts';
import type { TickSource } from './words.ts';

/** What is to be tried again, and has not been yet: every view says the same of it. Times are epoch milliseconds. */
export type ComingTry =
  /** A person has resumed it. @property by null where nothing carries it until something is started */
  | { readonly kind: 'resumed'; readonly at: number; readonly by: number | null }
  /** It was halted for its connection's key, which another page tries, or which has got through since. */
  | { readonly kind: 'key'; readonly isGood: boolean };

/** A message is there within seconds; so long a cold start and a busy queue may take. */
const byMessageMs = 60_000;
/** So often the watchdog comes by. */
const byWatchdogMs = 5 * 60_000;

/** Pure. @returns null where nothing is coming, or it should have come already */
export function comingTry(
  checkpoint: Checkpoint,
  breaker: Pick<Breaker, 'state'>,
  { now, watched }: { readonly now: number } & Pick<TickSource, 'watched'>,
): ComingTry | null {
  // No page calls before the connection is resumed, or has another key.
  if (breaker.state === 'open') return null;
  if (waitsForKey(checkpoint)) return { kind: 'key', isGood: breaker.state === 'closed' };
  const { state, lease, attempt, reason, outcomeAt: at } = checkpoint;
  const isTried = (lease !== null && lease.until > now) || attempt > 0;
  if (reason !== resumedByPerson || isTried || at === null) return null;
  switch (state) {
    case 'running':
      return at + byMessageMs < now ? null : { kind: 'resumed', at, by: at + byMessageMs };
    case 'parked':
      if (!watched) return { kind: 'resumed', at, by: null };
      return at + byWatchdogMs < now ? null : { kind: 'resumed', at, by: at + byWatchdogMs };
    default:
      return null;
  }
}

/** `resumed 14:54 UTC, tries by 14:55` */
export function comingInWords(coming: ComingTry, { tick }: Pick<TickSource, 'tick'>): string {
  if (coming.kind === 'resumed') {
    const { at, by } = coming;
    return `resumed ${clock(at)} UTC, ${by === null ? `goes on with ${tick}` : `tries by ${clock(by)}`}`;
  }
  return coming.isGood
    ? 'its key has got through, and it goes on by itself within five minutes'
    : 'another page tries its key, and it follows if that gets through';
}

function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}
