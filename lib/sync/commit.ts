import { endpointOf } from '../connectors/connector.ts';
import type { Checkpoint, Claimed } from './checkpoint.ts';
import { settle } from './compare-and-swap.ts';
import type { PageReport } from './report.ts';
import { continuedBy, type Step } from './step.ts';
import { troublesOfStream } from './troubles.ts';
import type { Work } from './work.ts';

/**
 * Does what a step says, and nothing else does: stores it by compare-and-swap, raises or clears the stream's alarms, sends for
 * what comes next, and reports.
 *
 * @returns outcome `stale`, with nothing written, where the lease has been lost: the invocation that has it answers for the page
 */
export async function commit(step: Step, claimed: Claimed, work: Work): Promise<PageReport> {
  const { deps } = work;
  const { position } = claimed;
  const stored = await settle(deps.checkpoints, claimed, (current) =>
    // Where the run begins is found once, and not stored before a page of it is.
    step.change({ ...current, position }, deps.clock.now()),
  );
  const { status, requests, counts, deleted } = step;
  if (stored === undefined) return { ...lost(claimed, work), status, requests, deleted: deleted ?? 0 };
  publish(claimed, stored, work);
  const next = await carryOn(step, stored, work);
  return {
    ...report(stored, { outcome: step.outcome, reason: step.reason, next }, work),
    // The page that this was; a step that stores it moves the checkpoint on to the next one.
    ...{ run: claimed.run, sequence: claimed.sequence },
    attempt: step.next === 'redrive' ? stored.attempt : claimed.attempt,
    ...{ status, requests, ...counts },
    deleted: deleted ?? 0,
  };
}

/** Sends the message for the next page, where there is one and a message is to carry it. */
async function carryOn(
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

/** Says so at once when what the alarms watch has changed; the watchdog repeats it. */
export function publish(before: Checkpoint, after: Checkpoint, { deps, stream }: Work): void {
  // A page that is at work is not held up by its connection.
  const around = { now: deps.clock.now(), freshnessMs: stream.freshnessMs, connectionHalted: false };
  const troubles = troublesOfStream(after, around);
  if (troubles.join() !== troublesOfStream(before, around).join()) {
    deps.measurements.stream(stream.name, troubles);
  }
}

function lost(claimed: Claimed, work: Work): PageReport {
  const reason = 'the lease was lost before the page could be stored';
  return report(claimed, { outcome: 'stale', reason, next: 'none' }, work);
}

/** @param said.retryAt when the page may be tried again, epoch milliseconds; what is stored, if left out */
export function report(
  checkpoint: Checkpoint,
  said: Pick<PageReport, 'outcome' | 'reason' | 'next'> & Partial<Pick<PageReport, 'retryAt'>>,
  { stream, trigger, deps }: Work,
): PageReport {
  const { outcome, reason, next, retryAt = checkpoint.retryAt } = said;
  const wait = retryAt === null ? null : Math.max(0, retryAt - deps.clock.now());
  return {
    stream: stream.name,
    trigger,
    run: checkpoint.run,
    sequence: checkpoint.sequence,
    outcome,
    streamOutcome: checkpoint.outcome,
    endpoint: endpointOf(stream.definition),
    status: null,
    attempt: checkpoint.attempt,
    reason,
    next,
    retryAt,
    delaySeconds: wait === null ? null : Math.ceil(wait / 1000),
    requests: 0,
    records: 0,
    written: 0,
    unchanged: 0,
    deleted: 0,
  };
}
