import { digestOf, type Seen } from '../paging/digest.ts';
import type { Position, SweepPosition } from '../paging/position.ts';
import type { Checkpoint, Claimed } from './checkpoint.ts';
import { allowanceOf, judgeDeletions } from './deletions.ts';
import { readUntilOf } from './parts.ts';
import { recall, stopAt } from './recall.ts';
import type { Stream } from './settings.ts';
import { continuedBy, type Step } from './step.ts';
import { sweptUp, type RunEnd } from './transitions/end.ts';
import { swept } from './transitions/page.ts';
import type { Work } from './work.ts';

/**
 * What one invocation looks through at most: a list of DynamoDB's is 1 MB at most, and a tombstone is a write of its own, so
 * that none of it comes near a function's time-out.
 */
const max = { lists: 10, records: 5000, writes: 500 };

/**
 * Looks through a part of the stream's records for those that the run has not seen. The vendor is not called, unless the end
 * of its list has to be confirmed before the first deletion.
 */
export async function sweep(position: SweepPosition, claimed: Claimed, work: Work): Promise<Step> {
  const memory = await recall(claimed, work);
  if (memory.kind === 'unknown') return stepOf(noMore(memory.reason, claimed), 0, claimed, work);
  const { seen } = memory;
  const found = await lookThrough(position, seen, claimed, work);
  const { deleted } = found;
  const next = nextOf(position, found, seen.size, allowanceOf(claimed, work.deps.clock.now()), work);
  if (isConfirming(next) && claimed.progress.confirmations >= maxConfirmations) {
    const because = 'the list kept growing when its end was to be confirmed';
    return stepOf(noMore(because, claimed), deleted, claimed, work);
  }
  return stepOf(next, deleted, claimed, work);
}

/** So often a run checks whether its list really ends where it ended: a list that grows all the time has no end. */
export const maxConfirmations = 3;

function isConfirming(next: Next): boolean {
  return next.kind === 'on' && next.position.kind === 'offset';
}

/** The run is over, and what is still to be deleted stays until another one has looked. */
function noMore(because: string, { progress }: Claimed): Next {
  const nothing = progress.deleted === 0 ? 'nothing' : 'nothing more';
  const reason = `${nothing} is deleted: ${because}`;
  return { kind: 'over', end: { outcome: 'complete', enumerated: true, sure: false, deleted: null, reason } };
}

interface Found {
  /** Null once all records have been looked at. */
  readonly last: string | null;
  readonly live: number;
  readonly gone: number;
  /** Records that this invocation has made tombstones of. */
  readonly deleted: number;
  /** Records that its run has: with those of an invocation that was killed before it could say so. */
  readonly deletedByRun: number;
}

async function lookThrough(
  { step, after, live: liveBefore, gone: goneBefore }: SweepPosition,
  seen: Seen,
  claimed: Claimed,
  { deps, stream, signal }: Work,
): Promise<Found> {
  const now = deps.clock.now();
  const { startedAt } = claimed.progress;
  const retentionMs = stream.settings.tombstoneRetentionDays * 86_400_000;
  let last = after;
  let live = liveBefore;
  let gone = goneBefore;
  let deleted = 0;
  let deletedBefore = 0;
  let writes = 0;
  let records = 0;
  for (let lists = 0; lists < max.lists && records < max.records && writes < max.writes; lists += 1) {
    // One list is looked through even when time is short, so that each part gets on.
    if (lists > 0 && deps.clock.now() >= stopAt(claimed)) break;
    const part = await deps.records.list(stream.name, last, signal);
    const living = part.keys.filter(({ deletedAt }) => deletedAt === null);
    const absent = living.filter(({ id }) => !seen.has(digestOf(id)));
    if (step === 'count') {
      live += living.length;
      gone += absent.length;
      const old = part.keys.filter(({ deletedAt }) => deletedAt !== null && deletedAt + retentionMs <= now);
      await deps.records.purge(stream.name, old, signal);
      writes += old.length;
    } else {
      const ids = absent.map(({ id }) => id);
      const by = { deletedAt: now, expiresAt: now + retentionMs, run: claimed.run };
      deleted += await deps.records.markDeleted(stream.name, ids, by, signal);
      // Who was killed in its midst has buried some, and could not say so.
      deletedBefore += part.keys.filter((key) => key.deletedAt !== null && key.deletedAt > startedAt).length;
      writes += ids.length;
    }
    records += part.keys.length;
    last = part.last;
    if (last === null) break;
  }
  return { last, live, gone, deleted, deletedByRun: deletedBefore + deleted };
}

type Next =
  | { readonly kind: 'on'; readonly position: Position; readonly deletedByRun: number }
  | { readonly kind: 'over'; readonly end: RunEnd };

function nextOf(
  position: SweepPosition,
  { last, live, gone, deletedByRun }: Found,
  seen: number,
  allowed: number | null,
  { stream }: Work,
): Next {
  if (last !== null) {
    return { kind: 'on', position: { ...position, after: last, live, gone }, deletedByRun };
  }
  if (position.step === 'delete') {
    return {
      kind: 'over',
      end: { outcome: 'complete', enumerated: true, sure: true, deleted: deletedByRun },
    };
  }
  const judged = judgeDeletions({ live, gone }, seen, allowed, {
    ...stream.settings.deletionGuard,
    mayBeEmpty: stream.definition.empty === 'normal',
  });
  switch (judged.kind) {
    case 'nothing to delete':
      return { kind: 'over', end: { outcome: 'complete', enumerated: true, sure: true, deleted: 0 } };
    case 'hold':
      return {
        kind: 'over',
        end: { outcome: 'suspicious', reason: judged.reason, rows: gone, of: live },
      };
    case 'delete':
      return {
        kind: 'on',
        position: position.end
          ? { ...position.end, counted: true }
          : { ...position, step: 'delete', after: null },
        deletedByRun: 0,
      };
  }
}

function stepOf(next: Next, deleted: number, claimed: Claimed, { stream }: Work): Step {
  const reason = next.kind === 'over' ? (next.end.reason ?? null) : null;
  return {
    change: (checkpoint, now) =>
      next.kind === 'on'
        ? swept(
            checkpoint,
            { ...next, by: continuedBy(stream, next.position), deleted: next.deletedByRun },
            now,
          )
        : over(checkpoint, next.end, claimed, stream, now),
    ...{ outcome: 'fetched', reason, status: null, requests: 0, deleted, next: 'continue' },
  };
}

function over(checkpoint: Claimed, end: RunEnd, judged: Claimed, stream: Stream, now: number): Checkpoint {
  const { requestFingerprint, newest } = checkpoint.progress;
  const sure = end.outcome !== 'complete' || end.sure;
  const ended: Checkpoint = {
    ...sweptUp(checkpoint, end, now),
    readUntil: readUntilOf(checkpoint, stream, { requestFingerprint, newest, enumerated: true, sure }),
  };
  // What a person has allowed since this was judged is for the next run, as long as there is something to allow.
  const { allowed, allowedUntil } = checkpoint;
  const isNew = allowed !== judged.allowed || allowedUntil !== judged.allowedUntil;
  return ended.heldDeletions !== null && isNew ? { ...ended, allowed, allowedUntil } : ended;
}
