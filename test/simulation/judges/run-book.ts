import { walkOf, type Position, type WalkPosition } from '../../../lib/paging/position.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Invocation } from '../invocation.ts';
import type { Heard } from '../simulated-vendor.ts';
import { livedThroughout, type Entry, type VendorStream } from '../vendor-stream.ts';
import { lastChangeOf } from '../vendor-stream.ts';
import type { Call, Facts, Judge } from './judge.ts';

/** One pass through a stream, as the vendor and the store have seen it. Times are epoch milliseconds. */
export interface Run {
  readonly id: string;
  readonly openedAt: number;
  /** When it says that it began: up to then it reads what is read by time. */
  readonly beganAt: number;
  /** Ids that were listed and have not been asked for by batch yet; null where none were listed. */
  toAsk: Set<string> | null;
  /** The end of the list has been seen. */
  atEnd: boolean;
  /** There was nobody whose rows could be asked for. */
  nobody: boolean;
  /** Records of all pages that it has gone on from. */
  readonly given: Set<string>;
  /** What those were asked with: version of the secret, and settings. */
  readonly bases: Set<string>;
  readonly versions: Set<string>;
  lastPage: Heard | null;
  /** The most rows that one of its pages had, before the last one. */
  fullest: number;
  /** The last page had nothing that it had not been given before. */
  broughtNothing: boolean;
  /** One of its pages began behind the first row, and one elsewhere than it was to begin. */
  hasWalked: boolean;
  wasMoved: boolean;
  /** One of the answers, whether it was gone on from or not. */
  sawMoved: boolean;
  /** An offset was refused, and the run took it for the end of what there is to get. */
  refused: Heard | null;
  /** One of those pages said that something is missing. */
  leftOut: boolean;
  /** One of the answers was not true. */
  liedTo: boolean;
  restarted: boolean;
  /** What it has seen; `perhaps` if that was just being written down. */
  forgotten: 'no' | 'perhaps' | 'yes';
  forgottenAt: number;
  /** What it has seen could not be read, or was not read any more in the last try of all. */
  unread: boolean;
  /** Who could not read it last. */
  unreadBy: Invocation | null;
}

/** What a change of a checkpoint is to the walk. */
export type Step =
  | 'opened'
  /** No page has come to anything. */
  | 'none'
  /** A page is stored, and the run goes on from it or is over. */
  | 'page'
  /** A page did not count: the run goes on from an earlier place. */
  | 'back'
  /** A page did not count: what the vendor means by an offset is tried out. */
  | 'trial'
  | 'restart'
  /** The run is over for that. */
  | 'drifted'
  /** A part of the records has been looked through. */
  | 'sweep';

export function stepOf(before: Checkpoint, after: Checkpoint): Step {
  if (after.run !== null && after.run !== before.run) return 'opened';
  if (after.sequence === before.sequence) return 'none';
  if (before.position?.kind === 'sweep') return 'sweep';
  if (after.run === null) return after.outcome === 'drifted' ? 'drifted' : 'page';
  if (after.position === null) return 'restart';
  const isBack = (after.progress?.setbacks ?? 0) > (before.progress?.setbacks ?? 0);
  if (!isBack && isTrial(walkOf(after.position))) return 'trial';
  if (isBack) return walkOf(after.position) === null ? 'restart' : 'back';
  // Of another part nothing can be said.
  if (after.position.kind === 'sweep' || partOf(before.position) !== partOf(after.position)) return 'page';
  return walkOf(after.position) === null ? 'restart' : 'page';
}

/** What the vendor means by an offset is tried out, and no page is gone on from. With a next page one has been, and is proved. */
export function isTrial(walk: WalkPosition | null): boolean {
  return (
    walk?.kind === 'steps' &&
    (walk.stage === 'trying' || (walk.stage === 'proving' && walk.next === undefined))
  );
}

function partOf(position: Position | null): string | null {
  return position?.kind === 'part' ? JSON.stringify(position.part) : null;
}

/** Keeps book of the runs, for the judges. Comes before them. */
export class RunBook implements Judge {
  readonly #now: () => number;
  readonly #capOf: (stream: string) => number;
  readonly #runs = new Map<string, Run>();

  /** @param capOf a stream's attempt cap */
  constructor(now: () => number, capOf: (stream: string) => number) {
    this.#now = now;
    this.#capOf = capOf;
  }

  /** The open run, or the last one. */
  of(stream: string): Run | undefined {
    return this.#runs.get(stream);
  }

