import { backoff, spread } from '../retry/backoff.ts';
import type { Checkpoint } from './checkpoint.ts';
import { pageOutcomeOf } from './claim.ts';
import { settle } from './compare-and-swap.ts';
import { definitionHash } from './definition-hash.ts';
import type { HaltOutcome } from './outcome.ts';
import { afterTooLong, type TooLong } from './page-size.ts';
import type { Reading } from './read-answer.ts';
import type { PageReport } from './report.ts';
import { deferred, exhausted, halted, haltedForGood } from './standstills.ts';
import type { Counts } from './transitions.ts';
import { lost, publish, report, type Work } from './work.ts';

type Transient = Extract<Reading, { kind: 'transient' }>;

/** Later, or not before the next tick where the attempts are spent, or another one would only come to the same. */
export async function tryAgain(reading: Transient, held: Checkpoint, work: Work): Promise<PageReport> {
  const { deps, stream } = work;
  const { status } = reading;
  const tooLong = reading.isTooLong === true ? afterTooLong(held, stream) : null;
  const reason = tooLong === null ? reading.reason : `${reading.reason}; ${tooLong.advice}`;
  const now = deps.clock.now();
  const own = backoff(held.attempt, deps.random);
  const named = reading.namedWait;
  const wait = named === null ? own : Math.max(own, spread(named, deps.random));
  const spent = held.attempt >= stream.settings.attemptCap || tooLong?.isTriedAgain === false;
  const after = await settle(deps.checkpoints, held, (stored) => {
    const checkpoint = withSmallerPages(stored, tooLong);
    return spent
      ? exhausted(checkpoint, { trouble: troubleOf(reading), status, reason }, now)
      : deferred(checkpoint, { retryAt: now + wait, status, reason }, now);
  });
  if (after === undefined) return { ...lost(work, held), requests: 1, status };
  publish(work, held, after);
  const redriveAt = after.state === 'running' ? after.retryAt : null;
  return report(work, after, { outcome: 'deferred', reason, redriveAt, status, requests: 1 });
}

function withSmallerPages(checkpoint: Checkpoint, tooLong: TooLong | null): Checkpoint {
  const { progress } = checkpoint;
  if (progress === null || tooLong?.smaller === undefined) return checkpoint;
  return { ...checkpoint, progress: { ...progress, smaller: tooLong.smaller } };
}

function troubleOf(reading: Transient): 'exhausted' | 'malformed' {
  return reading.failure === 'malformed' ? 'malformed' : 'exhausted';
}

/**
 * Not before it has been mended.
 *
 * @property isDeadEnd once it has, the run could not go on where it stands @property counts of rows that were stored all the same
 */
export async function halt(
  outcome: HaltOutcome,
  found: {
    readonly status: number | null;
    readonly reason: string;
    readonly isDeadEnd?: boolean;
    readonly counts?: Counts;
  },
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream } = work;
  const { status, reason, isDeadEnd = false, counts } = found;
  const definition = definitionHash(stream);
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    (isDeadEnd ? haltedForGood : halted)(
      checkpoint,
      { outcome, definition, status, reason },
      deps.clock.now(),
    ),
  );
  if (after === undefined) return { ...lost(work, held), requests: 1, status };
  publish(work, held, after);
  return report(work, after, {
    outcome: pageOutcomeOf(outcome),
    reason,
    status,
    attempt: held.attempt,
    requests: 1,
    ...(counts && { counts }),
  });
}
