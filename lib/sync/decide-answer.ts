import { isFull } from '../connectors/connector.ts';
import { beginningOf, walkOf, withWalk, type FilePosition, type PartPosition } from '../paging/position.ts';
import { isDeadCursor } from '../paging/refusals.ts';
import { pagesInMemory, type Claimed } from './checkpoint.ts';
import type { Context } from './context.ts';
import type { EmptyAnswer } from './decide-page.ts';
import type { Reading } from './read-answer.ts';
import { defer, halt, stepBack, type Step } from './step.ts';
import { awaitingFile } from './transitions/page.ts';
import { walkRefused } from './walk.ts';

/** From what an answer is to what its page comes to: pure. */

export type Decision =
  | { readonly kind: 'step'; readonly step: Step }
  /** Its rows are to be stored first. */
  | { readonly kind: 'page'; readonly page: Extract<Reading, { kind: 'page' }> }
  | { readonly kind: 'empty'; readonly empty: EmptyAnswer };

export function decideAnswer(reading: Reading, claimed: Claimed, context: Context): Decision {
  switch (reading.kind) {
    case 'page':
      return { kind: 'page', page: reading };
    case 'nothing':
      return { kind: 'empty', empty: nothingMore(reading.status, claimed, context) };
    case 'refused offset':
      return refusedOffset(reading, claimed, context);
    case 'started':
    case 'not yet':
      return { kind: 'step', step: awaitFile(reading, claimed, context) };
    case 'transient':
      return { kind: 'step', step: defer(reading, claimed, context) };
    case 'final':
      return final(reading, claimed, context);
  }
}

/** 204 and 304: there is nothing more, but the vendor has not said that there is nothing at all. */
function nothingMore(
  status: number,
  { position }: Claimed,
  { stream: { definition } }: Context,
): EmptyAnswer {
  // In a window nothing has changed. Elsewhere it may mean that there are no rows, and nothing is deleted on a "may".
  const isDoubtful = position?.kind === 'part' && position.part.kind !== 'changes' && isFull(definition);
  const reason = isDoubtful ? 'the vendor has no content for a part of the list' : null;
  const isUnmodified = status === 304 && definition.conditional === true;
  return { status, reason, ends: 'nothing', ...(isUnmodified && { isUnmodified }) };
}

/** The vendor refused an offset behind a page of this walk: the list, or what the vendor gives of it, ends there. */
function refusedOffset(
  { refused, status, reason }: Extract<Reading, { kind: 'refused offset' }>,
  claimed: Claimed,
  context: Context,
): Decision {
  const step = walkRefused(refused, claimed, context.stream);
  switch (step.kind) {
    case 'step back':
      return { kind: 'step', step: stepBack(step, status, claimed, context) };
    case 'end': {
      const totals = claimed.totals ?? 'confirmed';
      return { kind: 'empty', empty: { status, reason: null, ends: 'end', totals } };
    }
    case 'nothing here': {
      const anew = windowAnew(claimed);
      if (anew === null) return { kind: 'empty', empty: { status, reason: null, ends: 'nothing' } };
      const back = { position: anew, reason: `${reason}: the window is walked a second time`, isTrial: true };
      return { kind: 'step', step: stepBack(back, status, claimed, context) };
    }
    case 'cut short': {
      const why = `the vendor goes no deeper into the list: ${reason}`;
      return { kind: 'empty', empty: { status, reason: why, ends: 'nothing', cutShort: true } };
    }
  }
}

/**
 * The end of what has changed cannot be told from a list that the vendor did not know for a moment, as while it is deployed. What a
 * whole list has missed comes with the next run; what a window has missed never does, and what a walk of changes has missed with the
 * next whole walk alone. So its end is believed where it comes once more behind pages that are good.
 */
function windowAnew(claimed: Claimed): PartPosition | null {
  const { position } = claimed;
  if (position?.kind !== 'part') return null;
  const { part } = position;
  if (part.kind !== 'changes' && (part.kind !== 'slice' || part.window === null)) return null;
  return position.again ? null : { ...position, walk: null, from: pagesInMemory(claimed), again: true };
}

