import { answered } from './answers.ts';
import type { Checkpoint, Claimed } from './checkpoint.ts';
import { settle } from './compare-and-swap.ts';
import { learnFields } from './learn-fields.ts';
import { followOutage } from './outages.ts';
import { publishChange } from './publish-troubles.ts';
import { report, type PageReport } from './report.ts';
import { continuedBy, type Step } from './step.ts';
import type { Work } from './work.ts';

/**
 * Does what a step says, and nothing else does: stores it by compare-and-swap, raises or clears the stream's alarms, learns from a
 * run that has ended, sends for what comes next, and reports.
 *
 * @returns outcome `stale`, with nothing written, where the lease has been lost: the invocation that has it answers for the page
 */
export async function commit(step: Step, claimed: Claimed, work: Work): Promise<PageReport> {
  const { deps } = work;
  const { position } = claimed;
  const stored = await settle(deps.checkpoints, claimed, (current) =>
    // Where the run begins is found once, and not stored before a page of it is.
    withAnswer(step, step.change({ ...current, position }, deps.clock.now()), deps.clock.now()),
  );
  const { status, requests, counts, deleted } = step;
  if (stored === undefined) return { ...lost(claimed, work), status, requests, deleted: deleted ?? 0 };
  await publishChange(claimed, stored, work);
  await learnFields(stored, claimed, work);
  const { next, retryAt } = await carryOn(step, claimed, stored, work);
  return {
    ...report(stored, { outcome: step.outcome, reason: step.reason, next, retryAt }, work),
    // The page that this was; a step that stores it moves the checkpoint on to the next one.
    ...{ run: claimed.run, sequence: claimed.sequence },
    attempt: step.next === 'redrive' ? stored.attempt : claimed.attempt,
    ...{ status, requests, ...counts },
    deleted: deleted ?? 0,
  };
}

function withAnswer({ requests, isToldLater }: Step, next: Checkpoint, now: number): Checkpoint {
  return requests === 0 ? next : { ...next, answers: answered(next.answers, isToldLater === true, now) };
}

/** How the stream goes on, and when; the streams that wait for the same vendor go on after it. */
async function carryOn(
  step: Step,
  claimed: Claimed,
  stored: Checkpoint,
  work: Work,
): Promise<Pick<PageReport, 'next' | 'retryAt'>> {
  const next = await continueRun(step, stored, work);
  const probeAt = await followOutage(step, claimed, stored, work);
  return probeAt === null ? { next, retryAt: stored.retryAt } : { next: 'redrive', retryAt: probeAt };
}

/** Sends the message for the next page, where there is one and a message is to carry it. */
async function continueRun(
  { next }: Step,
  { run, state, position, sequence, retryAt }: Checkpoint,
  { deps, stream }: Work,
): Promise<PageReport['next']> {
  if (state === 'parked') return 'parked';
  if (next === 'none' || run === null || state !== 'running') return 'none';
  if (next === 'redrive') return 'redrive';
  if (continuedBy(stream, position) === 'tick') return 'tick';
  const wait = retryAt === null ? 0 : Math.max(0, retryAt - deps.clock.now());
  await deps.queue.send({ v: 1, stream: stream.name, run, sequence }, Math.ceil(wait / 1000));
  return 'continue';
}

function lost(claimed: Claimed, work: Work): PageReport {
  const reason = 'the lease was lost before the page could be stored';
  return report(claimed, { outcome: 'stale', reason, next: 'none' }, work);
}
