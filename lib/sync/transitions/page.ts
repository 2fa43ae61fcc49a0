import { stillAbsent } from '../../connectors/coverage.ts';
import type { Offsets } from '../../paging/offset-step.ts';
import type { Position, SweepPosition } from '../../paging/position.ts';
import type { Totals } from '../../paging/totals.ts';
import { fingerprintAfter } from '../request-fingerprint.ts';
import type { Checkpoint, Claimed, RunProgress } from '../checkpoint.ts';

/** How an open run gets on: by a page, by a step back, by a part of its sweep. */

export interface Counts {
  readonly records: number;
  readonly written: number;
  readonly unchanged: number;
}

export const noCounts: Counts = { records: 0, written: 0, unchanged: 0 };

/** What carries a run on to its next page. */
export type Carrier = 'message' | 'tick';

/** What a stored page adds to its run. */
export interface StoredPage extends Counts {
  /** Null if nothing had to be requested. */
  readonly status: number | null;
  /** It said that it left something out. */
  readonly partial: boolean;
  /** Why it is not all that there is; null if nothing says so. */
  readonly reason: string | null;
  /** Its rows were not written, for they lack a category of fields. */
  readonly unwritten?: boolean;
  /** The number of rows that it said there are; null if it says none. */
  readonly total: number | null;
  /** Fields that were requested and that none of its rows has; null if it has no rows. */
  readonly absent: readonly string[] | null;
  /** What it was requested with, see `requestFingerprintOf`. */
  readonly requestFingerprint: string;
  /** The vendor does not know the parent whose rows were requested. */
  readonly isUnknown?: boolean;
  /** What is known of the vendor's totals with it; as before where it shows nothing. */
  readonly totals?: Totals;
  /** What the vendor has shown that it means by an offset; null, or absent, where it has not. */
  readonly offsets?: Offsets;
  /** What it said of the state of its list; null, or absent, where it said nothing that can be relied on. */
  readonly validators?: RunProgress['validators'];
  /** The list is as the last run stored it, for all that the vendor says. */
  readonly isUnmodified?: true;
  /** It was refused, for the vendor goes no deeper into the list. */
  readonly cutShort?: boolean;
}

/** A page is stored and the next one is at `position`. @param next.by what carries the run there */
export function advanced(
  checkpoint: Claimed,
  page: StoredPage,
  next: { readonly position: Position; readonly by: Carrier },
  now: number,
): Checkpoint {
  return {
    ...withPage(checkpoint, page, now),
    ...open(checkpoint),
    position: next.position,
    // What lies between its ticks is no time of work.
    waitingSince: next.by === 'tick' ? now : null,
  };
}

/** The page was no good as it stands: the walk goes on from an earlier position, or from the beginning (null). */
export function steppedBack(
  checkpoint: Claimed,
  back: {
    readonly position: Position | null;
    readonly by: Carrier;
    readonly status: number | null;
    readonly reason: string;
    /** No row has moved: the walk tries out what the vendor means by an offset. */
    readonly isTrial?: boolean;
    /** As before where it shows nothing. */
    readonly totals?: Totals;
  },
  now: number,
): Checkpoint {
  const { progress } = checkpoint;
  return {
    ...released(checkpoint, now),
    ...open(checkpoint),
    position: back.position,
    totals: back.totals ?? checkpoint.totals,
    waitingSince: back.by === 'tick' ? now : null,
    lastStatus: back.status,
    reason: back.reason,
    progress: {
      ...progress,
      pages: progress.pages + 1,
      setbacks: progress.setbacks + (back.isTrial === true ? 0 : 1),
    },
  };
}

/** Nothing has been stored, and the run goes on at a file that the vendor is writing, not before `retryAt`. */
export function awaitingFile(
  checkpoint: Claimed,
  next: {
    readonly position: Position;
    readonly status: number;
    readonly retryAt: number;
    /** What it was requested with, see `requestFingerprintOf`: whose file it is may decide what is in it. */
    readonly requestFingerprint: string;
  },
  now: number,
): Checkpoint {
  const { progress } = checkpoint;
  return {
    ...released(checkpoint, now),
    ...open(checkpoint),
    ...clearTrouble(checkpoint, now),
    position: next.position,
    retryAt: next.retryAt,
    // To wait for the vendor is no work.
    waitingSince: now,
    lastStatus: next.status,
    reason: null,
    progress: {
      ...progress,
      pages: progress.pages + 1,
      requestFingerprint: fingerprintAfter(progress.requestFingerprint, next.requestFingerprint),
    },
  };
}

