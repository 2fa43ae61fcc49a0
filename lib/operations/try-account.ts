import type { Checkpoint } from '../sync/checkpoint.ts';
import { newBreaker, type Breaker } from '../sync/breaker.ts';
import { newOutage, type Outage } from '../sync/outage.ts';
import type { Clock, PageInMemory, Records, Secret, Vendor } from '../sync/ports.ts';
import type { Schema } from '../sync/schema.ts';
import type { Stream } from '../sync/settings.ts';
import type { SyncDependencies } from '../sync/work.ts';

export interface TryAccountOptions {
  readonly stream: Stream;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly secret: Secret;
  readonly vendor: Vendor;
  readonly clock: Clock;
  /** The ids that stand for the records of the stream whose rows this one is requested by. */
  readonly parents: readonly string[];
}

/**
 * All that a sync of one stream needs, in memory alone: what is synced with it is walked by the same code as in an account, and is
 * gone with the process. Every permit is granted, for the caller counts its calls itself.
 */
export function tryAccount(options: TryAccountOptions): SyncDependencies {
  const { stream, baseUrl, secret, vendor, clock, parents } = options;
  const pages = new Map<number, PageInMemory>();
  const batches: (readonly string[])[] = [];
  let ids = 0;
  return {
    streams: new Map([[stream.name, stream]]),
    ...{ baseUrl, vendor, clock },
    checkpoints: { ...revisioned<Checkpoint>(({ stream: name }) => name), readAll: nothingStored },
    breakers: withEmpty(
      revisioned<Breaker>(({ connection }) => connection),
      newBreaker,
    ),
    outages: withEmpty(
      revisioned<Outage>(({ limitScope }) => limitScope),
      newOutage,
    ),
    governor: {
      permit: () => Promise.resolve({ granted: true }),
      close: () => Promise.resolve(),
      learn: () => Promise.resolve(),
    },
    records: recordsOf(parents),
    seenRows: {
      remember: (_stream, _run, page, rows) => {
        pages.set(page, rows);
        return Promise.resolve();
      },
      recall: (_stream, _run, before, _within, from = 0) => {
        const known = [...pages].filter(([page]) => page >= from && page < before);
        return Promise.resolve(new Set(known.flatMap(([, { digests }]) => digests)));
      },
      fieldsOf: () => Promise.resolve(null),
    },
    schemas: { ...revisioned<Schema>(({ stream: name }) => name), readAll: nothingStored },
    idBatches: {
      keep: (_stream, _run, kept) => {
        batches.splice(0, batches.length, ...kept);
        return Promise.resolve();
      },
      read: (_stream, _run, index) => Promise.resolve(batches[index] ?? null),
    },
    queue: { send: () => Promise.resolve() },
    secrets: { read: () => Promise.resolve(secret) },
    tokens: null,
    measurements: { troubles: () => undefined },
    faults: { note: () => undefined },
    random: () => 0.5,
    newId: () => `try-${(ids += 1)}`,
  };
}

function nothingStored<Value>(): Promise<ReadonlyMap<string, Value>> {
  return Promise.resolve(new Map<string, Value>());
}

interface Revisioned<Value> {
  readonly read: (key: string) => Promise<Value | undefined>;
  readonly replace: (next: Value) => Promise<Value | undefined>;
}

function revisioned<Value extends { readonly revision: number }>(
  keyOf: (value: Value) => string,
): Revisioned<Value> {
  const stored = new Map<string, Value>();
  return {
    read: (key) => Promise.resolve(stored.get(key)),
    replace: (next) => {
      if ((stored.get(keyOf(next))?.revision ?? 0) !== next.revision) return Promise.resolve(undefined);
      const written = { ...next, revision: next.revision + 1 };
      stored.set(keyOf(next), written);
      return Promise.resolve(written);
    },
  };
}

function withEmpty<Value>({ read, replace }: Revisioned<Value>, empty: (key: string) => Value) {
  return { read: async (key: string) => (await read(key)) ?? empty(key), replace };
}

/** Takes every row for new and keeps none; the parents are all there is to list. */
function recordsOf(parents: readonly string[]): Records {
  const sorted = [...new Set(parents)].sort();
  return {
    upsert: (_stream, rows) => Promise.resolve({ kind: 'stored', written: rows.length, unchanged: 0 }),
    list: (_stream, after) => {
      const ids = sorted.filter((id) => after === null || id > after);
      const keys = ids.map((id) => ({ id, deletedAt: null, erased: false }));
      return Promise.resolve({ keys, last: null });
    },
    markDeleted: () => Promise.resolve(0),
    purge: () => Promise.resolve(),
  };
}
