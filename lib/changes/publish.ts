import { changeOf, type Change, type RecordWrite } from './change.ts';
import { lineOf } from './line.ts';
import { changeKey } from './object-key.ts';
import type { LogWriter } from './ports.ts';

export interface PublishDependencies {
  readonly log: LogWriter;
  readonly clock: { now(): number };
  /** Whether lines say what a record was before. */
  readonly keepsBefore: boolean;
}

/** What was published of one stream of records. */
export interface Published {
  readonly stream: string;
  readonly key: string;
  readonly lines: number;
}

/**
 * Writes a batch of the table's stream into the log: an object for each stream of records, lines in the order of the writes.
 * A batch that fails comes again whole, so that some of its lines may be published twice; `sequence` tells them apart.
 *
 * @param writes of one shard, in its order
 */
export async function publish(
  writes: readonly RecordWrite[],
  { log, clock, keepsBefore }: PublishDependencies,
  signal: AbortSignal,
): Promise<readonly Published[]> {
  const changes = writes.flatMap((write) => changeOf(write, keepsBefore) ?? []);
  const published: Published[] = [];
  for (const [stream, ofStream] of byStream(changes)) {
    const [first] = ofStream;
    if (first === undefined) continue;
    // Named by the moment before it is stored: an object appears within a function's time-out of its name, or never.
    const key = changeKey(stream, clock.now(), first.sequence);
    await log.put(key, ofStream.map(lineOf), signal);
    published.push({ stream, key, lines: ofStream.length });
  }
  return published;
}

function byStream(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const streams = new Map<string, Change[]>();
  for (const change of changes) {
    const ofStream = streams.get(change.stream);
    if (ofStream === undefined) streams.set(change.stream, [change]);
    else ofStream.push(change);
  }
  return streams;
}
