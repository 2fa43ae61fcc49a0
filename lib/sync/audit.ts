/**
 * What a person has changed by a command, for those who ask later who it was. An entry outlives the code that wrote it by more
 * than a year, so that what is read of one are words, also those that are no longer in use.
 *
 * It holds nothing of a record, not even its id, and nothing of a secret.
 */

/** The commands that act. Each leaves an entry. */
export const actCommands = [
  'run',
  'pause',
  'resume',
  'reset',
  'forget',
  'allow-deletions',
  'allow-empty-fields',
  'secret set',
  'fix',
  'mute',
  'dead-letters redrive',
  'dead-letters discard',
  'changes replay',
] as const;

export type ActCommand = (typeof actCommands)[number];

/** How a stream or the key of a connection stands, in words. */
export type Standing =
  | {
      readonly kind: 'stream';
      readonly target: string;
      /** That of the checkpoint; `new` has none. */
      readonly state: string;
      readonly run: string | null;
      readonly sequence: number;
      /** The outcome that has halted it. */
      readonly haltedFor: string | null;
      /** So many deletions are held back, and so many are allowed. */
      readonly heldDeletions: number | null;
      readonly allowedDeletions: number | null;
      /** Categories of fields for want of which nothing is written. */
      readonly fieldsAwaited: readonly string[];
    }
  | {
      readonly kind: 'connection';
      readonly target: string;
      /** That of the breaker: `open` is a refused key. */
      readonly key: string;
    };

/** What became of one stream or connection, as it was printed. */
export interface ActResult {
  readonly target: string;
  readonly changed: boolean;
  readonly refused: boolean;
  readonly sentence: string;
}

/** `failed`: the command ended in an error; what has taken effect until then is told by how all stands after it. */
export type ActOutcome = 'changed' | 'unchanged' | 'refused' | 'failed';

/** What is known when it is asked for, and written before anything is changed. Times are ISO 8601 in UTC. */
export interface Act {
  /** Unique each time: it tells an entry from another one under the same key. */
  readonly id: string;
  readonly at: string;
  /** The ARN of the caller in AWS, the name of the user on a laptop. */
  readonly who: string;
  readonly command: string;
  /** A stream or a connection; null is all of them. */
  readonly target: string | null;
  /** The command as it was typed, but for what it holds of a record. */
  readonly typed: string;
  /** In the words of the person. */
  readonly why: string | null;
  /** Read shortly before: what else has changed in between is not told apart. */
  readonly before: readonly Standing[];
}

/** What it came to. */
export interface ActEnd {
  readonly at: string;
  readonly outcome: string;
  /** Of a failure: the name of the error, whose message may quote anything. */
  readonly fault: string | null;
  readonly results: readonly ActResult[];
  readonly after: readonly Standing[];
}

export interface AuditEntry extends Act {
  /** Null while it is under way, and for ever if its end could not be written: whether it took effect is not known then. */
  readonly end: ActEnd | null;
}

/** Where an entry is. */
export interface AuditKey {
  readonly key: string;
  readonly id: string;
}

/** Where acts are written down. Nothing takes an entry away but time. */
export interface AuditTrail {
  /** Once this returns, the act cannot go unrecorded. */
  begin(act: Act): Promise<AuditKey>;
  end(key: AuditKey, end: ActEnd): Promise<void>;
  /** Those asked for at `since` or later, epoch milliseconds, newest first. */
  list(since: number): Promise<readonly AuditEntry[]>;
}

const dayMs = 86_400_000;

/** Somewhat more than a year, so that the yearly review sees all of it. */
export const auditKeptMs = 400 * dayMs;

/** `2026-03`, in UTC: entries are numbered within a month. @param at epoch milliseconds */
export function auditMonthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** When the last entry of a month expires at the latest, epoch milliseconds. */
export function monthExpiresAt(month: string): number {
  const [year = 0, number = 1] = month.split('-').map(Number);
  // The month after it: Date counts them from 0.
  return Date.UTC(year, number, 1) + auditKeptMs;
}

/** All months in which there may be entries, newest first. */
export function auditMonths(since: number, now: number): readonly string[] {
  const months: string[] = [];
  // A day later than now: the clock of another person may be ahead of ours at the turn of a month.
  const last = auditMonthOf(now + dayMs);
  let month = auditMonthOf(Math.max(since, now - auditKeptMs));
  while (month <= last) {
    months.unshift(month);
    const [year = 0, number = 1] = month.split('-').map(Number);
    month = auditMonthOf(Date.UTC(year, number, 1));
  }
  return months;
}
