import { newestOf, parseMarker, snapshotToTake, type LogTerms } from './due-snapshots.ts';
import { heardKey, parseHeard } from './heartbeat.ts';
import {
  takePart,
  withPart,
  type SnapshotDependencies,
  type SnapshotMarker,
  type TakenParts,
} from './snapshot.ts';
import { markerKey, partKey, snapshotsPrefix } from './snapshot-key.ts';

export interface SnapshotsDependencies extends SnapshotDependencies, Omit<LogTerms, 'gapAt'> {
  /** @returns how often the table has been written to for that */
  readonly heartbeat: { beat(): Promise<number> };
  /** Whole names of all streams of the deployment. */
  readonly streams: readonly string[];
}

/** What was done of one stream's snapshot. */
export interface SnapshotReport {
  readonly stream: string;
  readonly parts: number;
  readonly finished: boolean;
}

/**
 * Takes the snapshots that are due, and goes on with those that were begun, part by part, until all are finished or the time is
 * up. Where it was is found from what it has stored.
 *
 * @param until epoch milliseconds: no part is begun after it
 * @throws what one stream has failed with, once the others are done
 * @throws {LogSilentError} once all is done, where nothing of the table has been published for hours
 */
export async function takeSnapshots(
  deps: SnapshotsDependencies,
  until: number,
  signal: AbortSignal,
): Promise<readonly SnapshotReport[]> {
  const { streams, store, clock, heartbeat } = deps;
  const beats = await heartbeat.beat();
  const marker = await store.readMarker(heardKey);
  const heard = marker === null ? null : parseHeard(marker);
  const gap = heard?.gapAt ?? null;
  const terms = { ...deps, gapAt: gap === null ? null : Date.parse(gap) };
  const keys: string[] = [];
  for await (const key of store.list(snapshotsPrefix, snapshotsPrefix)) keys.push(key);
  const newest = newestOf(keys);
  const reports: SnapshotReport[] = [];
  const failures: unknown[] = [];
  let isKnown = false;
  for (const stream of streams) {
    if (clock.now() >= until) break;
    try {
      const { finished, report } = await takeOf(stream, newest.get(stream), terms, until, signal);
      isKnown ||= finished?.source === deps.source;
      if (report !== null) reports.push(report);
    } catch (error) {
      // One record that cannot be read is not to hold up the others' snapshots.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  const unheard = beats - (heard?.source === deps.source ? heard.count : 0);
  // Whoever has just begun with a stream has heard nothing of it.
  if (isKnown && unheard > maxUnheard) throw new LogSilentError(unheard);
  return reports;
}

async function takeOf(
  stream: string,
  newest: { readonly finishedAt: number | null; readonly begunAt: number } | undefined,
  deps: SnapshotsDependencies & LogTerms,
  until: number,
  signal: AbortSignal,
): Promise<{ readonly finished: SnapshotMarker | null; readonly report: SnapshotReport | null }> {
  const { store, clock } = deps;
  const { finishedAt = null, begunAt = null } = newest ?? {};
  const text = finishedAt === null ? null : await store.readMarker(markerKey(stream, finishedAt));
  const finished = text === null ? null : parseMarker(text);
  const toTake = snapshotToTake({ finished, begunAt }, deps, clock.now());
  if (toTake === null) return { finished, report: null };
  const begun = { stream, begunAt: toTake, parts: 0, after: null, records: 0 };
  let taken: TakenParts | null = toTake === begunAt ? await storedOf(begun, deps) : begun;
  let parts = taken.parts;
  while (taken !== null && clock.now() < until) {
    taken = await takePart(taken, deps, signal);
    parts = taken?.parts ?? parts;
  }
  return { finished, report: { stream, parts, finished: taken === null } };
}

/** One is on its way, and one may be late. */
const maxUnheard = 3;

/** Lambda tells how old it is what it hands over; where it hands over nothing, nobody else says so. */
export class LogSilentError extends Error {
  override readonly name = 'LogSilentError';

  constructor(beats: number) {
    super(
      `Nothing of the records table has been published for ${beats} hours: look whether the event source mapping of publish-changes is enabled`,
    );
  }
}

/** The parts that are there of a snapshot. */
async function storedOf(begun: TakenParts, { store }: SnapshotDependencies): Promise<TakenParts> {
  for (let taken = begun; ;) {
    const lines = await store.read(partKey(taken.stream, taken.begunAt, taken.parts + 1));
    if (lines === null || lines.length === 0) return taken;
    taken = withPart(taken, lines);
  }
}
