import type { Offsets } from '../paging/offset-step.ts';
import type { Position } from '../paging/position.ts';
import type { Totals } from '../paging/totals.ts';
import type { AnswersOfHour } from './answers.ts';
import type { HaltOutcome, StreamOutcome } from './outcome.ts';

export type CheckpointState =
  /** No run is open. */
  | 'idle'
  /** A run is open, and a message (or, for `nextTick`, the next tick) carries it on. */
  | 'running'
  /** A run is open and waits longer than a message can: the watchdog continues it at `retryAt`. */
  | 'parked'
  /** A run is open at its position, given up until a probe of its limit scope succeeds. With a lease it is that probe. */
  | 'exhausted'
  /** No call until a person, a new secret or a changed definition ends it. */
  | 'halted'
  /** No call until a person ends it. */
  | 'paused';

/** What has stopped a stream. */
export interface Stop {
  readonly by: HaltOutcome | 'exhausted' | 'malformed';
  /** Since when no page has succeeded for it, epoch milliseconds. */
  readonly since: number;
}

export interface Halt {
  readonly outcome: HaltOutcome;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Hash of the stream's definition when it was halted: another one ends the halt. */
  readonly definition: string;
}

/** Fields that no row of a page had: of which only a page of the same kind can be compared. */
export interface FirstAbsent {
  readonly page: 'whole' | 'part';
  readonly absent: readonly string[];
}

/** Which fields come: what the next run is held against. */
export interface Coverage {
  /** Fields that were requested and that no row had. */
  readonly absent: readonly string[];
  /** The same of the first page with rows. */
  readonly first: FirstAbsent | null;
  /** Hash of the stream's definition: another one requests something else. */
  readonly definition: string;
  /** Fields of the categories that come no more, so that nothing is written; they wait for the vendor or a person. */
  readonly withheld: readonly string[];
}

/** What an answer said of the state of its list. Where there is an entity tag the time does not count. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** Of the last list that was stored whole. */
export interface KnownList extends Validators {
  /** What it was requested with, and what was kept of it. */
  readonly fingerprint: string;
  /** When the run that read it began, epoch milliseconds. */
  readonly wholeAt: number;
}

/** What the open run, or the last one, has done so far. */
export interface RunProgress {
  readonly startedAt: number;
  readonly pages: number;
  readonly records: number;
  readonly written: number;
  readonly unchanged: number;
  /** A page of this run said that it left something out. */
  readonly partial: boolean;
  /** Why: the first reason that a page gave; null if none has, or an older version began the run. */
  readonly leftOut: string | null;
  /** Rows of this run were not written, because a category of fields had come to an end: see field-access.ts. */
  readonly unwritten: boolean;
  /** How often the walk had to step back, because rows had gone, or to begin anew, because its cursor had expired. */
  readonly setbacks: number;
  /** Requests that were to confirm the end of the list. */
  readonly confirmations: number;
  /** Records that became tombstones. */
  readonly deleted: number;
  /** Pages whose rows are kept in the run's memory; null for a run that an older version began, see `pagesInMemory`. */
  readonly remembered: number | null;
  /** The least number of rows that the vendor ever said there are; null if it says none. */
  readonly total: number | null;
  /** What the pages were requested with (`requestFingerprintOf`); `mixed` once that has changed, null before the first page. */
  readonly requestFingerprint: string | null;
  /** Time that was spent waiting, in milliseconds: it does not count against the run's budget. */
  readonly waitedMs: number;
  /** Fields that were requested and that no row has had yet; null before the first row. */
  readonly absent: readonly string[] | null;
  /** The same of its first page with rows, and what that page was: it shows early that a category comes no more. */
  readonly firstPage: FirstAbsent | null;
  /** Rows that a person let it leave out at the beginning: if there are any it is no whole run. */
  readonly skippedRows: number;
  /** Parents, the last ones in a row, that the vendor does not know. */
  readonly unknownParentsInRow: number;
  /** The vendor went no deeper into a list of this run. */
  readonly cutShort: boolean;
  /** What the vendor has shown that it means by an offset; null before it has. */
  readonly offsets: Offsets;
  /** What its one page said of the state of the list, and what that was requested with; null where it said nothing, or there are more. */
  readonly validators: Omit<KnownList, 'wholeAt'> | null;
  /** It walks what has changed since then alone, epoch milliseconds; null where it walks all. */
  readonly changesSince: number | null;
  /** The greatest time of change of its rows that the next run may build on, epoch milliseconds; null before one. */
  readonly newest: number | null;
  /** Rows in a page since the page at sequence `at` was longer than `maxPageMb` allows; absent while none has been. */
  readonly smaller?: { readonly rows: number; readonly at: number };
}

