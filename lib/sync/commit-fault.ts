import { backoff } from '../retry/backoff.ts';
import type { Claimed } from './checkpoint.ts';
import { commit } from './commit.ts';
import { faultOf } from './fault.ts';
import type { PageReport } from './report.ts';
import { failed } from './transitions/standstill.ts';
import type { Step } from './step.ts';
import type { Work } from './work.ts';

/** Longer than for a vendor: a deployment that rolls out, or a table that is short of capacity, takes its minutes. */
const minWaitMs = 60_000;

/** What is known of the request, with or without an answer. */
export interface Asked {
  requests: 0 | 1;
  /** Of the answer, if one came. */
  status: number | null;
}

/**
 * An error that is thrown while a page is claimed is what the page came to: it is tried again like any other that failed, and at the
 * cap a person hears what it was.
 *
 * @throws `error` where the function is out of time, has stored what the page came to already, or cannot store it: then it
 * ends as a crash does
 */
export async function commitFault(
  error: unknown,
  asked: Asked,
  claimed: Claimed,
  work: Work,
): Promise<PageReport> {
  const { deps, stream, signal } = work;
  if (signal.aborted) throw error;
  const fault = faultOf(error);
  const reason = `${fault.name} ${whileDoing(claimed, asked.requests)}`;
  const done = await committed(stepOf(reason, asked, claimed, work), claimed, work);
  if (done === null) throw error;
  deps.faults.note(stream.name, fault);
  return done;
}

function stepOf(reason: string, { status, requests }: Asked, claimed: Claimed, { deps, stream }: Work): Step {
  const { attempt: tried } = claimed;
  const { attemptCap } = stream.settings;
  const isSpent = tried >= attemptCap;
  const waitMs = Math.max(minWaitMs, backoff(Math.min(tried, attemptCap), deps.random));
  const last = { tried, isSpent, trouble: 'exhausted', status, reason } as const;
  return {
    change: (checkpoint, now) => failed(checkpoint, { ...last, retryAt: now + waitMs }, now),
    ...{ outcome: 'deferred', reason, status, requests, next: 'redrive' },
  };
}

function whileDoing({ position }: Claimed, requests: 0 | 1): string {
  if (position?.kind === 'sweep') return 'while the stored records were looked through';
  return requests === 0 ? 'before the vendor was called' : 'after the vendor was called';
}

/** @returns null where nothing can be stored, or another invocation answers for the page */
async function committed(step: Step, claimed: Claimed, work: Work): Promise<PageReport | null> {
  try {
    const report = await commit(step, claimed, work);
    return report.outcome === 'stale' ? null : report;
  } catch {
    return null;
  }
}
