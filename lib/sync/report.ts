import { endpointOf } from '../connectors/connector.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { PageOutcome, StreamOutcome } from './outcome.ts';
import type { Work } from './work.ts';

/**
 * What one invocation did: the one line that it logs, whole. Machines read it too (the local runner counts by it), so a
 * change of a name here is a change of format. Holds no field of a record and nothing of the secret.
 */
export interface PageReport {
  readonly stream: string;
  readonly trigger: 'tick' | 'message';
  readonly run: string | null;
  readonly sequence: number;
  readonly outcome: PageOutcome;
  /** What the checkpoint says of the stream now; null if it has none yet. */
  readonly streamOutcome: StreamOutcome | null;
  /** Method and path template. */
  readonly endpoint: string;
  /** Of the vendor's answer; null without one. */
  readonly status: number | null;
  readonly attempt: number;
  readonly reason: string | null;
  /**
   * How the stream goes on: `continue` by a message for the next page, `redrive` by a message that waits, `parked` by the
   * watchdog, `tick` by the next tick, `none` not at all or by another invocation.
   */
  readonly next: 'continue' | 'redrive' | 'parked' | 'tick' | 'none';
  /** When the page may be tried (again), epoch milliseconds. */
  readonly retryAt: number | null;
  /** From now until `retryAt`, whole seconds. */
  readonly delaySeconds: number | null;
  /** Requests sent to the vendor; none where a part of the records was looked through for what has gone. */
  readonly requests: 0 | 1;
  /** Records of this page, and what became of them. */
  readonly records: number;
  readonly written: number;
  readonly unchanged: number;
  /** Records that became tombstones. */
  readonly deleted: number;
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
