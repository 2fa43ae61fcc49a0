import type { RecordChange } from '../support/fakes/fake-records.ts';
import type { Invocation } from './invocation.ts';
import type { Judge } from './judges/judge.ts';

export interface Tombstone {
  /** Epoch milliseconds. */
  readonly deletedAt: number;
  /** Its content has gone. */
  readonly erased: boolean;
}

/** What the table of records holds, followed change by change, and shown to the judges. */
export class StoreMirror {
  readonly #judges: () => readonly Judge[];
  /** By stream and id: how often the record had changed when it was stored. */
  readonly living = new Map<string, Map<string, number>>();
  readonly tombstones = new Map<string, Map<string, Tombstone>>();
  readonly #now: () => number;
  /** By stream and id. */
  readonly #since = new Map<string, Map<string, number>>();

  constructor(judges: () => readonly Judge[], now: () => number) {
    this.#judges = judges;
    this.#now = now;
  }

  /** Since when it has been a record and no tombstone, epoch milliseconds; null if it is none. */
  livingSince(stream: string, id: string): number | null {
    return this.living.get(stream)?.has(id) === true ? (this.#since.get(stream)?.get(id) ?? null) : null;
  }

  /** @param writer null for the table itself */
  note(change: RecordChange, writer: Invocation | null): void {
    const { kind, record } = change;
    const { stream, id } = record;
    const living = ofStream(this.living, stream);
    const tombstones = ofStream(this.tombstones, stream);
    const judges = this.#judges();
    switch (kind) {
      case 'written': {
        if (writer === null) throw new Error('Nobody writes');
        const { version } = JSON.parse(record.json ?? '{}') as { version: number };
        const previous = living.get(id);
        if (previous === undefined) ofStream(this.#since, stream).set(id, this.#now());
        living.set(id, version);
        tombstones.delete(id);
        for (const judge of judges) judge.recorded?.(writer, stream, { id, version, previous });
        break;
      }
      case 'moved': {
        for (const all of [living, tombstones, ofStream(this.#since, stream)] as Map<string, unknown>[]) {
          const found = all.get(change.from);
          if (all.delete(change.from)) all.set(id, found);
        }
        break;
      }
      case 'buried': {
        if (writer === null) throw new Error('Nobody buries');
        writer.buried += 1;
        for (const judge of judges) judge.buried?.(writer, stream, id);
        living.delete(id);
        tombstones.set(id, { deletedAt: Date.parse(record.deletedAt ?? ''), erased: false });
        break;
      }
      case 'erased':
      case 'removed': {
        for (const judge of judges) judge.erased?.(writer, stream, { id, kind });
        const tombstone = tombstones.get(id);
        if (kind === 'removed') {
          living.delete(id);
          tombstones.delete(id);
        } else if (tombstone !== undefined) tombstones.set(id, { ...tombstone, erased: true });
      }
    }
  }
}

function ofStream<Value>(all: Map<string, Map<string, Value>>, stream: string): Map<string, Value> {
  const found = all.get(stream) ?? new Map<string, Value>();
  all.set(stream, found);
  return found;
}
