import type { PageOutcome, StreamOutcome } from './outcome.ts';

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
   * watchdog, `tick` by the next tick, `none` not at all or by somebody else.
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
