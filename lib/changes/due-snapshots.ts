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
  /** The ARN of the stream that the log is made from now. */
  readonly source: string;
  readonly retentionDays: number;
}

/** A walk through a stream that takes longer has been lost. */
const lostAfterMs = 12 * 3_600_000;
const dayMs = 86_400_000;

/**
 * Whether a snapshot is to be begun: where there is none, where the log is made from another table than that of the newest, and
 * long before the lines that come on top of it expire. Pure.
 */
export function isSnapshotDue({ finished, begunAt }: KnownSnapshots, terms: LogTerms, now: number): boolean {
  const isUnderWay =
    begunAt !== null && begunAt !== (finished && Date.parse(finished.begunAt)) && begunAt + lostAfterMs > now;
  if (isUnderWay) return false;
  if (finished?.source !== terms.source) return true;
  return now - Date.parse(finished.begunAt) > (terms.retentionDays * dayMs) / 3;
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
