import { cursorAt, formatCursor, parseCursor, type Cursor } from '../../lib/changes/cursor.ts';
import { readChanges } from '../../lib/changes/read-changes.ts';
import type { LogReader } from '../../lib/changes/ports.ts';
import type { FakeLog } from '../support/fakes/fake-log.ts';
import type { Chance } from './chance.ts';
import type { Publishing } from './draw-publishing.ts';
import type { Reader } from './judges/judge.ts';
import type { World } from './world.ts';

/** Who reads the change log: again and again by a cursor, and at the end once more from its beginning. */
export class ChangeReader {
  readonly #world: World;
  readonly #plan: Publishing;
  readonly #log: FakeLog;
  readonly #chance: Chance;
  readonly #streams: readonly string[];
  /** As it is kept between two polls. */
  #cursor = formatCursor(cursorAt(0));
  #isReading = false;
  /** The last poll has brought something: there may be more of it. */
  #isAwake = false;

  constructor(world: World, plan: Publishing, log: FakeLog, chance: Chance) {
    this.#world = world;
    this.#plan = plan;
    this.#log = log;
    this.#chance = chance;
    this.#streams = [...world.streams.keys()];
    this.#wait();
  }

  get isQuiet(): boolean {
    return !this.#isReading;
  }

  /** Everything has been published: what is left, and then all of it. */
  async readToTheEnd(): Promise<void> {
    await this.#poll({ keys: Infinity, ms: 0 });
    await this.#read('the whole reading', cursorAt(0), { keys: Infinity, ms: 0 });
  }

  #wait(): void {
    const most = this.#isAwake ? 10_000 : this.#plan.pollsWithin;
    this.#world.scheduler.after(this.#chance.scaled(1000, most), () => {
      this.#isReading = true;
      this.#isAwake = false;
      void this.#poll(this.#plan.listing).then(() => {
        this.#isReading = false;
        this.#wait();
      });
    });
  }

  async #poll(listing: Publishing['listing']): Promise<void> {
    const since = parseCursor(this.#cursor);
    if (since === null) this.#world.fail(14, `${this.#cursor} was a cursor and is none`);
    else this.#cursor = formatCursor(await this.#read('the polling reader', since, listing));
  }

  async #read(reader: Reader, since: Cursor, listing: Publishing['listing']): Promise<Cursor> {
    const { judges } = this.#world;
    const lines = readChanges(this.#streams, { since }, this.#port(reader, listing));
    for (;;) {
      const next = await lines.next();
      if (next.done === true) return next.value;
      this.#isAwake = true;
      for (const judge of judges) judge.read?.(reader, next.value);
    }
  }

  /** The log, with keys that come in parts while time goes by, and its own clock. */
  #port(reader: Reader, { keys, ms }: Publishing['listing']): LogReader {
    const { scheduler, judges } = this.#world;
    const log = this.#log;
    return {
      async *list(prefix, from) {
        let after = from;
        let isFirst = true;
        for (;;) {
          const part: string[] = [];
          for await (const key of log.list(prefix, after)) {
            if (isFirst || key > after) part.push(key);
            if (part.length === keys) break;
          }
          yield* part;
          const last = part.at(-1);
          if (last === undefined || part.length < keys) return;
          [after, isFirst] = [last, false];
          if (ms > 0) await scheduler.pass(ms);
        }
      },
      async read(key) {
        for (const judge of judges) judge.opened?.(reader, key);
        return log.read(key);
      },
      now: async () => scheduler.now() + this.#plan.aheadMs,
    };
  }
}
