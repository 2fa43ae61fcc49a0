import { backoff } from '../retry/backoff.ts';
import type { Checkpoint } from './checkpoint.ts';
import { settle } from './compare-and-swap.ts';
import { faultOf } from './fault.ts';
import type { PageReport } from './report.ts';
import { deferred, exhausted } from './standstills.ts';
import { publish, report, type Work } from './work.ts';

/** Longer than for a vendor: a deployment that rolls out, or a table that is short of capacity, takes its minutes. */
const shortestWaitMs = 60_000;

/** What is known of the request, whatever became of its answer. */
export interface Asked {
  requests: 0 | 1;
  /** Of the answer, if one came. */
  status: number | null;
}

/**
 * Whatever was thrown while a page was held is what the page came to: it is tried again like any other that failed, and at the
 * cap a person hears what it was.
 *
 * @throws `error` where the function is out of time, has stored what the page came to already, or cannot store it: then it
 * ends as a crash does
 */
export async function storeFault(
  error: unknown,
  { requests, status }: Asked,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream, signal } = work;
  if (signal.aborted) throw error;
  const fault = faultOf(error);
  const reason = `${fault.name} ${whileDoing(held, requests)}`;
  const spent = held.attempt >= stream.settings.attemptCap;
  const after = await settled(held, work, (checkpoint, now) =>
    spent
      ? exhausted(checkpoint, { trouble: 'exhausted', status, reason }, now)
      : deferred(checkpoint, { retryAt: now + waitMs(held, work), status, reason }, now),
  );
  if (after === undefined) throw error;
  deps.faults.note(stream.name, fault);
  publish(work, held, after);
  const redriveAt = after.state === 'running' ? after.retryAt : null;
  return report(work, after, { outcome: 'deferred', reason, redriveAt, status, requests });
}

function whileDoing({ position }: Checkpoint, requests: 0 | 1): string {
  if (position?.kind === 'sweep') return 'while the stored records were looked through';
  return requests === 0 ? 'before the vendor was asked' : 'after the vendor was asked';
}

function waitMs({ attempt }: Checkpoint, { deps }: Work): number {
  return Math.max(shortestWaitMs, backoff(attempt, deps.random));
}

/** @returns undefined where nothing can be stored, or somebody else answers for the page */
async function settled(
  held: Checkpoint,
  { deps }: Work,
  change: (checkpoint: Checkpoint, now: number) => Checkpoint,
): Promise<Checkpoint | undefined> {
  try {
    return await settle(deps.checkpoints, held, (checkpoint) => change(checkpoint, deps.clock.now()));
  } catch {
    return undefined;
  }
}
