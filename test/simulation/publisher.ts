import { followHeartbeats, nearlyLostMs, parseHeard } from '../../lib/changes/heartbeat.ts';
import type { LogWriter, MarkerVersions } from '../../lib/changes/ports.ts';
import { publish } from '../../lib/changes/publish.ts';
import { publishTimeoutSeconds } from '../../lib/changes/read-changes.ts';
import type { FakeLog } from '../support/fakes/fake-log.ts';
import type { Chance } from './chance.ts';
import type { TableWrite } from './change-stream.ts';
import type { Publishing } from './draw-publishing.ts';
import { Mortal } from './mortal.ts';
import type { World } from './world.ts';

const timeoutMs = publishTimeoutSeconds * 1000;

/** The function `publish-changes`: what it has sent may appear in the log after it has died. */
export class Publisher {
  readonly #world: World;
  readonly #plan: Publishing;
  readonly #log: FakeLog;
  readonly #chance: Chance;
  #invocations = 0;

  constructor(world: World, plan: Publishing, log: FakeLog, chance: Chance) {
    this.#world = world;
    this.#plan = plan;
    this.#log = log;
    this.#chance = chance;
  }

  /** @returns whether it has handled the batch, as far as AWS can tell */
  run(batch: readonly TableWrite[]): Promise<boolean> {
    const who = `publish-changes #${(this.#invocations += 1)}`;
    const mortal = new Mortal(this.#world, who, this.#chance, { trouble: this.#plan.trouble, timeoutMs });
    return mortal.run(() => this.#publish(batch, mortal));
  }

  /** As `publish-changes` does it. */
  async #publish(batch: readonly TableWrite[], mortal: Mortal): Promise<void> {
    const { who, signal } = mortal;
    const world = this.#world;
    const log = this.#port(mortal);
    const clock = { now: world.now };
    const { keepsBefore } = this.#plan;
    const writes = batch.flatMap((write) => (write.kind === 'record' ? [write.write] : []));
    const beats = batch.flatMap((write) => (write.kind === 'heartbeat' ? [write.beat] : []));
    const forgotten = { read: async () => new Map() };
    const published = await publish(writes, { log, forgotten, clock, keepsBefore }, signal);
    for (const { key, lines } of published) world.tell(who, `publishes ${lines} lines in ${key}`);
    const streams = [...world.streams.keys()];
    const moments = batch.map((write) => (write.kind === 'record' ? write.write.writtenAt : write.beat.at));
    const oldest = moments.length === 0 ? null : Math.min(...moments);
    if (oldest !== null && world.now() - oldest > nearlyLostMs)
      for (const judge of world.judges) judge.nearlyLost?.();
    const heard = { heartbeats: beats, oldest };
    if (await followHeartbeats(heard, { log, clock, streams }, signal))
      world.tell(who, 'finds that writes are missing');
  }

  #port(mortal: Mortal): LogWriter & MarkerVersions {
    const log = this.#log;
    const { judges } = this.#world;
    return {
      put: (key, lines, signal, summary) =>
        this.#put(mortal, key, async () => {
          await log.put(key, lines, signal, summary);
          for (const judge of judges) judge.logged?.(lines);
        }),
      readVersion: (key) => log.readVersion(key),
      replaceMarker: (key, before, text) =>
        this.#put(mortal, key, async () => {
          const isStored = await log.replaceMarker(key, before, text);
          if (isStored) for (const judge of judges) judge.heard?.(parseHeard(text).count);
          return isStored;
        }),
    };
  }

  #put<Result>(mortal: Mortal, key: string, appear: () => Promise<Result>): Promise<Result> {
    return mortal.call(`stores ${key}`, appear, this.#chance.whole(5, this.#plan.storesWithin));
  }
}
