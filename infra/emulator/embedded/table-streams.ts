import type { Server } from 'node:http';

import dynalite, { type DynaliteOptions } from 'dynalite';
import dynaliteDb, { type Callback, type Item, type ItemDb, type Store } from 'dynalite/db/index.js';

import { GroupCommit, type Operation } from './group-commit.ts';
import { changesAnything, firstSequence, type StreamRecord } from './stream-record.ts';

/** The names of the key's attributes, by the name of a table that has a stream. */
export type StreamedTables = Readonly<Record<string, readonly string[]>>;

/**
 * Starts dynalite, which has no streams, with the streams of these tables captured in its own store.
 *
 * Every operation that writes ends in `put` or `del` of the table's items, BatchWriteItem one by one: after its condition, and
 * in dynalite's lock of the key. So it is there that the record is written, in one batch with the item: what is refused has
 * none, and neither can be there without the other, however the process ends. In front of dynalite, on the wire, neither would
 * hold. dynalite takes its store from its own module when it is called; that is where it is got hold of.
 */
export function startDynalite(
  options: DynaliteOptions,
  tables: StreamedTables,
): { readonly server: Server; readonly streams: TableStreams } {
  const create = dynaliteDb.create.bind(dynaliteDb);
  let streams: TableStreams | undefined;
  dynaliteDb.create = (given) => {
    const store = create(given);
    streams = new TableStreams(store, tables);
    return store;
  };
  try {
    const server = dynalite(options);
    if (streams === undefined) throw new Error('dynalite has made its store in another way: see its version');
    return { server, streams };
  } finally {
    dynaliteDb.create = create;
  }
}

/** The streams of tables: what has changed in each, in order, until somebody cuts it off. */
export class TableStreams {
  readonly #db: Store['db'];
  readonly #commits = new Map<string, GroupCommit>();
  readonly #listeners = new Set<(table: string) => void>();

  constructor(store: Store, tables: StreamedTables) {
    this.#db = store.db;
    const itemDbOf = store.getItemDb.bind(store);
    for (const table of Object.keys(tables)) this.#commits.set(table, this.#commitOf(table));
    store.getItemDb = (name) => {
      const commit = this.#commits.get(name);
      const items = itemDbOf(name);
      return commit === undefined ? items : this.#captured(items, name, tables[name] ?? [], commit);
    };
  }

  /** The records after a number, or from the first one that is left, in order. */
  async read(table: string, after: string | null, limit: number): Promise<StreamRecord[]> {
    const records = await this.#db
      .values({ gt: recordKey(table, after ?? ''), lt: endOfRecords(table), limit })
      .all();
    return records as StreamRecord[];
  }

  /** The number of the last record that was written, whether or not it is still there. */
  async last(table: string): Promise<string> {
    return await (this.#commits.get(table)?.last() ?? this.#storedLast(table));
  }

  /** Forgets the records up to a number, that one too; without one all of them. */
  async trim(table: string, upTo?: string): Promise<void> {
    const end = upTo === undefined ? { lt: endOfRecords(table) } : { lte: recordKey(table, upTo) };
    await this.#db.clear({ gt: recordKey(table, ''), ...end });
  }

  /** How far a reader has come; null if it has never been here. */
  async position(reader: string): Promise<string | null> {
    return ((await this.#db.get(positionKey(reader))) as string | undefined) ?? null;
  }

  async keepPosition(reader: string, sequence: string): Promise<void> {
    await this.#db.put(positionKey(reader), sequence);
  }

  /** Called when a table has new records. @returns how to end it */
  onRecords(listener: (table: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #commitOf(table: string): GroupCommit {
    return new GroupCommit({
      db: this.#db,
      lastSequence: () => this.#storedLast(table),
      recordKey: (sequence) => recordKey(table, sequence),
      lastKey: lastKey(table),
      onRecords: () => {
        for (const listener of this.#listeners) listener(table);
      },
    });
  }

  async #storedLast(table: string): Promise<string> {
    return ((await this.#db.get(lastKey(table))) as string | undefined) ?? firstSequence;
  }

  #captured(items: ItemDb, table: string, keys: readonly string[], commit: GroupCommit): ItemDb {
    const write = (item: Operation, after: Item | undefined, done: Callback): void => {
      // Nobody else writes it meanwhile: the caller holds the lock of the key.
      (this.#db.get(item.key) as Promise<Item | undefined>).then((before) => {
        const change = { before, after, keys };
        commit.add({ item, change: changesAnything(change) ? change : null, done });
      }, done);
    };
    const itemKey = (key: string) => `item-${table}~${key}`;
    return {
      ...items,
      put: (key, value, done) => {
        write({ type: 'put', key: itemKey(key), value }, value, done);
      },
      del: (key, done) => {
        write({ type: 'del', key: itemKey(key) }, undefined, done);
      },
    };
  }
}

/** No name of a table has an exclamation mark, so that no key of dynalite's begins like this, and no table's like another's. */
const recordsOf = (table: string) => `!stream!${table}!record!`;
const recordKey = (table: string, sequence: string) => `${recordsOf(table)}${sequence}`;
const endOfRecords = (table: string) => `${recordsOf(table)}~`;
const lastKey = (table: string) => `!stream!${table}!last`;
const positionKey = (reader: string) => `!position!${reader}`;
