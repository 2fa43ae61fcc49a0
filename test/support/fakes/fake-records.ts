import { idsToLookUp, storedOf, type Known } from '../../../lib/aws/former-ids.ts';
import { whyUnstorable } from '../../../lib/aws/record-item.ts';
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

export class FakeRecords implements Records {
  readonly #streams = new Map<string, Map<string, Item>>();
  /** By stream: its items in order, until one is added or removed. */
  readonly #orders = new Map<string, readonly string[]>();
  readonly #changed: (change: RecordChange) => void;
  readonly #listLimit: number;

  /** @param changed sees every change of a record. @param listLimit keys in one part of a list */
  constructor(changed: (change: RecordChange) => void = () => undefined, listLimit = 1000) {
    this.#changed = changed;
    this.#listLimit = listLimit;
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
    const { before, movedFrom, left } = storedOf(all, this.#known(stream, idsToLookUp(all)));
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
      const item = this.#of(stream).get(id);
      if (item !== undefined) this.#remove(item);
    }
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
      this.#put('buried', { ...item, deletedAt, changedAt: deletedAt, expiresAt, run });
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
    }
  }

  /** What the table's TTL does, within some days of its own choice. */
  expire(now: number): void {
    for (const items of this.#streams.values()) {
      for (const item of items.values()) {
        if (item.expiresAt !== null && item.expiresAt <= now) this.#remove(item);
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

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
