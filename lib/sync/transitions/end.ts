import { mixedFingerprints } from '../request-fingerprint.ts';
import { spentBy, type Checkpoint, type Claimed, type RunProgress } from '../checkpoint.ts';
import { clearTrouble, released, withPage, type StoredPage } from './page.ts';

/** How a run comes to its end. */

export type RunEnd =
  | {
      readonly outcome: 'complete';
      /** Whether every row that there is has been given: then what it was requested with can be trusted from now on. */
      readonly enumerated: boolean;
      /** Whether it vouches for all rows, so that one that did not come has gone. */
      readonly sure: boolean;
      /** Records that became tombstones at last; null if none were looked for. */
      readonly deleted: number | null;
      /** What a person should know of it, though it is no fault of the vendor's; null or absent if nothing. */
      readonly reason?: string | null;
    }
  | { readonly outcome: 'partial'; readonly reason: string }
  | {
      readonly outcome: 'suspicious';
      readonly reason: string;
      /** Records that would have become tombstones, of so many. */
      readonly rows: number;
      readonly of: number;
    };

/** The run is over with its last page. */
export function closed(checkpoint: Claimed, page: StoredPage, end: RunEnd, now: number): Checkpoint {
  return ended(withPage(checkpoint, page, now), end, now);
}

/** The run is over with the last of the records that were looked at. */
export function sweptUp(checkpoint: Claimed, end: RunEnd, now: number): Checkpoint {
  const { progress } = checkpoint;
  return ended({ ...released(checkpoint, now), ...clearTrouble(checkpoint, now), progress }, end, now);
}

/** Too many setbacks: the run is over without a result, and the next tick begins another. What is stored is kept. */
export function drifted(
  checkpoint: Claimed,
  last: { readonly status: number | null; readonly reason: string },
  now: number,
): Checkpoint {
  return {
    ...released(checkpoint, now),
    ...over(checkpoint),
    validators: null,
    // The vendor has answered: that the run came to nothing is told by another ticket.
    ...(spentBy(checkpoint) !== null && clearTrouble(checkpoint, now)),
    outcome: 'drifted',
    doubtedSince: checkpoint.doubtedSince ?? now,
    lastStatus: last.status,
    reason: last.reason,
  };
}

function ended(
  checkpoint: Checkpoint & { readonly progress: RunProgress },
  end: RunEnd,
  now: number,
): Checkpoint {
  const { progress, heldDeletions } = checkpoint;
  const common = {
    ...checkpoint,
    ...over(checkpoint),
    outcome: end.outcome,
    validators: validatorsAfter(checkpoint, end),
    // A run that was not given everything does not know how much there is.
    lastRunRows: isWhole(end) ? progress.records : checkpoint.lastRunRows,
    cutShortRuns: progress.cutShort ? checkpoint.cutShortRuns + 1 : 0,
    completedAt: now,
    // What was not written grows old.
    freshFrom: progress.unwritten ? checkpoint.freshFrom : now,
    // What such a run was given is up to date; that none ever vouches for all comes to a person after some days.
    doubtedSince: isSure(end) ? null : (checkpoint.doubtedSince ?? now),
  };
  const requestFingerprint =
    progress.requestFingerprint === mixedFingerprints ? null : progress.requestFingerprint;
  switch (end.outcome) {
    case 'partial':
      return { ...common, reason: end.reason };
    case 'suspicious': {
      const { rows, of, reason } = end;
      return {
        ...common,
        reason,
        trustedFingerprint: requestFingerprint,
        heldDeletions: { rows, of, since: heldDeletions?.since ?? now },
        allowed: null,
        allowedUntil: null,
      };
    }
    case 'complete':
      return {
        ...common,
        reason: end.reason ?? null,
        ...(end.enumerated && { trustedFingerprint: requestFingerprint }),
        // Where the vendor never says where its list ends, nothing will be deleted even if a person allows it.
        ...(!end.enumerated && progress.records > 0 && { heldDeletions: null }),
        ...(end.deleted !== null && { heldDeletions: null, allowed: null, allowedUntil: null }),
        progress: { ...progress, deleted: progress.deleted + (end.deleted ?? 0) },
      };
  }
}

/** Of a list that is stored whole, and of which what has gone has been looked for; those of the last one where it has not changed. */
function validatorsAfter(
  { validators, progress }: Checkpoint & { readonly progress: RunProgress },
  end: RunEnd,
): Checkpoint['validators'] {
  if (end.outcome !== 'complete') return null;
  if (!end.enumerated) return validators;
  const isStored = end.sure && end.deleted !== null && !progress.unwritten;
  return isStored && progress.validators !== null
    ? { ...progress.validators, wholeAt: progress.startedAt }
    : null;
}

function isWhole(end: RunEnd): boolean {
  return end.outcome === 'suspicious' || (end.outcome === 'complete' && end.enumerated);
}

function isSure(end: RunEnd): boolean {
  return end.outcome === 'suspicious' || (end.outcome === 'complete' && end.sure);
}

function over({ state }: Checkpoint): Pick<Checkpoint, 'state' | 'run' | 'position' | 'waitingSince'> {
  return { state: state === 'paused' ? 'paused' : 'idle', run: null, position: null, waitingSince: null };
}