  stored(invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const step = stepOf(before, after);
    if (step === 'opened') this.#runs.set(after.stream, newRun(after, this.#now()));
    const run = this.#runs.get(after.stream);
    const { heard, call } = invocation;
    const isLastTry = before.attempt % this.#capOf(after.stream) === 0;
    // In between nothing hangs on it.
    const mayNeedIt = step === 'sweep' || step === 'back' || step === 'restart' || after.run === null;
    if (run?.id === before.run && isLastTry && step !== 'none' && mayNeedIt) run.unread = true;
    if (step === 'page' && run?.id === before.run) {
      run.leftOut ||= heard?.kind === 'unknown';
      run.nobody ||= invocation.calls === 0;
      if (heard !== null && endsByRefusal(heard)) takeRefusal(run, heard, isTrial(walkOf(before.position)));
    }
    if (run?.id !== before.run || run.id === '' || step === 'none' || step === 'sweep' || step === 'opened')
      return;
    if (step === 'restart' || step === 'back') run.restarted = true;
    // Nobody can tell a refusal of something else from one of the place.
    if (step === 'trial' && heard !== null && endsByRefusal(heard)) run.liedTo ||= heard.kind === 'denied';
    // By what a key does not show, its list may end early.
    if (call !== null && heard !== null && endsByRefusal(heard)) run.versions.add(call.version);
    if (heard?.kind !== 'page' || call === null) return;
    run.liedTo ||= heard.lie !== null;
    run.sawMoved ||= heard.moved;
    run.versions.add(call.version);
    if (step !== 'page') return;
    run.leftOut ||= heard.leftOut;
    run.fullest = Math.max(run.fullest, run.lastPage?.given.length ?? 0);
    run.lastPage = heard;
    run.broughtNothing = heard.given.every(({ entry }) => entry.records.every((id) => run.given.has(id)));
    // The first page once more, wherever it was asked for, is no page that was walked to.
    run.wasMoved ||= heard.moved && !run.broughtNothing;
    run.hasWalked ||= (heard.offset ?? 0) > 0 && !run.broughtNothing;
    run.bases.add(requestFingerprintOf(call));
    // What is only listed has not been given yet.
    if (heard.of.kind !== 'ids') {
      for (const { entry } of heard.given) for (const id of entry.records) run.given.add(id);
    }
    run.atEnd = isEnd(run, heard);
  }

  unread(invocation: Invocation, stream: string): void {
    const run = this.#runs.get(stream);
    if (run === undefined) return;
    run.unread = true;
    run.unreadBy = invocation;
  }

  forgot(stream: string): void {
    const run = this.#runs.get(stream);
    if (run === undefined || run.forgotten === 'yes') return;
    run.forgotten = run.lastPage === null ? 'perhaps' : 'yes';
    run.forgottenAt = this.#now();
  }
}

/** A status that does not say that nothing is there. */
export function isAboutDepth({ status }: Heard): boolean {
  return status === 400 || status === 422;
}

/** Whether a run may have ended with this refusal, and with what it had got by then. */
export function endsByRefusal({ kind, status, offset }: Heard): boolean {
  return kind === 'behind' || (kind === 'denied' && status !== 403 && (offset ?? 0) > 0);
}

/** @param wasTrial a place was tried out that need not be there: its refusal says nothing of the depth */
function takeRefusal(run: Run, heard: Heard, wasTrial: boolean): void {
  run.refused = heard;
  // Nobody can tell a refusal of something else from one of the place.
  run.liedTo ||= heard.kind === 'denied';
  run.leftOut ||= isAboutDepth(heard) && !wasTrial;
  // A row that has come since the last page is for the next run.
  run.atEnd = isEnd(run, heard) || run.atEnd;
}

/** Whether nothing is left to ask for behind this page. */
function isEnd(run: Run, { of, given, atEnd }: Heard): boolean {
  switch (of.kind) {
    case 'all':
      return atEnd;
    case 'rows of':
      // Whether it was the last of them is seen by what is stored at the end.
      return atEnd;
    case 'ids':
      run.toAsk = new Set(given.map(({ entry }) => entry.id));
      return run.toAsk.size === 0;
    case 'batch':
      for (const id of of.ids) run.toAsk?.delete(id);
      return run.toAsk?.size === 0;
    case 'window':
      return atEnd && of.until >= run.beganAt;
    case 'changed':
      // Where the rest is known is seen by what is stored at the end.
      return atEnd || of.since === null;
  }
}

function newRun({ run, progress }: Checkpoint, openedAt: number): Run {
  return {
    id: run ?? '',
    openedAt,
    beganAt: progress?.startedAt ?? openedAt,
    toAsk: null,
    atEnd: false,
    nobody: false,
    given: new Set(),
    bases: new Set(),
    versions: new Set(),
    lastPage: null,
    fullest: 0,
    broughtNothing: false,
    hasWalked: false,
    wasMoved: false,
    sawMoved: false,
    refused: null,
    leftOut: false,
    liedTo: false,
    restarted: false,
    forgotten: 'no',
    forgottenAt: Infinity,
    unread: false,
    unreadBy: null,
  };
}

function requestFingerprintOf({ stream: { settings }, version }: Call): string {
  return JSON.stringify([version, settings.pageSize, settings.fields]);
}

/** It was given what has changed alone, or all of it in the order of change. */
export function isOfChanges({ lastPage }: Run): boolean {
  return lastPage?.of.kind === 'changed';
}

/** Those that the run would have been shown at any time until then. */
export function thereThroughout(
  run: Run,
  rows: VendorStream,
  { now, livingSince }: Pick<Facts, 'now' | 'livingSince'>,
  until = now(),
): readonly Entry[] {
  // Nobody is asked for the rows of one who has not been stored.
  const isKnown = ({ parent }: Entry): boolean =>
    parent === null || (livingSince(rows.parents?.name ?? '', parent.id) ?? Infinity) < run.openedAt;
  return rows.entries.filter(
    (entry) =>
      livedThroughout(entry, run.openedAt, until) &&
      isKnown(entry) &&
      // What changes after a run has begun is for the next one, where the list is read by what has changed.
      !((rows.isWindowed || isOfChanges(run)) && lastChangeOf(entry) > run.beganAt) &&
      // What has come back as it was is for a whole walk.
      !(isOfChanges(run) && (entry.lives.at(-1)?.from ?? 0) > lastChangeOf(entry)) &&
      [...run.versions].every((version) => !rows.isHidden(entry, version)),
  );
}
