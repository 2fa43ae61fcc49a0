import type { RecordWrite } from '../../lib/changes/change.ts';
import { heartbeatStream, type Heartbeat } from '../../lib/changes/heartbeat.ts';
import type { Chance } from './chance.ts';
import type { Publishing } from './draw-publishing.ts';
import type { Publisher } from './publisher.ts';
import type { Scheduler } from './scheduler.ts';

/** A write of the table, as its stream has it. */
export type TableWrite =
  | { readonly kind: 'record'; readonly write: RecordWrite }
  | { readonly kind: 'heartbeat'; readonly beat: Heartbeat };

/** The stream keeps its writes for so long. */
const keptMs = 86_400_000;

/** A part of the table's stream. What is in it is delivered in its order. */
interface Shard {
  /** The places of its records, 0 to 1: from the first up to but not including the second. */
  readonly from: number;
  readonly to: number;
  /** That have not been published yet. */
  readonly writes: TableWrite[];
  readonly parent: Shard | null;
  readonly children: Shard[];
  isRead: boolean;
}

/**
 * The stream of the records table as Lambda reads it: shards by the key of the record, batches in the order of each shard, at
 * least once, until they succeed, in halves after an error. What comes after a split waits until its parent is empty.
 * Where publishing is to stand still for more than a day, what is older than that is lost.
 */
export class ChangeStream {
  readonly #plan: Publishing;
  readonly #scheduler: Scheduler;
  readonly #publisher: Publisher;
  readonly #chance: Chance;
  readonly #open: Set<Shard>;
  readonly #start: number;
  readonly #lost: (write: TableWrite) => void;
  #busy = 0;
  #isCalm = false;

  /** @param lost told of what is kept no longer, and has not been published */
  constructor(
    plan: Publishing,
    scheduler: Scheduler,
    publisher: Publisher,
    chance: Chance,
    lost: (write: TableWrite) => void,
  ) {
    this.#plan = plan;
    this.#scheduler = scheduler;
    this.#publisher = publisher;
    this.#chance = chance;
    this.#lost = lost;
    this.#start = scheduler.now();
    const { shards } = plan;
    this.#open = new Set(
      Array.from({ length: shards }, (_, index) => newShard(index / shards, (index + 1) / shards, null)),
    );
    for (const at of plan.splits) scheduler.after(at, () => this.#split());
  }

  /** Nothing is under way any more. */
  get isQuiet(): boolean {
    return this.#busy === 0;
  }

  /** From now on nothing comes late or twice any more. */
  calmDown(): void {
    this.#isCalm = true;
  }

  take(write: TableWrite): void {
    const { stream, id } = keyOf(write);
    const place = placeOf(`${stream} ${id}`);
    for (const shard of this.#open) {
      if (place < shard.from || place >= shard.to) continue;
      shard.writes.push(write);
      this.#read(shard);
    }
  }

  #split(): void {
    const parent = this.#chance.pick([...this.#open]);
    const middle = (parent.from + parent.to) / 2;
    parent.children.push(newShard(parent.from, middle, parent), newShard(middle, parent.to, parent));
    this.#open.delete(parent);
    for (const child of parent.children) this.#open.add(child);
  }

  #read(shard: Shard): void {
    if (shard.isRead || shard.writes.length === 0 || !isEmpty(shard.parent)) return;
    shard.isRead = true;
    this.#busy += 1;
    void this.#readOn(shard).then(() => {
      shard.isRead = false;
      this.#busy -= 1;
      this.#readChildren(shard);
    });
  }

  #readChildren({ children }: Shard): void {
    for (const child of children) {
      this.#read(child);
      // It may have been divided before anything came into it.
      this.#readChildren(child);
    }
  }

  async #readOn(shard: Shard): Promise<void> {
    const chance = this.#chance;
    let most = chance.whole(1, this.#plan.most);
    while (shard.writes.length > 0) {
      await this.#scheduler.pass(this.#latency());
      this.#lose(shard);
      const batch = shard.writes.slice(0, most);
      if (batch.length === 0) break;
      if (await this.#publisher.run(batch)) {
        shard.writes.splice(0, batch.length);
        if (chance.happens(this.#trouble / 4)) void this.#again(batch);
        most = chance.whole(1, this.#plan.most);
      } else if (chance.happens(0.7)) most = Math.ceil(batch.length / 2);
    }
  }

  /** Two readers of a shard, one of whom does not know of the other. */
  async #again(batch: readonly TableWrite[]): Promise<void> {
    this.#busy += 1;
    await this.#scheduler.pass(this.#chance.scaled(1000, 600_000));
    await this.#publisher.run(batch);
    this.#busy -= 1;
  }

  #lose({ writes }: Shard): void {
    if (this.#plan.lostMs === null) return;
    const from = this.#scheduler.now() - keptMs;
    const kept = writes.findIndex((write) => writtenAt(write) >= from);
    for (const write of writes.splice(0, kept < 0 ? writes.length : kept)) this.#lost(write);
  }

  get #trouble(): number {
    return this.#isCalm ? 0 : this.#plan.trouble;
  }

  #latency(): number {
    const { at, until } = this.#plan.outage;
    const time = this.#scheduler.now() - this.#start;
    if (time >= at && time < until) return until - time + this.#chance.scaled(200, 5000);
    const isLate = this.#chance.happens(this.#trouble / 4);
    return isLate ? this.#chance.scaled(60_000, 3 * 3_600_000) : this.#chance.scaled(200, 5000);
  }
}

function keyOf(write: TableWrite): { readonly stream: string; readonly id: string } {
  if (write.kind === 'heartbeat') return { stream: heartbeatStream, id: write.beat.source };
  const { before, after } = write.write;
  return after ?? before ?? { stream: '', id: '' };
}

function writtenAt(write: TableWrite): number {
  return write.kind === 'heartbeat' ? write.beat.at : write.write.writtenAt;
}

function newShard(from: number, to: number, parent: Shard | null): Shard {
  return { from, to, writes: [], parent, children: [], isRead: false };
}

/** With all that was before it. */
function isEmpty(shard: Shard | null): boolean {
  return shard === null || (shard.writes.length === 0 && !shard.isRead && isEmpty(shard.parent));
}

/** Records of one of these are in one shard at any time, however often that is divided. */
export function cellOf(
  { stream, id }: { readonly stream: string; readonly id: string },
  plan: Publishing,
): number {
  return Math.floor(placeOf(`${stream} ${id}`) * plan.shards * 2 ** plan.splits.length);
}

/** FNV-1a, 0 to 1. */
function placeOf(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0) / 4_294_967_296;
}
