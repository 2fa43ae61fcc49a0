import type { LineCounts } from '../changes/run-in-log.ts';
import type { CheckpointState } from '../sync/checkpoint.ts';
import type { StreamOutcome } from '../sync/outcome.ts';
import type { FieldChange } from '../sync/schema.ts';

/** What is told to whoever listens: events on EventBridge's default bus. They hold no field of a record. */

export const eventSource = 'pagekeeper';

interface Common {
  /** The same whenever the same thing is told again: for who must act once. */
  readonly id: string;
  readonly deployment: string;
  /** `mobaro/users` */
  readonly stream: string;
  /** When it happened, ISO 8601 in UTC. */
  readonly at: string;
}

export interface RunEnded extends Common {
  readonly run: string;
  readonly outcome: StreamOutcome;
  /** In words, scrubbed of personal data; null where there is nothing to be said. */
  readonly reason: string | null;
  /** It was given every row, as far as can be known: what did not come has gone. */
  readonly whole: boolean;
  readonly startedAt: string;
  /** From its beginning to its end, waits among it. */
  readonly durationSeconds: number;
  readonly pages: number;
  /** Records that it was given. */
  readonly records: number;
  /** Of them, those that were new or had changed; and those that had not. */
  readonly written: number;
  readonly unchanged: number;
  /** Records that it found gone. */
  readonly deleted: number;
  /** Where its lines are in the change log; null where it has none, or there is no log. */
  readonly log: RunInLog | null;
}

/** The lines of one run: all that were published at or after `from` and before `to`. */
export interface RunInLog {
  readonly from: string;
  readonly to: string;
  readonly counts: LineCounts;
  /** As many as the run has counted are there; if not, some come later, and are found by `changes --since`. */
  readonly complete: boolean;
}

export interface StreamStateChanged extends Common {
  readonly from: CheckpointState;
  readonly to: CheckpointState;
  readonly outcome: StreamOutcome | null;
  readonly reason: string | null;
}

export interface RecordsChanged extends Common {
  readonly counts: LineCounts;
  /** Of the object in the bucket of the change log that holds the lines; null where there is none. */
  readonly key: string | null;
}

export interface SchemaChanged extends Common {
  /** That has shown it. */
  readonly run: string;
  readonly changes: readonly FieldChange[];
  /** Changes that are not named, for there are too many. */
  readonly more: number;
}

export type PagekeeperEvent =
  | { readonly type: 'Run Ended'; readonly detail: RunEnded }
  | { readonly type: 'Stream State Changed'; readonly detail: StreamStateChanged }
  | { readonly type: 'Records Changed'; readonly detail: RecordsChanged }
  | { readonly type: 'Schema Changed'; readonly detail: SchemaChanged };

export type EventType = PagekeeperEvent['type'];

/** A bus that may refuse some events, and be told the same again. */
export interface EventBus {
  /** @throws if any of them could not be sent, after some tries */
  send(events: readonly PagekeeperEvent[], signal: AbortSignal): Promise<void>;
}
