import { checkpointFilters } from '../../infra/constructs/checkpoint-filters.ts';
import { matchesPattern } from '../../infra/emulator/functions/event-pattern.ts';
import type { PagekeeperEvent } from '../../lib/events/event.ts';
import type { CheckpointWrite } from '../../lib/events/of-checkpoint.ts';
import { tell } from '../../lib/events/tell.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { FakeLog } from '../support/fakes/fake-log.ts';
import type { Chance } from './chance.ts';
import type { EventsPlan } from './draw-publishing.ts';
import type { Invocation } from './invocation.ts';
import type { Judge } from './judges/judge.ts';
import { Mortal } from './mortal.ts';
import type { World } from './world.ts';

const timeoutMs = 60_000;

/**
 * The function `publish-events` and the stream of the checkpoints in front of it: writes that pass the filters, in batches, in
 * their order, at least once. What is to be shown again comes at the beginning of the next batch.
 */
export class EventTeller implements Judge {
  readonly #world: World;
  readonly #plan: EventsPlan;
  readonly #trouble: number;
  readonly #log: FakeLog;
  readonly #chance: Chance;
  readonly #writes: CheckpointWrite[] = [];
  #isRead = false;
  #invocations = 0;
  #busy = 0;

  /** @param trouble how much of what can go wrong does, 0 to 1 */
  constructor(
    world: World,
    { plan, trouble }: { readonly plan: EventsPlan; readonly trouble: number },
    log: FakeLog,
    chance: Chance,
  ) {
    this.#world = world;
    this.#plan = plan;
    this.#trouble = trouble;
    this.#log = log;
    this.#chance = chance;
  }

  get isQuiet(): boolean {
    return this.#busy === 0;
  }

  stored(_invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const write = { before: before.revision === 0 ? null : before, after };
    if (!isShown(write)) return;
    this.#writes.push(write);
    if (!this.#isRead) void this.#read();
  }

  async #read(): Promise<void> {
    this.#isRead = true;
    this.#busy += 1;
    while (this.#writes.length > 0) {
      await this.#world.scheduler.pass(this.#latency());
      const batch = this.#writes.slice(0, this.#plan.most);
      const told = await this.#run(batch);
      this.#writes.splice(0, told);
      if (told > 0 && this.#chance.happens(this.#trouble / 8)) void this.#again(batch);
      // Lambda shows it at once after a pause of two seconds; there is more to live than that.
      if (told < batch.length) await this.#world.scheduler.pass(this.#chance.scaled(2000, 240_000));
    }
    this.#isRead = false;
    this.#busy -= 1;
  }

  /** Two readers of a shard, one of whom does not know of the other. */
  async #again(batch: readonly CheckpointWrite[]): Promise<void> {
    this.#busy += 1;
    await this.#world.scheduler.pass(this.#chance.scaled(1000, 600_000));
    await this.#run(batch);
    this.#busy -= 1;
  }

  /** @returns how many writes need not be shown again */
  async #run(batch: readonly CheckpointWrite[]): Promise<number> {
    const world = this.#world;
    const who = `publish-events #${(this.#invocations += 1)}`;
    const mortal = new Mortal(world, who, this.#chance, { trouble: this.#trouble / 5, timeoutMs });
    const log = this.#log;
    const deps = {
      deployment: 'Pagekeeper',
      bus: {
        send: async (events: readonly PagekeeperEvent[]) => {
          if (events.length > 0) await mortal.call('sends', async () => this.#send(events, who));
        },
      },
      log: {
        list: (prefix: string, from: string) => log.list(prefix, from),
        read: (key: string) => mortal.call(`reads ${key}`, () => log.read(key)),
        readSummary: (key: string) => log.readSummary(key),
      },
      clock: { now: world.now },
    };
    let told = batch.length;
    const isWell = await mortal.run(async () => {
      const { again } = await tell(batch, deps, mortal.signal);
      told = again ?? batch.length;
    });
    return isWell ? told : 0;
  }

  #send(events: readonly PagekeeperEvent[], who: string): void {
    const world = this.#world;
    // Those of one call may be taken and others refused.
    const taken = this.#chance.happens(this.#trouble / 5)
      ? events.slice(0, this.#chance.whole(0, events.length - 1))
      : events;
    for (const event of taken) {
      world.tell(who, `tells ${event.type} ${event.detail.id}`);
      for (const judge of world.judges) judge.told?.(event);
    }
    if (taken.length < events.length) throw new Error('some events are refused');
  }

  #latency(): number {
    const { at, until } = this.#plan.outage;
    const { time } = this.#world;
    // Lambda gathers writes for a while.
    const ms = this.#chance.scaled(500, 20_000);
    return time >= at && time < until ? until - time + ms : ms;
  }
}

/** By the filters of the template, and the attributes that they look at. */
function isShown({ before, after }: CheckpointWrite): boolean {
  const shown = {
    Keys: { pk: { S: `stream#${after.stream}` } },
    ...(before !== null && { OldImage: imageOf(before) }),
    NewImage: imageOf(after),
  };
  return checkpointFilters.some((filter) => matchesPattern(filter, shown));
}

function imageOf({ state, sequence, attempt }: Checkpoint) {
  return { state: { S: state }, sequence: { N: String(sequence) }, attempt: { N: String(attempt) } };
}
