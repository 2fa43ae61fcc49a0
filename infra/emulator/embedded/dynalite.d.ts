/** dynalite brings no types. https://github.com/architect/dynalite#programmatic-usage */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  export interface DynaliteOptions {
    /** Folder of the LevelDB store; in memory if left out. */
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }

  export default function dynalite(options?: DynaliteOptions): Server;
}

/** What dynalite asks for its store, once, when it starts. Its own, so that only the exact version in package.json is safe. */
declare module 'dynalite/db/index.js' {
  import type { Level } from 'level';

  import type { DynaliteOptions } from 'dynalite';

  type Callback = (error: Error | null) => void;
  type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  /** The items of one table. */
  interface ItemDb {
    put(key: string, item: Item, callback: Callback): void;
    del(key: string, callback: Callback): void;
  }

  interface Store {
    /** Items are at `item-TABLE~KEY`. */
    readonly db: Level<string, unknown>;
    getItemDb(table: string): ItemDb;
  }

  const db: {
    create(options?: DynaliteOptions): Store;
    /** In bytes, as DynamoDB counts them. */
    itemSize(item: Item): number;
  };
  export default db;
  export type { Callback, Item, ItemDb, Store };
}
