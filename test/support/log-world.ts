import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';

import { readStreamBatch } from '../../lib/aws/stream-writes.ts';
import { parseMarker } from '../../lib/changes/due-snapshots.ts';
import { parseLine } from '../../lib/changes/line.ts';
import { beginningAt, changesOf } from '../../lib/changes/object-key.ts';
import { publish } from '../../lib/changes/publish.ts';
import { publishTimeoutSeconds } from '../../lib/changes/read-changes.ts';
import { takePart, type TakenParts } from '../../lib/changes/snapshot.ts';
import { replayBatches } from '../../lib/operations/replay-batches.ts';
import type { Erased } from '../../lib/operations/forget.ts';
import { failedBatch, failedBatchKey } from './failed-batch.ts';
import { FakeForgotten } from './fakes/fake-forgotten.ts';
import { FakeLog } from './fakes/fake-log.ts';

const { signal } = new AbortController();
/** As the snapshots' function has it. */
const snapshotTimeoutMs = 120_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface Pending {
  readonly by: number;
  readonly go: () => void;
}

/** How far clocks are from that of the log, milliseconds. */
export interface Skews {
  readonly table: number;
  readonly functions: number;
}

/**
 * One stream of records with its table, the table's stream, publishers that take their time and are called twice, snapshots, and
 * failed batches. Contents are numbers that grow, so that each can be found wherever it is.
 */
export class LogWorld {
  readonly stream = 'bob/people';
  now = Date.UTC(2026, 10, 30, 9);
  readonly table = new Map<string, number>();
  /** Whole seconds, as S3 tells them. */
  readonly log = new FakeLog(() => Math.floor(this.now / 1000) * 1000);
  readonly forgotten = new FakeForgotten({ now: () => this.now });
  readonly #functionsClock: { now(): number };
  readonly #skews: Skews;
  readonly #writes: DynamoDBRecord[] = [];
  readonly #pending: Pending[] = [];
  readonly #running = new Set<Promise<unknown>>();
  readonly #snapshots: TakenParts[] = [];
  readonly #given = new Map<string, ReadonlySet<number>>();
  #turns: Promise<void> = Promise.resolve();
  #named = 0;
  #calls = 0;
  #published = 0;
  #contents = 0;
  #failures = 0;

  constructor(skews: Skews = { table: 0, functions: 0 }) {
    this.#skews = skews;
    this.#functionsClock = {
      // No batch comes again within the same millisecond.
      now: () => (this.#named = Math.max(this.#named + 1, this.now + skews.functions)),
    };
  }

  /** One thing after the other, where several people act at once: or time would pass by what has just begun. */
  inTurn(act: () => Promise<void>): Promise<void> {
    this.#turns = this.#turns.then(act);
    return this.#turns;
  }

  /** What the vendor gives, stored by a run. @returns its content */
  give(id: string): number {
    this.#contents += 1;
    this.#given.set(id, new Set([...this.ofRecord(id), this.#contents]));
    const before = this.table.get(id);
    this.table.set(id, this.#contents);
    this.#wrote(id, before, this.#contents);
    return this.#contents;
  }

  erase(id: string): Erased {
    const before = this.table.get(id);
    if (before === undefined) return { wasListed: false, wasStored: false };
    this.table.delete(id);
    this.#wrote(id, before, undefined);
    return { wasListed: false, wasStored: true };
  }

  /** Time passes; no function works longer than it may. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const due = this.#pending.filter(({ by }) => by <= end).sort((a, b) => a.by - b.by)[0];
      if (due === undefined) break;
      this.now = Math.max(this.now, due.by);
      await this.#finish(due);
    }
    this.now = end;
  }

  /** A function is called with what has not been published; again, if one is at work with it already. */
  async startPublisher(size: number): Promise<void> {
    const from = this.#published;
    const records = this.#writes.slice(from, from + size);
    if (records.length === 0) return;
    this.#calls += 1;
    const call = this.#calls;
    const work = this.#publish(records).then(() => {
      // Lambda goes by the last call alone: one before has been too slow for it, and stores what it has nevertheless.
      if (call === this.#calls) this.#published = from + records.length;
    });
    await this.#begin(work);
  }

