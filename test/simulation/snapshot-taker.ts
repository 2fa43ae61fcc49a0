import { heartbeatStream } from '../../lib/changes/heartbeat.ts';
import type { SnapshotStore } from '../../lib/changes/ports.ts';
import { takeSnapshots } from '../../lib/changes/take-snapshots.ts';
import type { StoredRecord } from '../../lib/sync/record.ts';
import type { FakeLog } from '../support/fakes/fake-log.ts';
import type { Chance } from './chance.ts';
import type { SnapshotsPlan } from './draw-publishing.ts';
import { Mortal } from './mortal.ts';
import type { World } from './world.ts';

const hourMs = 3_600_000;
const timeoutMs = 900_000;
/** Of which it begins parts for so long. */
const timeMs = timeoutMs - 60_000;
/** Records that the table gives at a time. */
const atOnce = 2;

/** The records table's stream, as heartbeats and snapshots name it. */
const source = 'arn:of:the:stream';

/** The function `take-snapshots` and its hours: it can die anywhere, be called twice at once, and be slow. */
export class SnapshotTaker {
  readonly #world: World;
  readonly #plan: SnapshotsPlan;
  readonly #log: FakeLog;
  readonly #chance: Chance;
  #trouble: number;
  #beats = 0;
  #invocations = 0;
  #busy = 0;
  #isCalm = false;
  /** Since then. */
  calmRuns = 0;

  /** @param trouble how much of what can go wrong does, 0 to 1 */
  constructor(
    world: World,
    { plan, trouble }: { readonly plan: SnapshotsPlan; readonly trouble: number },
    log: FakeLog,
    chance: Chance,
  ) {
    this.#world = world;
    this.#plan = plan;
    this.#trouble = trouble;
    this.#log = log;
    this.#chance = chance;
    world.scheduler.after(plan.firstAt, () => this.#everyHour());
  }

  get isQuiet(): boolean {
    return this.#busy === 0;
  }

  /** From now on nothing goes wrong with it any more. */
  calmDown(): void {
    this.#isCalm = true;
    this.#trouble = 0;
  }

  #everyHour(): void {
    this.#world.scheduler.after(hourMs, () => this.#everyHour());
    void this.#start();
    if (!this.#chance.happens(this.#trouble / 2)) return;
    this.#world.scheduler.after(this.#chance.scaled(5000, 300_000), () => void this.#start());
  }

  async #start(): Promise<void> {
    const world = this.#world;
    const who = `take-snapshots #${(this.#invocations += 1)}`;
    // It has many calls.
    const mortal = new Mortal(world, who, this.#chance, { trouble: this.#trouble / 5, timeoutMs });
    const startedAt = world.now();
    const wasCalm = this.#isCalm;
    this.#busy += 1;
    const isWell = await mortal.run(() => this.#work(mortal));
    this.#busy -= 1;
    if (isWell) for (const judge of world.judges) judge.snapshotsTaken?.(startedAt);
    if (isWell && wasCalm) this.calmRuns += 1;
  }

  async #work(mortal: Mortal): Promise<void> {
    const world = this.#world;
    const reports = await takeSnapshots(
      {
        heartbeat: { beat: () => mortal.call('beats', async () => this.#beat()) },
        streams: [...world.streams.keys()],
        records: { scan: (stream, _, after) => this.#scan(stream, after, mortal) },
        store: this.#store(mortal),
        clock: { now: world.now },
        source,
        retentionDays: this.#plan.retentionDays,
      },
      world.now() + timeMs,
      mortal.signal,
    );
    for (const { stream, parts, finished } of reports)
      world.tell(mortal.who, `has ${parts} parts of ${stream}${finished ? ', and that is all' : ''}`);
  }

  /** A write of the table, whose number its stream has. */
  #beat(): number {
    this.#beats += 1;
    const at = Math.floor(this.#world.now() / 1000) * 1000;
    this.#world.tell(heartbeatStream, `beats ${this.#beats}`);
    this.#world.changes.take({ kind: 'heartbeat', beat: { source, count: this.#beats, at } });
    return this.#beats;
  }

  /** As the table gives a list: each part of it as it is by then. */
  async *#scan(stream: string, after: string | null, mortal: Mortal): AsyncGenerator<StoredRecord> {
    const { perRecordMs } = this.#plan;
    for (let last = after; ;) {
      const part = await mortal.call('reads records', () => this.#part(stream, last));
      yield* part;
      const [end] = part.slice(-1);
      if (end === undefined) return;
      last = end.id;
      if (perRecordMs > 0) await mortal.pass(this.#chance.whole(0, perRecordMs * part.length));
    }
  }

  async #part(stream: string, after: string | null): Promise<readonly StoredRecord[]> {
    const part: StoredRecord[] = [];
    const most = this.#plan.perRecordMs > 0 ? atOnce : Infinity;
    for await (const record of this.#world.records.scan(stream)) {
      if (after !== null && Buffer.compare(Buffer.from(record.id), Buffer.from(after)) <= 0) continue;
      part.push(record);
      if (part.length >= most) break;
    }
    return part;
  }

  #store(mortal: Mortal): SnapshotStore {
    const log = this.#log;
    const { world, chance } = { world: this.#world, chance: this.#chance };
    return {
      list: (prefix, from) => log.list(prefix, from),
      read: (key) => mortal.call(`reads ${key}`, () => log.read(key)),
      readMarker: (key) => mortal.call(`reads ${key}`, () => log.readMarker(key)),
      putMarker: (key, text) =>
        mortal.call(`stores ${key}`, async () => {
          world.tell(mortal.who, `stores ${key}`);
          return log.putMarker(key, text);
        }),
      putNew: async (key, lines) => {
        await mortal.pass(chance.whole(5, 300));
        return mortal.call(`stores ${key}`, async () => {
          const isNew = await log.putNew(key, lines);
          world.tell(mortal.who, `stores ${key}: ${isNew ? `${lines.length} lines` : 'is there already'}`);
          return isNew;
        });
      },
    };
  }
}