/** A file that has not been written by then never will be: it is requested anew. */
const maxFileWaitMs = 60 * 60_000;

/** Looks for the file again after a while. */
function awaitFile(
  reading: Extract<Reading, { kind: 'started' | 'not yet' }>,
  claimed: Claimed,
  context: Context,
): Step {
  const { stream, requestFingerprint, now } = context;
  const { status } = reading;
  const { paging } = stream.definition;
  const walk = walkOf(claimed.position);
  const file = reading.kind === 'started' ? fileOf(reading.name, now) : walk;
  if (file?.kind !== 'file' || paging.kind !== 'file') throw new Error('No file is waited for');
  if (now - file.since > maxFileWaitMs) {
    const reason = 'the file has not been written within an hour';
    return stepBack({ position: beginningOf(claimed.position), reason }, status, claimed, context);
  }
  const position = withWalk(claimed.position, file);
  const next = { position, status, requestFingerprint, retryAt: now + paging.pollSeconds * 1000 };
  return {
    change: (checkpoint, at) => awaitingFile(checkpoint, next, at),
    ...{ outcome: 'fetched', reason: null, status, requests: 1, next: 'continue' },
  };
}

function fileOf(name: string, since: number): FilePosition {
  return { kind: 'file', name, since };
}

type Final = Extract<Reading, { kind: 'final' }>;

function final(reading: Final, claimed: Claimed, context: Context): Decision {
  const { status } = reading;
  if (reading.outcome === 'unauthorized')
    return { kind: 'step', step: halt('unauthorized', reading, context) };
  if (isUnknownParent(reading, claimed) && !isFirstDeadCursor(reading, claimed)) {
    // The parent that it stands at may never come back: only a new run requests those that there are then.
    if (areAllUnknown(claimed)) {
      return { kind: 'step', step: halt('missing', { ...reading, isDeadEnd: true }, context) };
    }
    const reason = 'the vendor does not know a parent whose rows were requested';
    return { kind: 'empty', empty: { status, reason, ends: 'nothing', isUnknown: true, isLeftOut: true } };
  }
  if (hasExpired(reading, claimed)) {
    const back = { position: beginningOf(claimed.position), reason: `${reading.reason} (expired)` };
    return { kind: 'step', step: stepBack(back, status, claimed, context) };
  }
  const isDeadEnd = walkOf(claimed.position)?.kind === 'file';
  return { kind: 'step', step: halt(reading.outcome, { ...reading, isDeadEnd }, context) };
}

/** A cursor or a file that was good when it was given, and is refused now: begin anew. */
function hasExpired({ outcome, status }: Final, { position }: Claimed): boolean {
  const walk = walkOf(position);
  if (walk?.kind !== 'file') return isDeadCursor(status, walk);
  return outcome === 'missing' || (outcome === 'rejected' && status !== 200);
}

/** Whether it is the cursor that is not known any more, or the parent, shows when the parent's list is begun anew. */
function isFirstDeadCursor({ status }: Final, { position, progress }: Claimed): boolean {
  return isDeadCursor(status, walkOf(position)) && progress.setbacks === 0;
}

/** A parent may go at any time. */
function isUnknownParent({ outcome }: Final, { position }: Claimed): boolean {
  const parent = position?.kind === 'part' && position.part.kind === 'slice' ? position.part.parent : null;
  return outcome === 'missing' && parent !== null;
}

/** So many parents at the beginning of a run say that the list itself is unknown, and so many in a row say so anywhere. */
const maxUnknown = { first: 3, inRow: 25 };

function areAllUnknown({ position, progress }: Claimed): boolean {
  // This one is known: it has gone while its rows were walked.
  if (walkOf(position) !== null) return false;
  const { pages, unknownParentsInRow } = progress;
  return unknownParentsInRow + 1 >= (unknownParentsInRow === pages ? maxUnknown.first : maxUnknown.inRow);
}
