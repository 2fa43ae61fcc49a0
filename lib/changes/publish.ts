import { changeOf, type Change, type RecordWrite } from './change.ts';
import { isForgotten } from './forgotten.ts';
import { lineOf } from './line.ts';
import { changeKey } from './object-key.ts';
import type { ForgottenReader, LogWriter } from './ports.ts';
import { countsOf, summaryOf, type LineCounts } from './run-in-log.ts';

export interface PublishDependencies {
  readonly log: LogWriter;
  readonly forgotten: ForgottenReader;
  readonly clock: { now(): number };
  /** Whether lines say what a record was before. */
  readonly keepsBefore: boolean;
}

/** What was published of one stream of records. */
export interface Published {
  readonly stream: string;
  readonly key: string;
  readonly lines: number;
  readonly counts: LineCounts;
  /** Of its first and its last line: the same wherever a batch comes twice. */
  readonly first: string;
  readonly last: string;
}

/**
 * Writes a batch of the table's stream into the log: an object for each stream of records, lines in the order of the writes.
 * A batch that fails comes again whole, so that some of its lines may be published twice; `sequence` tells them apart.
 * Of a record that a person has forgotten, what it was before is left out, and only that it was erased is said.
 *
 * @param writes of one shard, in its order
 */
export async function publish(
  writes: readonly RecordWrite[],
  { log, forgotten, clock, keepsBefore }: PublishDependencies,
  signal: AbortSignal,
): Promise<readonly Published[]> {
  // Named by the moment before anything is looked up. So an object appears within a function's time-out of its name, or never;
  // it holds no later write; and what was forgotten before that moment is not in it.
  const publishedAt = clock.now();
  const changes = await changesIn(writes, forgotten, keepsBefore);
  const published: Published[] = [];
  for (const [stream, ofStream] of Map.groupBy(changes, ({ stream }) => stream)) {
    const [first] = ofStream;
    if (first === undefined) continue;
    const key = changeKey(stream, publishedAt, first.sequence);
    await log.put(key, ofStream.map(lineOf), signal, summaryOf(ofStream));
    const [{ sequence: last } = first] = ofStream.slice(-1);
    published.push({
      ...{ stream, key, lines: ofStream.length, counts: countsOf(ofStream) },
      ...{ first: first.sequence, last },
    });
  }
  return published;
}

async function changesIn(
  writes: readonly RecordWrite[],
  forgotten: ForgottenReader,
  keepsBefore: boolean,
): Promise<readonly Change[]> {
  const changes = writes.flatMap((write) => {
    const change = changeOf(write, keepsBefore);
    return change === null ? [] : [{ write, change }];
  });
  if (changes.length === 0) return [];
  const until = await forgotten.read();
  return changes
    .filter(({ write, change }) => change.op === 'erased' || !isForgotten(write, until))
    .map(({ change }) => change);
}