/** The last page is stored, and the records that the vendor does not give any more are looked for next. */
export function sweeping(
  checkpoint: Claimed,
  page: StoredPage,
  position: SweepPosition,
  now: number,
): Checkpoint {
  return { ...withPage(checkpoint, page, now), ...open(checkpoint), position };
}

/** The sweep has looked at a part of the records. @param next a page again, where the end of the list is to be confirmed */
export function swept(
  checkpoint: Claimed,
  next: { readonly position: Position; readonly deleted: number; readonly by: Carrier },
  now: number,
): Checkpoint {
  const { progress } = checkpoint;
  return {
    ...released(checkpoint, now),
    ...open(checkpoint),
    position: next.position,
    waitingSince: next.by === 'tick' ? now : null,
    ...clearTrouble(checkpoint, now),
    progress: {
      ...progress,
      deleted: progress.deleted + next.deleted,
      confirmations: progress.confirmations + (next.position.kind === 'sweep' ? 0 : 1),
    },
  };
}

/** The run requests so many rows a page from now on, for a page was longer than `maxPageMb` allows. */
export function withSmallerPages(checkpoint: Claimed, smaller: NonNullable<RunProgress['smaller']>): Claimed {
  return { ...checkpoint, progress: { ...checkpoint.progress, smaller } };
}

/** The page counts, and its try is over. */
export function withPage(
  checkpoint: Claimed,
  page: StoredPage,
  now: number,
): Checkpoint & Pick<Claimed, 'progress'> {
  const before = checkpoint.progress;
  return {
    ...released(checkpoint, now),
    lastStatus: page.status,
    reason: null,
    ...clearTrouble(checkpoint, now),
    halt: null,
    totals: page.totals ?? checkpoint.totals,
    validators: page.isUnmodified === true ? checkpoint.validators : null,
    progress: {
      ...before,
      pages: before.pages + 1,
      records: before.records + page.records,
      written: before.written + page.written,
      unchanged: before.unchanged + page.unchanged,
      partial: before.partial || page.partial,
      leftOut: before.leftOut ?? page.reason,
      unwritten: before.unwritten || page.unwritten === true,
      remembered: before.remembered === null ? null : before.remembered + 1,
      total: minOf(before.total, page.total),
      requestFingerprint: fingerprintAfter(before.requestFingerprint, page.requestFingerprint),
      absent: stillAbsent(before.absent, page.absent),
      firstPage: before.firstPage ?? firstOf(checkpoint, page),
      unknownParentsInRow: page.isUnknown === true ? before.unknownParentsInRow + 1 : 0,
      cutShort: before.cutShort || page.cutShort === true,
      offsets: page.offsets ?? before.offsets,
      // Of a list that was requested twice, some rows are of the one and some of the other.
      validators: before.pages === 0 ? (page.validators ?? null) : null,
    },
  };
}

function minOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function firstOf({ position }: Checkpoint, { absent }: StoredPage): RunProgress['firstPage'] {
  return absent && { page: position === null ? 'whole' : 'part', absent };
}

/** Something has succeeded. From then on the stream has its time again: its being late had an alarm of its own. */
export function clearTrouble(
  { stopped, freshFrom }: Checkpoint,
  now: number,
): Pick<Checkpoint, 'stopped' | 'freshFrom'> {
  return { stopped: null, freshFrom: stopped === null ? freshFrom : now };
}

/** The fence moves on, and the try is over. */
export function released(checkpoint: Checkpoint, now: number): Checkpoint {
  return {
    ...checkpoint,
    sequence: checkpoint.sequence + 1,
    lease: null,
    attempt: 0,
    retryAt: null,
    movedAt: now,
    outcomeAt: now,
  };
}

/** A person may have paused the stream while its page was under way. */
function open({ state }: Checkpoint): Pick<Checkpoint, 'state' | 'outcome'> {
  return state === 'paused' ? { state, outcome: 'paused' } : { state: 'running', outcome: 'running' };
}
