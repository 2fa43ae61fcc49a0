import { snapshotMarker, type SnapshotMarker } from './snapshot.ts';
import { readSnapshotKey } from './snapshot-key.ts';

/** The snapshots that there are of a stream, as far as it matters to the next. Epoch milliseconds. */
export interface KnownSnapshots {
  /** The newest one that is finished. */
  readonly finished: SnapshotMarker | null;
  /** The newest one, finished or not. */
  readonly begunAt: number | null;
}

export interface LogTerms {
  /** When writes of the table were last found missing in the log, epoch milliseconds; null where none were. */
  readonly gapAt: number | null;
  /** The ARN of the stream that the log is made from now. */
  readonly source: string;
  readonly retentionDays: number;
}

/** One that has not been finished by then is begun anew: its parts are too far apart from each other in time. */
const lostAfterMs = 2 * 86_400_000;
const dayMs = 86_400_000;
/**
 * Publishers of other shards may tell of the same gap a little later, and what they tell is to be behind no snapshot. None of them
 * runs longer: it is Lambda's limit.
 */
export const settlesMs = 15 * 60_000;

/**
 * Which snapshot is to be taken: one where there is none, where the log is made from another table than that of the newest or has
 * a gap since, and long before the lines that come on top of it expire; the one that was begun, if there is any. Pure.
 *
 * @returns when it was begun, or is; null if none is to be taken
 */
export function snapshotToTake(
  { finished, begunAt }: KnownSnapshots,
  terms: LogTerms,
  now: number,
): number | null {
  const finishedAt = finished === null ? null : Date.parse(finished.begunAt);
  const gapUntil = terms.gapAt === null ? 0 : terms.gapAt + settlesMs;
  if (now <= gapUntil) return null;
  const isOpen = begunAt !== null && begunAt !== finishedAt && begunAt + lostAfterMs > now;
  if (isOpen && begunAt > gapUntil) return begunAt;
  if (finishedAt === null || finished?.source !== terms.source || finishedAt <= gapUntil) return now;
  return now - finishedAt > (terms.retentionDays * dayMs) / 3 ? now : null;
}

/** Of keys of snapshots, for each stream: the moment of the newest marker, and of the newest object. Pure. */
export function newestOf(
  keys: Iterable<string>,
): ReadonlyMap<string, { readonly finishedAt: number | null; readonly begunAt: number }> {
  const newest = new Map<string, { finishedAt: number | null; begunAt: number }>();
  for (const key of keys) {
    const object = readSnapshotKey(key);
    if (object === null) continue;
    const { stream, begunAt, kind } = object;
    const before = newest.get(stream) ?? { finishedAt: null, begunAt };
    newest.set(stream, {
      finishedAt: kind === 'marker' ? Math.max(before.finishedAt ?? 0, begunAt) : before.finishedAt,
      begunAt: Math.max(before.begunAt, begunAt),
    });
  }
  return newest;
}

/** @throws {SyntaxError | z.ZodError} of a marker that is none */
export function parseMarker(text: string): SnapshotMarker {
  return snapshotMarker.parse(JSON.parse(text));
}
