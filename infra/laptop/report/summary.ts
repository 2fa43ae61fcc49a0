import { openPosition } from '../../../lib/operations/status.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { StreamOutcome } from '../../../lib/sync/outcome.ts';
import type { LocalRunResult } from '../run/local-run.ts';
import type { ChangeLogCounts, Progress, StreamCounts, StreamProgress } from './progress.ts';

/** What `--json` prints, whole. Scripts read it: a change of a name is a change of `schemaVersion`. */
export interface Summary {
  readonly schemaVersion: 1;
  readonly streams: readonly StreamSummary[];
  readonly alarms: readonly AlarmSummary[];
  readonly notifications: LocalRunResult['notifications'];
  /** What was written into the change log; null where there is none. */
  readonly changes: ChangeLogCounts | null;
  /** How many were sent, by detail-type. */
  readonly events: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Counts cover this process; the rest is what is stored at its end. */
export interface StreamSummary extends StreamCounts {
  readonly outcome: StreamOutcome;
  /** Offset or cursor where the open run goes on; null if none is open, at the beginning, and after its last page. */
  readonly position: number | string | null;
  readonly attempt: number;
  readonly lastStatus: number | null;
  readonly reason: string | null;
}

export interface AlarmSummary {
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly reason: string;
}

/** @param result null if the run broke down before it could read what is stored. Times in epoch milliseconds. */
export function summarize(
  progress: Progress,
  result: LocalRunResult | null,
  { startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number },
): Summary {
  return {
    schemaVersion: 1,
    streams: [...progress.streams.values()].map((one) =>
      streamSummary(one, result?.checkpoints.get(one.stream), startedAt),
    ),
    alarms: (result?.alarms ?? []).map(({ name, state, reason }) => ({ name, state, reason })),
    notifications: result?.notifications ?? [],
    changes: progress.changes,
    events: Object.fromEntries(progress.events),
    seconds: Math.round((endedAt - startedAt) / 100) / 10,
  };
}

/** 0 if every stream is complete, else 1: `partial`, for one, is not. */
export function exitStatus({ streams }: Pick<Summary, 'streams'>): 0 | 1 {
  return streams.every(({ outcome }) => outcome === 'complete') ? 0 : 1;
}

function streamSummary(
  seen: StreamProgress,
  checkpoint: Checkpoint | undefined,
  startedAt: number,
): StreamSummary {
  const { stream, pages, requests, redrives, records, written, unchanged, deleted, phase } = seen;
  const counts = { stream, pages, requests, redrives, records, written, unchanged, deleted };
  if (checkpoint === undefined) {
    const outcome = phase.kind === 'ended' ? phase.outcome : 'waiting';
    const reason = phase.kind === 'ended' || phase.kind === 'waiting' ? phase.why : null;
    return { ...inOrder(outcome, counts), position: null, attempt: 0, lastStatus: null, reason };
  }
  const { attempt, lastStatus, reason } = checkpoint;
  const outcome = outcomeNow(checkpoint, startedAt);
  return { ...inOrder(outcome, counts), position: openPosition(checkpoint), attempt, lastStatus, reason };
}

function inOrder<T extends { readonly stream: string }>(
  outcome: StreamOutcome,
  { stream, ...counts }: T,
): { readonly stream: string; readonly outcome: StreamOutcome } & Omit<T, 'stream'> {
  return { stream, outcome, ...counts };
}

/** That an earlier process came to the end must not pass for an end that this one has not reached. */
function outcomeNow({ outcome, completedAt }: Checkpoint, startedAt: number): StreamOutcome {
  const isEnd = outcome === 'complete' || outcome === 'partial';
  if (outcome === null || (isEnd && (completedAt ?? 0) < startedAt)) return 'waiting';
  return outcome;
}