  /** What a function could not handle in a day; nothing behind it is published before. */
  async fail(size: number): Promise<void> {
    if (this.#published === this.#writes.length) return;
    await this.pass(dayMs);
    const records = this.#writes.slice(this.#published, this.#published + size);
    if (records.length === 0) return;
    this.#calls += 1;
    this.#failures += 1;
    this.#published += records.length;
    this.log.objects.set(failedBatchKey(String(this.#failures)), [failedBatch(records)]);
  }

  async startSnapshot(): Promise<void> {
    const begunAt = this.#functionsClock.now();
    await this.#take({ stream: this.stream, begunAt, parts: 0, after: null, records: 0 });
  }

  async goOnWithSnapshots(): Promise<void> {
    const taken = this.#snapshots.shift();
    if (taken !== undefined) await this.#take(taken);
  }

  /** One of the functions that are at work stores what it has. */
  async finishOne(which: number): Promise<void> {
    const one = this.#pending[which % Math.max(1, this.#pending.length)];
    if (one !== undefined) await this.#finish(one);
  }

  /** All that is under way comes to its end, failed batches are published again, and all is published. */
  async settle(): Promise<void> {
    for (;;) {
      await this.pass(snapshotTimeoutMs);
      if (this.#snapshots.length > 0) await this.goOnWithSnapshots();
      else if (this.#published < this.#writes.length) await this.startPublisher(500);
      else if (this.#running.size === 0) break;
    }
    const deps = { ...this.#deps(), log: this.log };
    await replayBatches(this.log, deps);
  }

  /** What a reader makes of it who begins with the newest snapshot, or with nothing. */
  read(withSnapshot: boolean): ReadonlyMap<string, number> {
    const markers = [...this.log.objects.keys()].filter((key) => key.endsWith('/finished.json')).sort();
    const newest = withSnapshot ? markers.at(-1) : undefined;
    const state = new Map<string, { sequence: string; content: number | null }>();
    let [from, begun] = [0, 0];
    if (newest !== undefined) {
      const folder = newest.slice(0, newest.lastIndexOf('/'));
      const marker = parseMarker(this.log.objects.get(newest)![0]!);
      [from, begun] = [Date.parse(marker.from), Date.parse(marker.begunAt)];
      for (const line of this.#linesUnder(`${folder}/part-`)) {
        const { id, data } = JSON.parse(line) as { id: string; data: { content: number } };
        state.set(id, { sequence: '', content: data.content });
      }
    }
    for (const line of this.#linesUnder(changesOf(this.stream), beginningAt(this.stream, from))) {
      const { id, at, sequence, json } = parseLine(line);
      // Of a batch that had failed: the snapshot has what came of it. No page is under way for an hour.
      if (Date.parse(at) < begun - hourMs) continue;
      if ((state.get(id)?.sequence ?? '') > sequence) continue;
      const content = json === null ? null : (JSON.parse(json) as { content: number }).content;
      state.set(id, { sequence, content });
    }
    return new Map(
      [...state].flatMap(([id, { content }]) => (content === null ? [] : [[id, content] as const])).sort(),
    );
  }

  /** All contents that a record has had. */
  ofRecord(id: string): ReadonlySet<number> {
    return this.#given.get(id) ?? new Set();
  }

  /** All contents that stand anywhere in the log. */
  contents(): ReadonlySet<number> {
    const all = [...this.log.objects.values()].flat().join('\n').replaceAll('\\', '');
    return new Set([...all.matchAll(/"content":(\d+)/g)].map(([, content]) => Number(content)));
  }

  #linesUnder(prefix: string, from = ''): readonly string[] {
    const keys = [...this.log.objects.keys()].filter((key) => key.startsWith(prefix) && key >= from).sort();
    return keys.flatMap((key) => this.log.objects.get(key) ?? []);
  }

  #wrote(id: string, before: number | undefined, after: number | undefined): void {
    const seconds = Math.floor((this.now + this.#skews.table) / 1000);
    this.#writes.push({
      dynamodb: {
        Keys: { stream: { S: this.stream }, id: { S: id } },
        ...(before !== undefined && { OldImage: this.#image(id, before) }),
        ...(after !== undefined && { NewImage: this.#image(id, after) }),
        SequenceNumber: String(this.#writes.length + 1),
        ApproximateCreationDateTime: seconds,
      },
    });
  }

  #image(id: string, content: number): Record<string, AttributeValue> {
    const at = new Date(this.now).toISOString();
    return {
      ...{ stream: { S: this.stream }, id: { S: id }, v: { N: '1' }, run: { S: 'run-1' } },
      ...{ firstSeenAt: { S: at }, changedAt: { S: at }, hash: { S: String(content) } },
      json: { S: JSON.stringify({ content }) },
    };
  }

  async #publish(records: readonly DynamoDBRecord[]): Promise<void> {
    const late = {
      put: async (key: string, lines: readonly string[]) => {
        await this.#turn(publishTimeoutSeconds * 1000);
        await this.log.put(key, lines);
      },
    };
    const { writes } = await readStreamBatch(records, false);
    await publish(writes, { ...this.#deps(), log: late }, signal);
  }

  #deps() {
    return { forgotten: this.forgotten, clock: this.#functionsClock, keepsBefore: false };
  }

  async #take(taken: TakenParts): Promise<void> {
    const { log } = this;
    const store = {
      list: (prefix: string, from: string) => log.list(prefix, from),
      read: (key: string) => log.read(key),
      readMarker: (key: string) => log.readMarker(key),
      putMarker: (key: string, text: string) => log.putMarker(key, text),
      putNew: async (key: string, lines: readonly string[]) => {
        await this.#turn(snapshotTimeoutMs);
        return log.putNew(key, lines);
      },
    };
    const work = takePart(
      taken,
      {
        store,
        records: { scan: (_, __, after) => this.#scan(after) },
        clock: this.#functionsClock,
        source: 'arn',
      },
      signal,
    );
    await this.#begin(
      work.then((next) => {
        if (next !== null) this.#snapshots.push(next);
      }),
    );
  }

  async *#scan(after: string | null) {
    const at = new Date(this.now).toISOString();
    const records = [...this.table].sort().filter(([id]) => after === null || id > after);
    for (const [id, content] of records) {
      const json = JSON.stringify({ content });
      yield { ...{ stream: this.stream, id, json }, firstSeenAt: at, changedAt: at, deletedAt: null };
    }
  }

  /** Waits for its turn, or for the end of its time. */
  #turn(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#pending.push({ by: this.now + timeoutMs, go: resolve });
    });
  }

  async #begin(work: Promise<unknown>): Promise<void> {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
    await soon();
  }

  async #finish(one: Pending): Promise<void> {
    this.#pending.splice(this.#pending.indexOf(one), 1);
    one.go();
    await soon();
  }
}

/** Everything that waits for nothing else has been done by then. */
function soon(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
