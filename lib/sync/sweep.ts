import { digestOf, type Seen } from '../paging/digest.ts';
import type { Position, SweepPosition } from '../paging/position.ts';
import type { Checkpoint } from './checkpoint.ts';
import { settle } from './compare-and-swap.ts';
import { allowanceOf, judgeDeletions } from './deletions.ts';
import { carrierOf, goOn } from './go-on.ts';
import { recall, stopAt } from './recall.ts';
import type { PageReport } from './report.ts';
import { swept, sweptUp, type RunEnd } from './transitions.ts';
import { lost, publish, type Work } from './work.ts';

/**
 * What one invocation looks through at most: a list of DynamoDB's is 1 MB at most, and a tombstone is a write of its own, so
 * that none of it comes near a function's time-out.
 */
const most = { lists: 10, records: 5000, writes: 500 };

/**
 * Looks through a part of the stream's records for those that the run has not seen. The vendor is not called, unless the end
 * of its list has to be confirmed before the first deletion.
 */
export async function sweep(position: SweepPosition, held: Checkpoint, work: Work): Promise<PageReport> {
  const memory = await recall(held, work);
  if (memory.kind === 'unknown') return settleSweep(noMore(memory.reason, held), 0, held, work);
  const { seen } = memory;
  const found = await lookThrough(position, seen, held, work);
  const { deleted } = found;
  const next = nextOf(position, found, seen.size, allowanceOf(held, work.deps.clock.now()), work);
  if (isConfirming(next) && (held.progress?.confirmations ?? 0) >= mostConfirmations) {
    const because = 'the list kept growing when its end was to be confirmed';
    return settleSweep(noMore(because, held), deleted, held, work);
  }
  return settleSweep(next, deleted, held, work);
}

/** So often a run asks whether its list really ends where it ended: a list that grows all the time has no end. */
export const mostConfirmations = 3;

function isConfirming(next: Next): boolean {
  return next.kind === 'on' && next.position.kind === 'offset';
}

/** The run is over, and what is still to be deleted stays until another one has looked. */
function noMore(because: string, { progress }: Checkpoint): Next {
  const nothing = (progress?.deleted ?? 0) === 0 ? 'nothing' : 'nothing more';
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
  held: Checkpoint,
  { deps, stream, signal }: Work,
): Promise<Found> {
  const now = deps.clock.now();
  const startedAt = held.progress?.startedAt ?? Infinity;
  const retentionMs = stream.settings.tombstoneRetentionDays * 86_400_000;
  let last = after;
  let live = liveBefore;
  let gone = goneBefore;
  let deleted = 0;
  let deletedBefore = 0;
  let writes = 0;
  let records = 0;
  for (let lists = 0; lists < most.lists && records < most.records && writes < most.writes; lists += 1) {
    // One list is looked through whatever the time is, so that each part gets on.
    if (lists > 0 && deps.clock.now() >= stopAt(held)) break;
    const part = await deps.records.list(stream.name, last, signal);
    const living = part.keys.filter(({ deletedAt }) => deletedAt === null);
    const absent = living.filter(({ id }) => !seen.has(digestOf(id)));
    if (step === 'count') {
      live += living.length;
      gone += absent.length;
      const old = part.keys.filter(({ deletedAt }) => deletedAt !== null && deletedAt + retentionMs <= now);
      await deps.records.erase(stream.name, old, signal);
      writes += old.length;
    } else {
      const ids = absent.map(({ id }) => id);
      const times = { deletedAt: now, expiresAt: now + retentionMs };
      deleted += await deps.records.bury(stream.name, ids, times, signal);
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

async function settleSweep(next: Next, deleted: number, held: Checkpoint, work: Work): Promise<PageReport> {
  const { deps, stream } = work;
  const after = await settle(deps.checkpoints, held, (checkpoint) => {
    const now = deps.clock.now();
    if (next.kind === 'on') {
      const by = carrierOf(stream, next.position);
      return swept(checkpoint, { position: next.position, deleted: next.deletedByRun, by }, now);
    }
    const over = sweptUp(checkpoint, next.end, now);
    // What a person has allowed since this was judged is for the next run, as long as there is something to allow.
    const { allowed, allowedUntil } = checkpoint;
    const isNew = allowed !== held.allowed || allowedUntil !== held.allowedUntil;
    return over.held !== null && isNew ? { ...over, allowed, allowedUntil } : over;
  });
  if (after === undefined) return { ...lost(work, held), deleted };
  publish(work, held, after);
  const reason = next.kind === 'over' ? (next.end.reason ?? null) : null;
  return goOn(after, { deleted, reason }, held, work);
}
