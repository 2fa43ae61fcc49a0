import { followHeartbeats, nearlyLostMs, parseHeard } from '../../lib/changes/heartbeat.ts';
import type { LogWriter, MarkerVersions } from '../../lib/changes/ports.ts';
import { publish } from '../../lib/changes/publish.ts';
import { publishTimeoutSeconds } from '../../lib/changes/read-changes.ts';
import type { FakeLog } from '../support/fakes/fake-log.ts';
import type { Chance } from './chance.ts';
import type { TableWrite } from './change-stream.ts';
import type { Publishing } from './draw-publishing.ts';
import { never, SimulatedFailure } from './invocation.ts';
import { stopEarlyMs } from './scenario.ts';
import type { World } from './world.ts';

/** What becomes of one object that is stored. */
const fates = ['dies before', 'dies after', 'fails', 'answer lost', 'slow'] as const;
type Fate = (typeof fates)[number] | 'well';

/** An invocation of the function. */
interface Publication {
  readonly signal: AbortSignal;
  isOver: boolean;
  readonly end: (why: string | null) => void;
}

/** The function `publish-changes`, as AWS runs it: it can die at any of its puts, and what it has sent may appear after that. */
export class Publisher {
  readonly #world: World;
  readonly #plan: Publishing;
  readonly #log: FakeLog;
  readonly #chance: Chance;
  #invocations = 0;
  /** Objects that have been sent and do not appear yet. */
  #onTheirWay = 0;

  constructor(world: World, plan: Publishing, log: FakeLog, chance: Chance) {
    this.#world = world;
    this.#plan = plan;
    this.#log = log;
    this.#chance = chance;
  }

  get isQuiet(): boolean {
    return this.#onTheirWay === 0;
  }

  /** @returns whether it has handled the batch, as far as AWS can tell */
  run(batch: readonly TableWrite[]): Promise<boolean> {
    const world = this.#world;
    const who = `publish-changes #${(this.#invocations += 1)}`;
    const controller = new AbortController();
    return new Promise((resolve) => {
      const end = (why: string | null): void => {
        if (publication.isOver) return;
        publication.isOver = true;
        if (why !== null) world.tell(who, `FAULT: ${why}`);
        resolve(why === null);
      };
      const publication: Publication = { signal: controller.signal, isOver: false, end };
      world.scheduler.after(publishTimeoutSeconds * 1000 - stopEarlyMs, () => {
        if (!publication.isOver) controller.abort(new SimulatedFailure('out of time'));
      });
      this.#publish(batch, publication, who).then(
        () => end(null),
        (error: unknown) => end((error as Error).message),
      );
    });
  }

  /** As `publish-changes` does it. */
  async #publish(batch: readonly TableWrite[], publication: Publication, who: string): Promise<void> {
    const world = this.#world;
    const log = this.#port(publication);
    const clock = { now: world.now };
    const { keepsBefore } = this.#plan;
    const writes = batch.flatMap((write) => (write.kind === 'record' ? [write.write] : []));
    const beats = batch.flatMap((write) => (write.kind === 'heartbeat' ? [write.beat] : []));
    const forgotten = { read: async () => new Map() };
    const published = await publish(writes, { log, forgotten, clock, keepsBefore }, publication.signal);
    for (const { key, lines } of published) world.tell(who, `publishes ${lines} lines in ${key}`);
    const streams = [...world.streams.keys()];
    const moments = batch.map((write) => (write.kind === 'record' ? write.write.writtenAt : write.beat.at));
    const oldest = moments.length === 0 ? null : Math.min(...moments);
    if (oldest !== null && world.now() - oldest > nearlyLostMs)
      for (const judge of world.judges) judge.nearlyLost?.();
    const heard = { heartbeats: beats, oldest };
    if (await followHeartbeats(heard, { log, clock, streams }, publication.signal))
      world.tell(who, 'finds that writes are missing');
  }

  #port(publication: Publication): LogWriter & MarkerVersions {
    const log = this.#log;
    const { judges } = this.#world;
    return {
      put: (key, lines, signal, summary) =>
        this.#put(publication, key, async () => {
          await log.put(key, lines, signal, summary);
          for (const judge of judges) judge.logged?.(lines);
        }),
      readVersion: (key) => log.readVersion(key),
      replaceMarker: (key, before, text) =>
        this.#put(publication, key, async () => {
          const isStored = await log.replaceMarker(key, before, text);
          if (isStored) for (const judge of judges) judge.heard?.(parseHeard(text).count);
          return isStored;
        }),
    };
  }

  async #put<Result>(publication: Publication, key: string, appear: () => Promise<Result>): Promise<Result> {
    const { signal, end } = publication;
    signal.throwIfAborted();
    const fate = this.#fate();
    const ms = fate === 'slow' ? this.#slowness() : this.#chance.whole(5, this.#plan.storesWithin);
    if (fate === 'dies before') {
      end(`killed before it stores ${key}`);
      return never();
    }
    if (fate === 'fails') {
      await this.#pass(ms, signal);
      throw new SimulatedFailure(`cannot store ${key}`);
    }
    const appeared = this.#send(appear, ms);
    await this.#pass(ms, signal);
    if (fate === 'dies after') {
      end(`killed after it has stored ${key}`);
      return never();
    }
    if (fate === 'answer lost') throw new SimulatedFailure(`is not told that ${key} is stored`);
    return appeared;
  }

  /** Once it is on its way it appears, whatever becomes of the function. */
  #send<Result>(appear: () => Promise<Result>, ms: number): Promise<Result> {
    this.#onTheirWay += 1;
    return new Promise((resolve, reject) => {
      this.#world.scheduler.after(ms, () => {
        this.#onTheirWay -= 1;
        appear().then(resolve, reject);
      });
    });
  }

  #fate(): Fate {
    return this.#chance.happens(this.#plan.trouble) ? this.#chance.pick(fates) : 'well';
  }

  /** As long as the function has, at most. */
  #slowness(): number {
    return this.#chance.scaled(1000, publishTimeoutSeconds * 1000);
  }

  #pass(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', refuse, { once: true });
      this.#world.scheduler.after(ms, () => {
        signal.removeEventListener('abort', refuse);
        resolve();
      });
    });
  }
}
