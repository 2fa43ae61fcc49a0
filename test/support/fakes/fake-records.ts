import { idsToLookUp, storedOf, type Known } from '../../../lib/aws/former-ids.ts';
import { whyUnstorable } from '../../../lib/aws/record-item.ts';
import type { RecordImage, RecordWrite } from '../../../lib/changes/change.ts';
import type { Deletion, RecordKey, Records, Upserted, WrittenBy } from '../../../lib/sync/ports.ts';
import type { SourceRecord, StoredRecord } from '../../../lib/sync/record.ts';

interface Item extends StoredRecord {
  /** Null once the content has been erased. */
  readonly hash: string | null;
  /** When the table's TTL may erase it, epoch milliseconds; null while it lives. */
  readonly expiresAt: number | null;
  readonly isEscaped: boolean;
  /** That has written it last. */
  readonly run: string;
}

/** `erased`: its content. `removed`: all of it. */
export type RecordChange =
  | {
      readonly kind: 'written' | 'buried' | 'erased' | 'removed';
      /** As it is now; as it was, if it has been removed. */
      readonly record: StoredRecord;
    }
  /** It has another id, and is otherwise as it was. */
  | { readonly kind: 'moved'; readonly record: StoredRecord; readonly from: string };

/** Who gets the table's stream. */
export interface StreamOfTable {
  readonly now: () => number;
  /** Sees every write that has left an item otherwise than it was, in the order of the writes. */
  readonly wrote: (write: RecordWrite) => void;
}

/** The numbers get a digit more within the first writes, are beyond what a double holds, and have gaps. */
const firstSequence = 99_999_999_999_999_999_990n;

export class FakeRecords implements Records {
  readonly #streams = new Map<string, Map<string, Item>>();
  /** By stream: its items in order, until one is added or removed. */
  readonly #orders = new Map<string, readonly string[]>();
  readonly #changed: (change: RecordChange) => void;
  readonly #listLimit: number;
  readonly #streamOfTable: StreamOfTable | null;
  #sequence = firstSequence;

  /** @param changed sees every change of a record. @param listLimit keys in one part of a list */
  constructor(
    changed: (change: RecordChange) => void = () => undefined,
    listLimit = 1000,
    streamOfTable: StreamOfTable | null = null,
  ) {
    this.#changed = changed;
    this.#listLimit = listLimit;
    this.#streamOfTable = streamOfTable;
  }

