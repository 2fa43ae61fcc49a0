import type { Change } from './change.ts';
import { cursorBehind, hasRead, type Cursor } from './cursor.ts';
import { parseLine } from './line.ts';
import { beginningAt, changesOf, readChangeKey } from './object-key.ts';
import type { LogReader } from './ports.ts';

/**
 * An object appears in the log within the time-out of the function that publishes it (`publishTimeoutSeconds`) after the moment
 * that it is named by. Twice of that: the clocks of functions and readers differ, too.
 */
export const settledAfterMs = 120_000;
export const publishTimeoutSeconds = settledAfterMs / 2000;

interface Reading {
  readonly since: Cursor;
  /** Epoch milliseconds; what was published then or later is not read. */
  readonly until?: number;
}

/**
 * The lines of some streams in the order in which they were published, those of one record in the order of its changes. Each at
 * least once: a line that was published twice is read twice, and has the same `sequence`.
 *
 * @returns the cursor to go on from; nothing that appears later is behind it
 * @throws {DamagedLineError}
 */
export async function* readChanges(
  streams: readonly string[],
  { since, until = Infinity }: Reading,
  log: LogReader,
): AsyncGenerator<Change, Cursor, undefined> {
  // Before the first list: what appears while this goes on is found by the next reading.
  const began = await log.now(changesOf(streams[0] ?? ''));
  const settled = Math.min(began - settledAfterMs, until);
  const from = Math.max(since.from, settled);
  const read: LogObject[] = [];
  for await (const object of inOrder(streams, since, log)) {
    // What is named later than this began may follow on what has appeared in front of the place where the lists are by now.
    if (object.publishedAt >= until || object.publishedAt > began) break;
    if (object.publishedAt >= from) read.push(object);
    if (hasRead(since, object.key)) continue;
    // Null: it has come to the end of its days since it was listed.
    for (const line of (await log.read(object.key)) ?? []) yield parseLine(line);
  }
  return cursorBehind(from, read);
}

interface LogObject {
  readonly key: string;
  readonly publishedAt: number;
  readonly sequence: string;
}

/** The objects of all streams by the time of publishing, from the cursor's moment on. */
async function* inOrder(
  streams: readonly string[],
  { from }: Cursor,
  log: LogReader,
): AsyncGenerator<LogObject, void, undefined> {
  const lists = streams.map((stream) => objectsOf(stream, from, log));
  const heads = await Promise.all(lists.map((list) => list.next()));
  for (;;) {
    let next: number | null = null;
    let first: LogObject | null = null;
    for (const [index, head] of heads.entries()) {
      if (head.done === true || (first !== null && compare(first, head.value) <= 0)) continue;
      [next, first] = [index, head.value];
    }
    if (next === null || first === null) return;
    yield first;
    const list = lists[next];
    if (list !== undefined) heads[next] = await list.next();
  }
}

async function* objectsOf(
  stream: string,
  from: number,
  log: LogReader,
): AsyncGenerator<LogObject, void, undefined> {
  for await (const key of log.list(changesOf(stream), beginningAt(stream, from))) {
    const named = readChangeKey(key);
    if (named !== null) yield { key, ...named };
  }
}

function compare(a: LogObject, b: LogObject): number {
  return a.publishedAt - b.publishedAt || (a.sequence < b.sequence ? -1 : a.sequence > b.sequence ? 1 : 0);
}