/**
 * What a stream has been through, in few words: kept in its checkpoint and written with the writes that happen anyway. It
 * holds nothing of a record. Times are epoch milliseconds.
 */
export interface HistoryEvent {
  /** When its run began: each run has its own. */
  readonly began: number;
  readonly what: StreamOutcome;
  readonly status: number | null;
  /** Scrubbed, as the checkpoint has it. */
  readonly reason: string | null;
  /** The same thing in one run is one event, however often: so many times, first at, last until. */
  readonly times: number;
  readonly at: number;
  readonly until: number;
  /** Of the run so far. */
  readonly pages: number;
  readonly written: number;
  readonly deleted: number;
}

/** Who holds a page, and until when, epoch milliseconds. */
export interface Lease {
  readonly holder: string;
  readonly until: number;
}

/** Deletions that wait for a person. */
export interface Held {
  /** Records that the vendor does not give any more. */
  readonly rows: number;
  /** Of so many that are stored and not deleted. */
  readonly of: number;
  /** When it was noticed first, epoch milliseconds. */
  readonly since: number;
}

/** Times are epoch milliseconds. */
export interface ReadUntil {
  /** With windows by the clock; else the greatest time of change that a row had. */
  readonly at: number;
  /** By which definition, see `definitionHash`. */
  readonly definition: string;
  /**
   * When the last whole walk began that vouches for every row, and when the next one is due by the settings of the last run. Absent
   * with windows, and where there has been none: then the next run is one.
   */
  readonly whole?: { readonly at: number; readonly nextAt: number };
}

/** What the governor reserved, in the order of the stream's limits; null, or left out, where it reserved nothing. */
export type Slots = readonly (number | null)[];

/** The DynamoDB item of a stream. All times are epoch milliseconds. */
export interface Checkpoint {
  readonly stream: string;
  /** Counts the writes of this item, of every writer; 0 is "not stored yet". Every write is conditional on it. */
  readonly revision: number;
  readonly state: CheckpointState;
  /** Identifies the open run; null while none is open. */
  readonly run: string | null;
  /** Pages this run has stored: with `run`, the fence that a message must match. */
  readonly sequence: number;
  /** Where the next page starts; null is the beginning. */
  readonly position: Position | null;
  readonly lease: Lease | null;
  /** Tries of the page at `position` so far, its probes too, counted when they begin: a crash counts. */
  readonly attempt: number;
  /** No try before this. */
  readonly retryAt: number | null;
  /** The governor's slot that the page waits for, epoch milliseconds; cleared by the invocation that claims it. */
  readonly slot: number | null;
  /** The same in the account's limit, where the stream's endpoint has one of its own. */
  readonly accountSlot: number | null;
  /** The scheduled time of the last tick that was acted on. */
  readonly lastTick: number | null;
  /** When the run last moved or a message was last sent for it: what the watchdog measures silence from. */
  readonly movedAt: number;
  readonly outcome: StreamOutcome | null;
  readonly outcomeAt: number | null;
  /** The last HTTP status, null if there was no answer. */
  readonly lastStatus: number | null;
  /** In words, scrubbed of personal data. */
  readonly reason: string | null;
  /**
   * Kept until a page succeeds, so that its alarm does not flap with each tick, and does not end with a person who resumes the
   * stream before the cause is gone.
   */
  readonly stopped: Stop | null;
  readonly halt: Halt | null;
  readonly progress: RunProgress | null;
  /** When a run last went through to its end. */
  readonly completedAt: number | null;
  /** Since when the open run waits: for the vendor, its next tick or a person; null while it is at work. */
  readonly waitingSince: number | null;
  /** What the last complete run was requested with: a run that was requested with something else deletes nothing. */
  readonly trustedFingerprint: string | null;
  /** Kept until a run has looked again, so that its alarm does not flap. */
  readonly heldDeletions: Held | null;
  /** So many deletions a person has allowed the next run; null without such a word. */
  readonly allowed: number | null;
  /** Until when that holds; null where an older version wrote it down, which set no end. */
  readonly allowedUntil: number | null;
  /**
   * What freshness is measured from: the last run that gave everything, or when what had stopped the stream was over; null
   * until the watchdog has seen the stream.
   */
  readonly freshFrom: number | null;
  /** Since when runs end without vouching for every row (drifted or partial); null while they do vouch. */
  readonly doubtedSince: number | null;
  /** Of a stream that is read by time: up to when all that was new has been read. */
  readonly readUntil: ReadUntil | null;
  /** Of the list as the last run stored it, whole; null where the next one is to read it all the same. */
  readonly validators: KnownList | null;
  /** Rows that the last run to its end was given; null before one. */
  readonly lastRunRows: number | null;
  /** Whether the vendor's totals can be believed to end a list. */
  readonly totals: Totals;
  /** Runs in a row, up to the last one, in which the vendor went no deeper into the list. */
  readonly cutShortRuns: number;
  /** What the last run has shown of the requested fields; null before one has. */
  readonly coverage: Coverage | null;
  /** Of the last hours in which the vendor was called. */
  readonly answers: readonly AnswersOfHour[];
  /** What has happened, oldest first. */
  readonly history: readonly HistoryEvent[];
}

