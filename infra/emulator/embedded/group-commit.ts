import type { Callback, Store } from 'dynalite/db/index.js';

import { nextSequence, recordOf, type Change } from './stream-record.ts';

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: unknown }
  | { readonly type: 'del'; readonly key: string };

export interface Write {
  /** Of the item itself. */
  readonly item: Operation;
  /** Null where nothing changes. */
  readonly change: Change | null;
  readonly done: Callback;
}

export interface GroupCommitOptions {
  readonly db: Store['db'];
  /** Of the last record before this start. */
  readonly lastSequence: () => Promise<string>;
  readonly recordKey: (sequence: string) => string;
  readonly lastKey: string;
  /** There are new records. */
  readonly onRecords: () => void;
}

/**
 * Writes the items of a table and the records of its stream in batches of LevelDB, which are there whole or not at all, with
 * never more than one under way. What comes meanwhile is in the next one: so the order of the numbers is that of the commits,
 * who sees a record sees all before it, and writers that come together do not wait for each other's turn on the disk.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #waiting: Write[] = [];
  #last: string | undefined;
  #isBusy = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  async last(): Promise<string> {
    return this.#last ?? (await this.#options.lastSequence());
  }

  add(write: Write): void {
    this.#waiting.push(write);
    if (!this.#isBusy) void this.#commitAll();
  }

  async #commitAll(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) {
      const writes = this.#waiting;
      this.#waiting = [];
      const error = await this.#commit(writes).then(
        () => null,
        (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
      );
      // As dynalite's own store does: what they throw is not for here.
      for (const { done } of writes) setImmediate(done, error);
      if (error === null && writes.some(({ change }) => change !== null)) this.#options.onRecords();
    }
    this.#isBusy = false;
  }

  async #commit(writes: readonly Write[]): Promise<void> {
    const { db, recordKey, lastKey } = this.#options;
    let last = await this.last();
    const operations: Operation[] = [];
    for (const { item, change } of writes) {
      operations.push(item);
      if (change === null) continue;
      last = nextSequence(last);
      operations.push({ type: 'put', key: recordKey(last), value: recordOf(change, last, Date.now()) });
    }
    // By itself, because the last record does not stay: the stream is cut off behind its readers.
    operations.push({ type: 'put', key: lastKey, value: last });
    await db.batch(operations);
    this.#last = last;
  }
}
