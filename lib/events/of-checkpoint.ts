import type { Checkpoint, RunProgress } from '../sync/checkpoint.ts';
import { newCheckpoint } from '../sync/checkpoint.ts';
import type { RunEnded, StreamStateChanged } from './event.ts';

/** One write of a stream's checkpoint, as the table's stream has it. */
export interface CheckpointWrite {
  /** Null of the first. */
  readonly before: Checkpoint | null;
  readonly after: Checkpoint;
}

/** A run that is over, but for where its lines are in the change log. */
export interface EndedRun {
  readonly event: Omit<RunEnded, 'log'>;
  /** Lines that it must have in the log. */
  readonly lines: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Null where the stream is in the state that it was in. Pure. */
export function stateChangeOf(
  { before, after }: CheckpointWrite,
  deployment: string,
): StreamStateChanged | null {
  const { stream, state: to, outcome, reason, revision } = after;
  const { state: from } = before ?? newCheckpoint(stream);
  if (from === to) return null;
  const at = new Date(after.outcomeAt ?? after.movedAt).toISOString();
  return { id: `state/${stream}/${revision}`, deployment, stream, at, from, to, outcome, reason };
}

/** Null where no run has ended with it. One that another one takes the place of has ended, too. Pure. */
export function endOfRun({ before, after }: CheckpointWrite, deployment: string): EndedRun | null {
  const run = before?.run ?? null;
  if (before === null || run === null || after.run === run) return null;
  // Where another run begins the checkpoint tells of that one already.
  const isReplaced = after.run !== null;
  const last = isReplaced ? before : after;
  const { stream, outcome, reason } = last;
  const progress = last.progress ?? before.progress;
  if (progress === null || outcome === null) return null;
  const endedAt = isReplaced ? after.movedAt : (after.outcomeAt ?? after.movedAt);
  return {
    event: {
      id: `run/${stream}/${run}`,
      ...{ deployment, stream, run, outcome, reason },
      at: new Date(endedAt).toISOString(),
      whole: !isReplaced && isWhole(last),
      ...countsOf(progress, endedAt),
    },
    lines: progress.written + progress.deleted,
    startedAt: progress.startedAt,
    endedAt,
  };
}

/** It vouches for every row: see `isSure` in lib/sync/transitions/end.ts. */
function isWhole({ outcome, doubtedSince, progress }: Checkpoint): boolean {
  const isThrough = outcome === 'complete' || outcome === 'suspicious';
  // What has changed alone says nothing of the other rows.
  const isOfAll = (progress?.changesSince ?? null) === null;
  return isThrough && isOfAll && doubtedSince === null && progress?.unwritten !== true;
}

function countsOf(progress: RunProgress, endedAt: number) {
  const { startedAt, pages, records, written, unchanged, deleted } = progress;
  return {
    startedAt: new Date(startedAt).toISOString(),
    durationSeconds: Math.max(0, Math.round((endedAt - startedAt) / 1000)),
    ...{ pages, records, written, unchanged, deleted },
  };
}
