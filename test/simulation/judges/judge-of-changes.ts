import { sequenceDigits, type Change, type ChangeOp, type RecordWrite } from '../../../lib/changes/change.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';
import { cellOf, type TableWrite } from '../change-stream.ts';
import type { Publishing } from '../draw-publishing.ts';
import type { Invocation } from '../invocation.ts';
import type { Facts, Judge, Reader } from './judge.ts';
import { after, visibleOf, type Visible } from './visible.ts';

/** What a reader has got. */
interface Reading {
  /** By sequence. */
  readonly lines: Map<string, Change>;
  /** By stream and part of the table's stream: the sequence of the newest line. */
  readonly newest: Map<string, string>;
  /** Objects that it has opened. */
  readonly opened: Set<string>;
}

/**
 * Invariant 14: the lines of the change log are the changes of the stored records, each at least once and those of a record in
 * their order. Judged by the writes of the table itself, which the publisher sees late, twice or in other batches.
 */
export class JudgeOfChanges implements Judge {
  readonly #facts: Facts;
  readonly #plan: Publishing;
  /** The lines that there have to be, by sequence. */
  readonly #changes = new Map<string, Change>();
  /** Of writes that the table's stream has lost. */
  readonly #lost = new Set<string>();
  /** By stream. */
  readonly #runs = new Map<string, Set<string>>();
  readonly #readings: Readonly<Record<Reader, Reading>> = {
    'the polling reader': { lines: new Map(), newest: new Map(), opened: new Set() },
    'the whole reading': { lines: new Map(), newest: new Map(), opened: new Set() },
  };

  constructor(facts: Facts, plan: Publishing) {
    this.#facts = facts;
    this.#plan = plan;
  }

  stored(_invocation: Invocation, _before: Checkpoint, { stream, run }: Checkpoint): void {
    if (run === null) return;
    const runs = this.#runs.get(stream) ?? new Set();
    this.#runs.set(stream, runs.add(run));
  }

  wrote(write: RecordWrite): void {
    const change = lineToBe(write, this.#plan.keepsBefore);
    if (change !== null) this.#changes.set(change.sequence, change);
  }

  lost(lost: TableWrite): void {
    const change = lost.kind === 'record' ? lineToBe(lost.write, this.#plan.keepsBefore) : null;
    if (change !== null) this.#lost.add(change.sequence);
  }

  opened(reader: Reader, key: string): void {
    const { opened } = this.#readings[reader];
    if (opened.has(key)) this.#facts.fail(14, `${reader} comes to ${key} a second time`);
    opened.add(key);
  }

  read(reader: Reader, line: Change): void {
    // Judged with the snapshots.
    if (line.op === 'gap') return;
    const fail = (why: string): void =>
      this.#facts.fail(14, `${reader} is told that ${line.id} of ${line.stream} was ${line.op}, ${why}`);
    const change = this.#changes.get(line.sequence);
    if (change === undefined) {
      fail('by a write that there was not');
      return;
    }
    const other = (Object.keys(change) as (keyof Change)[]).find((name) => line[name] !== change[name]);
    if (other !== undefined) fail(`with another ${other} than it was`);
    if (line.run !== null && this.#runs.get(line.stream)?.has(line.run) !== true) {
      fail(`by ${line.run}, which was no run of it`);
    }
    const { lines, newest } = this.#readings[reader];
    if (lines.has(line.sequence)) return;
    lines.set(line.sequence, line);
    // Stricter than what readers are promised, which is the order of each record: few records change twice within minutes.
    const part = `${line.stream} ${cellOf(line, this.#plan)}`;
    if ((newest.get(part) ?? '') > line.sequence) fail('after what came later to its part of the stream');
    newest.set(part, line.sequence);
  }

  published(table: readonly StoredRecord[]): void {
    const whole = this.#readings['the whole reading'].lines;
    const polled = this.#readings['the polling reader'].lines;
    for (const { sequence, stream, id, op } of this.#changes.values()) {
      const never = (who: string): void =>
        this.#facts.fail(14, `${who} is never told that ${id} of ${stream} was ${op}`);
      if (this.#lost.has(sequence)) continue;
      if (!whole.has(sequence)) never('the whole reading');
      if (!polled.has(sequence)) never('the polling reader');
    }
    this.#checkTable(table, [...whole.values()]);
  }

  #recordOf(sequence: string): readonly string[] {
    const change = this.#changes.get(sequence);
    return change === undefined ? [] : [keyOf(change)];
  }

  /** The lines make of nothing what there is. */
  #checkTable(table: readonly StoredRecord[], lines: readonly Change[]): void {
    const made = new Map<string, Visible>();
    for (const line of lines) made.set(keyOf(line), after(line, made.get(keyOf(line)) ?? null));
    const there = new Map(table.map((record) => [keyOf(record), visibleOf(record)]));
    const lost = new Set([...this.#lost].flatMap((sequence) => this.#recordOf(sequence)));
    for (const record of new Set([...made.keys(), ...there.keys()])) {
      if (lost.has(record)) continue;
      const [a, b] = [made.get(record) ?? null, there.get(record) ?? null];
      if (a?.json !== b?.json || a?.deletedAt !== b?.deletedAt) {
        this.#facts.fail(14, `the lines make something else of ${record} than there is`);
      }
    }
  }
}

/** What a write is to readers, in their words; null if they cannot tell it from what was before. */
function lineToBe({ before, after, sequence, writtenAt }: RecordWrite, keepsBefore: boolean): Change | null {
  const [was, is] = [visibleOf(before), visibleOf(after)];
  const { stream, id } = after ?? before ?? { stream: '', id: '' };
  const line = { stream, id, sequence: sequence.padStart(sequenceDigits, '0') };
  if (after === null || is === null) {
    if (was === null) return null;
    return {
      ...line,
      op: 'erased',
      at: new Date(writtenAt).toISOString(),
      run: null,
      json: null,
      before: null,
    };
  }
  if (was?.json === is.json && was.deletedAt === is.deletedAt) return null;
  const op = opOf(was, is, before !== null);
  const { changedAt: at, run, json } = after;
  return { ...line, op, at, run, json, before: keepsBefore ? (was?.json ?? null) : null };
}

/** @param wasThere be it as an empty tombstone */
function opOf(was: Visible, { deletedAt }: NonNullable<Visible>, wasThere: boolean): ChangeOp {
  if (deletedAt !== null && (was?.deletedAt ?? null) === null) return 'deleted';
  if (was === null) return wasThere ? 'restored' : 'created';
  return was.deletedAt !== null && deletedAt === null ? 'restored' : 'changed';
}

function keyOf({ stream, id }: { readonly stream: string; readonly id: string }): string {
  return `${id} of ${stream}`;
}
