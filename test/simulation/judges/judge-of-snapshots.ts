import { sequenceDigits, type Change } from '../../../lib/changes/change.ts';
import type { SnapshotMarker } from '../../../lib/changes/snapshot.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';
import type { TableWrite } from '../change-stream.ts';
import type { Publishing } from '../draw-publishing.ts';
import type { Facts, Judge, Reader } from './judge.ts';
import { after, visibleOf, type Visible } from './visible.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface Read {
  readonly marker: SnapshotMarker;
  readonly lines: readonly Change[];
}

/**
 * Invariant 14, of who begins with a snapshot: with the lines that come on top of it he has the table. What is lost to the table's
 * stream is told as a gap, and only that; a snapshot that was begun after the gap has what is missing.
 */
export class JudgeOfSnapshots implements Judge {
  readonly #facts: Facts;
  readonly #plan: Publishing;
  readonly #reads: Read[] = [];
  /** A heartbeat or a record's write. */
  readonly #lost = new Set<TableWrite['kind']>();
  #heard = 0;
  #nearlyLost = false;
  /** By stream: when the gap was told last, epoch milliseconds. */
  readonly #gaps = new Map<string, number>();
  /** When the last one began who took snapshots in peace, epoch milliseconds. */
  #lookedAt = 0;

  constructor(facts: Facts, plan: Publishing) {
    this.#facts = facts;
    this.#plan = plan;
  }

  heard(count: number): void {
    this.#heard = Math.max(this.#heard, count);
  }

  lost(write: TableWrite): void {
    // Who had heard it may not have come to its end, so that it was to come again.
    if (write.kind === 'record' || write.beat.count > this.#heard) this.#lost.add(write.kind);
  }

  nearlyLost(): void {
    this.#nearlyLost = true;
  }

  read(reader: Reader, { op, stream, at }: Change): void {
    if (op !== 'gap') return;
    if (!this.#lost.has('heartbeat') && !this.#nearlyLost)
      this.#fail(`${reader} is told of a gap of ${stream}, and nothing is lost`);
    if (reader === 'the polling reader') this.#gaps.set(stream, Date.parse(at));
  }

  snapshotsTaken(startedAt: number): void {
    this.#lookedAt = Math.max(this.#lookedAt, startedAt);
  }

  snapshotRead(marker: SnapshotMarker, lines: readonly Change[]): void {
    this.#reads.push({ marker, lines });
  }

  published(table: readonly StoredRecord[]): void {
    const { snapshots } = this.#plan;
    if (snapshots === null) return;
    // So short a time without a heartbeat nobody can notice: see docs/simulation.md.
    if (this.#lost.has('record') && !this.#lost.has('heartbeat')) return;
    for (const stream of this.#facts.streams.keys()) {
      const records = table.filter((record) => record.stream === stream);
      const reads = this.#reads.filter(({ marker }) => marker.stream === stream);
      const gapAt = this.#gaps.get(stream) ?? null;
      if (this.#lost.has('heartbeat') && gapAt === null)
        this.#fail(`the polling reader is never told of the gap of ${stream}`);
      this.#checkAge(stream, reads, { gapAt, maxMs: (snapshots.retentionDays * dayMs) / 3 });
      for (const read of reads) if (begunAt(read) > (gapAt ?? 0)) this.#check(read, records);
    }
  }

  #checkAge(
    stream: string,
    reads: readonly Read[],
    { gapAt, maxMs }: { readonly gapAt: number | null; readonly maxMs: number },
  ): void {
    const [newest] = reads.slice(-1);
    if (newest === undefined) {
      this.#fail(`there is no finished snapshot of ${stream}`);
      return;
    }
    if (begunAt(newest) <= (gapAt ?? 0)) this.#fail(`the newest snapshot of ${stream} is older than its gap`);
    const age = this.#lookedAt - begunAt(newest);
    if (age > maxMs)
      this.#fail(`the newest snapshot of ${stream} is ${Math.round(age / 60_000)} minutes old`);
  }

  #check(read: Read, records: readonly StoredRecord[]): void {
    const made = madeOf(read);
    const there = new Map(records.map((record) => [record.id, visibleOf(record)]));
    for (const id of new Set([...made.keys(), ...there.keys()])) {
      const [a, b] = [made.get(id) ?? null, there.get(id) ?? null];
      if (a?.json === b?.json && a?.deletedAt === b?.deletedAt) continue;
      const { stream, begunAt: begun } = read.marker;
      this.#fail(
        `the snapshot of ${stream} of ${begun} and its lines make something else of ${id} than there is`,
      );
    }
  }

  #fail(words: string): void {
    this.#facts.fail(14, words);
  }
}

/** What a reader makes of it, who takes of two lines of a record the one with the higher sequence. */
function madeOf(read: Read): ReadonlyMap<string, Visible> {
  const made = new Map<string, Visible>();
  const newest = new Map<string, string>();
  for (const line of read.lines) {
    const { id, op, sequence, at } = line;
    const known = newest.get(id);
    if (op === 'gap' || (known !== undefined && sequence <= known)) continue;
    newest.set(id, sequence);
    // Of a batch that came so late the snapshot has what has become of it.
    if (sequence !== noSequence && Date.parse(at) < begunAt(read) - hourMs) continue;
    made.set(id, after(line, made.get(id) ?? null));
  }
  return made;
}

/** Of what stands in the snapshot itself. */
const noSequence = '0'.repeat(sequenceDigits);

function begunAt({ marker }: Read): number {
  return Date.parse(marker.begunAt);
}
