import { backoff, spread } from '../retry/backoff.ts';
import type { Checkpoint } from './checkpoint.ts';
import { pageOutcomeOf } from './claim.ts';
import { settle } from './compare-and-swap.ts';
import { definitionHash } from './definition-hash.ts';
import type { HaltOutcome } from './outcome.ts';
import type { Reading } from './read-answer.ts';
import type { PageReport } from './report.ts';
import { deferred, exhausted, halted, haltedForGood } from './standstills.ts';
import type { Counts } from './transitions.ts';
import { lost, publish, report, type Work } from './work.ts';

/** Later, or not before the next tick where the attempts are spent. */
export async function tryAgain(
  reading: Extract<Reading, { kind: 'transient' }>,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream } = work;
  const { status, reason } = reading;
  const now = deps.clock.now();
  const own = backoff(held.attempt, deps.random);
  const named = reading.namedWait;
  const wait = named === null ? own : Math.max(own, spread(named, deps.random));
  const spent = held.attempt >= stream.settings.attemptCap;
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    spent
      ? exhausted(checkpoint, { trouble: troubleOf(reading), status, reason }, now)
      : deferred(checkpoint, { retryAt: now + wait, status, reason }, now),
  );
  if (after === undefined) return { ...lost(work, held), requests: 1, status };
  publish(work, held, after);
  const redriveAt = after.state === 'running' ? after.retryAt : null;
  return report(work, after, { outcome: 'deferred', reason, redriveAt, status, requests: 1 });
}

function troubleOf(reading: Extract<Reading, { kind: 'transient' }>): 'exhausted' | 'malformed' {
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
