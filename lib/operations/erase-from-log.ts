import { batchWithout, failedBatchesPrefix, UnreadableBatchError } from '../aws/failed-batch.ts';
import { inParallel } from '../aws/until-processed.ts';
import { DamagedLineError } from '../changes/line.ts';
import { beginningAt, changesOf, readChangeKey } from '../changes/object-key.ts';
import type { LogEraser } from '../changes/ports.ts';
import { readSnapshotKey, snapshotsOf } from '../changes/snapshot-key.ts';
import { linesWithout } from '../changes/without-record.ts';

/** Up to where the log may hold what a record was before it was forgotten, epoch milliseconds each. */
export interface Bounds {
  /** Objects of changes that were named later were published by whoever knew that it is forgotten. */
  readonly publishedUntil: number;
  /** Later writes are of a new record, and snapshots that were begun later have read the table without the old one. */
  readonly until: number;
}

/** What was done to the objects of the log. */
export interface Looked {
  readonly objects: number;
  readonly bytes: number;
  /** Those that were taken away are among them. */
  readonly rewritten: number;
  readonly rewrittenBytes: number;
  /** They may still hold it. */
  readonly unreadable: number;
}

type Found = 'unchanged' | 'rewritten' | 'gone' | 'unreadable';

interface Candidate {
  readonly key: string;
  readonly bytes: number;
  /** Its text without the record; null if there is nothing to take out, and an empty text if nothing is left. */
  readonly without: (text: string) => string | null;
}

/** Each is read and written whole, and may have 16 MB of JSON. */
const objectsAtOnce = 8;

/** Takes one record out of the objects of the log. What it has looked through once it does not look at again. */
export class LogSearch {
  readonly #record: { readonly stream: string; readonly id: string };
  readonly #log: LogEraser;
  readonly #seen = new Set<string>();
  #looked: Looked = { objects: 0, bytes: 0, rewritten: 0, rewrittenBytes: 0, unreadable: 0 };

  constructor(record: { readonly stream: string; readonly id: string }, log: LogEraser) {
    this.#record = record;
    this.#log = log;
  }

  /** Of all calls together. */
  get looked(): Looked {
    return this.#looked;
  }

  /** @param since what was published before that is not looked at */
  async erase(bounds: Bounds, since: number): Promise<void> {
    await inParallelOf(this.#candidates(bounds, since), objectsAtOnce, async (candidate) => {
      const { key, bytes } = candidate;
      if (this.#seen.has(key)) return;
      const found = await this.#rewrite(candidate);
      // A part of a snapshot that was taken away may be written once more.
      if (found !== 'gone') this.#seen.add(key);
      this.#count(found, bytes);
    });
  }

  #count(found: Found, size: number): void {
    const { objects, bytes, rewritten, rewrittenBytes, unreadable } = this.#looked;
    const isRewritten = found === 'rewritten' || found === 'gone';
    this.#looked = {
      ...{ objects: objects + 1, bytes: bytes + size },
      rewritten: rewritten + (isRewritten ? 1 : 0),
      rewrittenBytes: rewrittenBytes + (isRewritten ? size : 0),
      unreadable: unreadable + (found === 'unreadable' ? 1 : 0),
    };
  }

  async *#candidates(bounds: Bounds, since: number): AsyncGenerator<Candidate, void, undefined> {
    const record = this.#record;
    const { stream } = record;
    const withoutLines = (text: string): string | null => linesWithout(text, record);
    for await (const object of this.#log.sizes(changesOf(stream), beginningAt(stream, since))) {
      const named = readChangeKey(object.key);
      if (named === null) continue;
      if (named.publishedAt > bounds.publishedUntil) break;
      yield { ...object, without: withoutLines };
    }
    // The number of records that stands in the marker of a snapshot stays as it was: it tells how many were read. Nothing that
    // takes a snapshot goes by it, nor by how many lines a part has.
    for await (const object of this.#log.sizes(snapshotsOf(stream), snapshotsOf(stream))) {
      const named = readSnapshotKey(object.key);
      if (named?.kind !== 'part' || named.begunAt > bounds.until) continue;
      yield { ...object, without: withoutLines };
    }
    for await (const object of this.#log.sizes(failedBatchesPrefix, failedBatchesPrefix)) {
      yield { ...object, without: (text) => batchWithout(text, record, bounds.until) };
    }
  }

  async #rewrite({ key, without }: Candidate): Promise<Found> {
    for (;;) {
      const version = await this.#log.readVersion(key);
      if (version === null) return 'unchanged';
      const text = textWithout(without, version.text);
      if (text === unreadable) return 'unreadable';
      if (text === null) return 'unchanged';
      const { etag } = version;
      if (text === '') {
        if (await this.#log.remove(key, etag)) return 'gone';
      } else if (await this.#log.replace(key, { text, etag })) return 'rewritten';
    }
  }
}

const unreadable = Symbol('unreadable');

/** One object that nobody can read does not keep the others from being rewritten. */
function textWithout(without: Candidate['without'], text: string): string | null | typeof unreadable {
  try {
    return without(text);
  } catch (error) {
    if (error instanceof DamagedLineError || error instanceof UnreadableBatchError) return unreadable;
    throw error;
  }
}

/** As `inParallel`, of what comes one after the other. */
function inParallelOf<Item>(
  items: AsyncGenerator<Item, void, undefined>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  return inParallel(Array.from({ length: limit }), limit, async () => {
    try {
      for (let next = await items.next(); next.done !== true; next = await items.next())
        await work(next.value);
    } catch (error) {
      await items.return();
      throw error;
    }
  });
}
