import { whyUnstorable } from '../../../lib/aws/record-item.ts';
import type { Records, Upserted } from '../../../lib/sync/ports.ts';
import type { SourceRecord, StoredRecord } from '../../../lib/sync/record.ts';

export class FakeRecords implements Records {
  readonly #streams = new Map<string, Map<string, StoredRecord & { readonly hash: string }>>();
  readonly #written: (record: StoredRecord) => void;

  /** @param written sees each record that is written, as it is. */
  constructor(written: (record: StoredRecord) => void = () => undefined) {
    this.#written = written;
  }

  async upsert(
    stream: string,
    records: readonly SourceRecord[],
    now: number,
    signal: AbortSignal,
  ): Promise<Upserted> {
    signal.throwIfAborted();
    const rows = new Map(records.map((record, index) => [record.id, { record, index }]));
    for (const { record, index } of rows.values()) {
      const reason = await whyUnstorable(stream, record);
      if (reason !== null) return { kind: 'unstorable', index, reason };
    }
    const stored = this.#streams.get(stream) ?? new Map<string, StoredRecord & { readonly hash: string }>();
    this.#streams.set(stream, stored);
    const changedAt = new Date(now).toISOString();
    let written = 0;
    for (const { record } of rows.values()) {
      const before = stored.get(record.id);
      if (before?.hash === record.hash) continue;
      const firstSeenAt = before?.firstSeenAt ?? changedAt;
      const item = { stream, ...record, firstSeenAt, changedAt };
      stored.set(record.id, item);
      this.#written(item);
      written++;
    }
    return { kind: 'stored', written, unchanged: rows.size - written };
  }

  /** In the order of the ids' UTF-8 bytes, as the table has them. */
  async *scan(stream: string): AsyncGenerator<StoredRecord, void, undefined> {
    const records = [...(this.#streams.get(stream)?.values() ?? [])];
    records.sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));
    for (const { id, json, firstSeenAt, changedAt } of records) {
      yield { stream, id, json, firstSeenAt, changedAt };
    }
  }
}