  async upsert(
    stream: string,
    records: readonly SourceRecord[],
    { at, run }: WrittenBy,
    signal: AbortSignal,
  ): Promise<Upserted> {
    signal.throwIfAborted();
    const rows = new Map(records.map((record, index) => [record.id, { record, index }]));
    for (const { record, index } of rows.values()) {
      const reason = await whyUnstorable(stream, record);
      if (reason !== null) return { kind: 'unstorable', index, reason };
    }
    const all = [...rows.values()].map(({ record }) => record);
    const ids = idsToLookUp(all);
    const items = this.#of(stream);
    const were = new Map(ids.map((id) => [id, items.get(id)]));
    const { before, movedFrom, left } = storedOf(all, this.#known(stream, ids));
    this.#move(stream, movedFrom, run);
    const changedAt = new Date(at).toISOString();
    let written = 0;
    for (const { formerId, ...record } of all) {
      const stored = before.get(record.id);
      if (stored?.hash === record.hash && stored.deletedAt === undefined) continue;
      const firstSeenAt = stored?.firstSeenAt ?? changedAt;
      const alive = { deletedAt: null, expiresAt: null, isEscaped: formerId !== undefined };
      this.#put('written', { stream, ...record, firstSeenAt, changedAt, run, ...alive });
      written++;
    }
    for (const id of left) {
      const item = items.get(id);
      if (item !== undefined) this.#remove(item);
    }
    // The table knows no moves: a record is put under its new id, and the old one is taken away after all puts.
    for (const id of [...rows.keys(), ...left]) this.#wrote(were.get(id), items.get(id));
    return { kind: 'stored', written, unchanged: rows.size - written };
  }

  async list(
    stream: string,
    after: string | null,
    signal: AbortSignal,
    most = this.#listLimit,
  ): Promise<{ keys: RecordKey[]; last: string | null }> {
    signal.throwIfAborted();
    const rest = this.#sorted(stream).filter(({ id }) => after === null || compare(id, after) > 0);
    const part = rest.slice(0, most);
    const keys = part.map(({ id, hash, deletedAt }) => ({
      id,
      deletedAt: deletedAt === null ? null : Date.parse(deletedAt),
      erased: hash === null,
    }));
    return { keys, last: part.length < rest.length ? (part.at(-1)?.id ?? null) : null };
  }

  async markDeleted(
    stream: string,
    ids: readonly string[],
    { deletedAt: at, expiresAt, run }: Deletion,
    signal: AbortSignal,
  ): Promise<number> {
    signal.throwIfAborted();
    const deletedAt = new Date(at).toISOString();
    let buried = 0;
    for (const id of ids) {
      const item = this.#of(stream).get(id);
      if (item?.deletedAt !== null) continue;
      const tombstone = { ...item, deletedAt, changedAt: deletedAt, expiresAt, run };
      this.#put('buried', tombstone);
      this.#wrote(item, tombstone);
      buried += 1;
    }
    return buried;
  }

  async purge(stream: string, tombstones: readonly RecordKey[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (const { id, erased } of tombstones) {
      const item = this.#of(stream).get(id);
      if (item === undefined || item.deletedAt === null) continue;
      if (erased) this.#remove(item);
      else this.#put('erased', { ...item, json: null, hash: null });
      this.#wrote(item, this.#of(stream).get(id));
    }
  }

  /** What the table's TTL does, within some days of its own choice. */
  expire(now: number): void {
    for (const items of this.#streams.values()) {
      for (const item of items.values()) {
        if (item.expiresAt === null || item.expiresAt > now) continue;
        this.#remove(item);
        this.#wrote(item, undefined);
      }
    }
  }

  /** In the order of the ids' UTF-8 bytes, as the table has them. */
  async *scan(stream: string): AsyncGenerator<StoredRecord, void, undefined> {
    for (const { id, json, firstSeenAt, changedAt, deletedAt } of this.#sorted(stream)) {
      yield { stream, id, json, firstSeenAt, changedAt, deletedAt };
    }
  }

  #known(stream: string, ids: readonly string[]): ReadonlyMap<string, Known> {
    const items = ids.flatMap((id) => this.#of(stream).get(id) ?? []);
    return new Map(
      items.map(({ id, hash, firstSeenAt, changedAt, deletedAt, isEscaped }) => [
        id,
        {
          ...{ hash: hash ?? undefined, firstSeenAt, changedAt, isEscaped },
          deletedAt: deletedAt ?? undefined,
        },
      ]),
    );
  }

  /** At once, for one may go where another one comes from. */
  #move(stream: string, movedFrom: ReadonlyMap<string, string>, run: string): void {
    const items = this.#of(stream);
    const moves = [...movedFrom].map(([id, from]) => ({ id, from, item: items.get(from) }));
    for (const { from } of moves) items.delete(from);
    for (const { id, from, item } of moves) {
      if (item === undefined) continue;
      const record = { ...item, id, isEscaped: true, run };
      items.set(id, record);
      this.#orders.delete(stream);
      this.#changed({ kind: 'moved', record, from });
    }
  }

  #put(kind: 'written' | 'buried' | 'erased', item: Item): void {
    const items = this.#of(item.stream);
    if (!items.has(item.id)) this.#orders.delete(item.stream);
    items.set(item.id, item);
    this.#changed({ kind, record: item });
  }

  #remove(item: Item): void {
    this.#of(item.stream).delete(item.id);
    this.#orders.delete(item.stream);
    this.#changed({ kind: 'removed', record: item });
  }

  #wrote(before: Item | undefined, after: Item | undefined): void {
    const { now, wrote } = this.#streamOfTable ?? {};
    if (now === undefined || wrote === undefined || isSame(before, after)) return;
    this.#sequence += BigInt(1 + (Number(this.#sequence % 7n) % 3));
    const writtenAt = Math.floor(now() / 1000) * 1000;
    wrote({ before: imageOf(before), after: imageOf(after), sequence: String(this.#sequence), writtenAt });
  }

  #of(stream: string): Map<string, Item> {
    const items = this.#streams.get(stream) ?? new Map<string, Item>();
    this.#streams.set(stream, items);
    return items;
  }

  #sorted(stream: string): Item[] {
    const items = this.#of(stream);
    const order = this.#orders.get(stream) ?? [...items.keys()].sort(compare);
    this.#orders.set(stream, order);
    return order.flatMap((id) => items.get(id) ?? []);
  }
}

function imageOf(item: Item | undefined): RecordImage | null {
  if (item === undefined) return null;
  const { stream, id, hash, json, changedAt, deletedAt, run } = item;
  return { stream, id, hash, json, changedAt, deletedAt, run };
}

/** The table's stream has no write that leaves an item as it was. */
function isSame(before: Item | undefined, after: Item | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return (Object.keys(after) as (keyof Item)[]).every((name) => before[name] === after[name]);
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