/** A run is open, and an invocation holds its next page. */
export interface Claimed extends Checkpoint {
  readonly run: string;
  readonly lease: Lease;
  readonly progress: RunProgress;
}

/** No call is made, and why is stored. */
export type Halted = Checkpoint & { readonly state: 'halted'; readonly halt: Halt };

export function isHalted(checkpoint: Checkpoint): checkpoint is Halted {
  return checkpoint.state === 'halted' && checkpoint.halt !== null;
}

/** How the tries of its page came to be spent, if that is what stopped the stream. */
export function spentBy({ stopped }: Checkpoint): 'exhausted' | 'malformed' | null {
  return stopped !== null && isSpent(stopped.by) ? stopped.by : null;
}

export function isSpent(by: Stop['by']): by is 'exhausted' | 'malformed' {
  return by === 'exhausted' || by === 'malformed';
}

export function isClaimed(checkpoint: Checkpoint): checkpoint is Claimed {
  const { run, lease, progress } = checkpoint;
  return run !== null && lease !== null && progress !== null;
}

export function newCheckpoint(stream: string): Checkpoint {
  return {
    stream,
    revision: 0,
    state: 'idle',
    run: null,
    sequence: 0,
    position: null,
    lease: null,
    attempt: 0,
    retryAt: null,
    slot: null,
    accountSlot: null,
    lastTick: null,
    movedAt: 0,
    outcome: null,
    outcomeAt: null,
    lastStatus: null,
    reason: null,
    stopped: null,
    halt: null,
    progress: null,
    completedAt: null,
    waitingSince: null,
    trustedFingerprint: null,
    heldDeletions: null,
    allowed: null,
    allowedUntil: null,
    freshFrom: null,
    doubtedSince: null,
    readUntil: null,
    validators: null,
    lastRunRows: null,
    totals: null,
    cutShortRuns: 0,
    coverage: null,
    answers: [],
    history: [],
  };
}

/** Nothing has ever been requested; that the watchdog has seen the stream is no run. */
export function hasNeverRun({ progress, outcome, lastTick, heldDeletions }: Checkpoint): boolean {
  return progress === null && outcome === null && lastTick === null && heldDeletions === null;
}

/** A run that has only begun. Epoch milliseconds. */
export function newProgress(startedAt: number): RunProgress {
  return {
    startedAt,
    pages: 0,
    records: 0,
    written: 0,
    unchanged: 0,
    partial: false,
    leftOut: null,
    unwritten: false,
    setbacks: 0,
    confirmations: 0,
    deleted: 0,
    remembered: 0,
    total: null,
    requestFingerprint: null,
    waitedMs: 0,
    absent: null,
    firstPage: null,
    skippedRows: 0,
    unknownParentsInRow: 0,
    cutShort: false,
    offsets: null,
    validators: null,
    changesSince: null,
    newest: null,
  };
}

/** So many pages this run has in its memory; the next one is remembered under this number. */
export function pagesInMemory({ progress, sequence }: Pick<Checkpoint, 'progress' | 'sequence'>): number {
  // The older version counted them by the sequence; where it stepped back there is a gap, and the memory is not whole.
  return progress?.remembered ?? sequence;
}
