import { stoppedFilters } from '../../infra/constructs/checkpoint-filters.ts';
import { matchesPattern } from '../../infra/emulator/functions/event-pattern.ts';
import { typed } from '../../lib/on-call/alarm-text.ts';
import type { Message } from '../../lib/on-call/message.ts';
import type { AlarmChange } from '../../lib/on-call/alarm-change.ts';
import { tellAlarm, type AlarmDependencies } from '../../lib/on-call/tell-alarm.ts';
import { tellIncidents } from '../../lib/on-call/tell-incidents.ts';
import { tellUntold } from '../../lib/on-call/tell-untold.ts';
import type { Breaker } from '../../lib/sync/breaker.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import { FakeIncidents } from '../support/fakes/fake-incidents.ts';
import type { Chance } from './chance.ts';
import { deployment } from './cloud-watch.ts';
import type { Telling, TellingWindow } from './draw-telling.ts';
import { SimulatedFailure, type Invocation } from './invocation.ts';
import type { Judge } from './judges/judge.ts';
import { Mortal } from './mortal.ts';
import type { World } from './world.ts';

/** As the template has them. */
const timeoutMs = 180_000;
const watchdogTimeoutMs = 60_000;
const gatherMs = 60_000;

const mapping = { mostWrites: 100, maxAgeMs: 15 * 60_000 };
const asynchronous = { maxAgeMs: 300_000, retryDelaysMs: [60_000, 120_000] };

/** An alarm on the teller's errors, throttles and dropped events is told within a period of its own, and lasts as long. */
const errorsPeriodMs = 5 * 60_000;

interface Write {
  readonly connection: string;
  readonly at: number;
}

/**
 * The function `tell-on-call`, the stream of the checkpoints table in front of it, and Lambda's queue for the alarms that
 * invoke it.
 */
export class Teller implements Judge {
  readonly #world: World;
  readonly #plan: Telling;
  readonly #chance: Chance;
  readonly #incidents = new FakeIncidents();
  readonly #writes: Write[] = [];
  #isRead = false;
  #invocations = 0;
  /** Until then the alarm on its errors lasts. */
  #errorsUntil = 0;

  constructor(world: World, plan: Telling, chance: Chance) {
    this.#world = world;
    this.#plan = plan;
    this.#chance = chance;
  }

  stored(_invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const connection = this.#world.connectionOf(after.stream)?.plan.name;
    const shown = {
      Keys: { pk: { S: `stream#${after.stream}` } },
      ...(before.revision > 0 && { OldImage: imageOf(before) }),
      NewImage: imageOf(after),
    };
    if (connection !== undefined) this.#wrote(connection, shown);
  }

  breakerStored(_invocation: Invocation, { connection }: Breaker): void {
    this.#wrote(connection, { Keys: { pk: { S: `breaker#${connection}` } } });
  }

  /** CloudWatch invokes it for an alarm, and does not wait for it: Lambda tries again, and gives up what is too old. */
  async alarm(change: AlarmChange): Promise<void> {
    const { scheduler } = this.#world;
    if (this.#window('no alarms') !== undefined) return;
    const expiresAt = scheduler.now() + asynchronous.maxAgeMs;
    await scheduler.pass(this.#chance.scaled(50, 2000));
    let failed = 0;
    for (let backoff = 1000; ;) {
      if (scheduler.now() > expiresAt || failed > asynchronous.retryDelaysMs.length) {
        this.#world.tell('Lambda', `gives up to tell of ${change.name}`);
        this.#noticed();
        return;
      }
      if (this.#isThrottled()) {
        await scheduler.pass(backoff);
        backoff *= 2;
      } else if (await this.#run((deps, signal) => tellAlarm(change, deps, signal))) return;
      else await scheduler.pass(asynchronous.retryDelaysMs[failed++] ?? 0);
    }
  }

  /** As the watchdog does it behind its round: it tells what nobody has told for long. */
  async tellUntold(): Promise<void> {
    const mortal = this.#mortal('watchdog, telling', watchdogTimeoutMs);
    const deps = this.#bind(mortal);
    const isWell = await mortal.run(async () => {
      const errors: unknown[] = [];
      for (const connection of deps.connections) {
        await tellUntold(connection, deps, mortal.signal).catch((error: unknown) => errors.push(error));
      }
      if (errors.length > 0) throw new Error(errors.map(String).join('; '));
    });
    // Where that lasts its silence has an alarm of its own.
    if (!isWell) this.#noticed();
  }

  #wrote(connection: string, shown: object): void {
    if (!stoppedFilters.some((filter) => matchesPattern(filter, shown))) return;
    this.#writes.push({ connection, at: this.#world.now() });
    if (!this.#isRead) void this.#read();
  }

  /** In batches, one after the other, until they succeed or are too old. */
  async #read(): Promise<void> {
    const { scheduler } = this.#world;
    this.#isRead = true;
    for (let pauseMs = 1000; this.#writes.length > 0;) {
      await scheduler.pass(this.#latency());
      const young = this.#writes.findIndex(({ at }) => scheduler.now() - at <= mapping.maxAgeMs);
      this.#writes.splice(0, young < 0 ? this.#writes.length : young);
      const batch = this.#writes.slice(0, mapping.mostWrites);
      if (batch.length === 0) break;
      const written = new Set(batch.map(({ connection }) => connection));
      const isTold =
        !this.#isThrottled() &&
        (await this.#run(async (deps, signal) => {
          const connections = deps.connections.filter(({ name }) => written.has(name));
          const told = await Promise.allSettled(
            connections.map((connection) => tellIncidents(connection, deps, signal)),
          );
          if (told.some(({ status }) => status === 'rejected'))
            throw new Error('not everything could be told');
        }));
      if (isTold) this.#writes.splice(0, batch.length);
      else await scheduler.pass(pauseMs);
      pauseMs = isTold ? 1000 : Math.min(2 * pauseMs, 60_000);
    }
    this.#isRead = false;
  }

  /** @returns whether it came to its end, as far as Lambda can tell */
  async #run(work: (deps: AlarmDependencies, signal: AbortSignal) => Promise<unknown>): Promise<boolean> {
    const mortal = this.#mortal('tell-on-call', timeoutMs);
    const deps = this.#bind(mortal);
    const isWell = await mortal.run(() => work(deps, mortal.signal));
    if (!isWell) this.#erred();
    return isWell;
  }

  #mortal(fn: string, timeoutMs: number): Mortal {
    const who = `${fn} #${(this.#invocations += 1)}`;
    const trouble = this.#plan.trouble / 5;
    const disturbed = (): void => this.#failed();
    return new Mortal(this.#world, who, this.#chance, { trouble, timeoutMs, disturbed });
  }

  #bind(mortal: Mortal): AlarmDependencies {
    const world = this.#world;
    /** When it last began to read what is stored: what it says can be as old. */
    let readAt = world.now();
    const ofTable = <Result>(what: string, effect: () => Promise<Result>): Promise<Result> =>
      this.#call(mortal, what, 'table refuses', effect);
    return {
      ...{ deployment, region: null, runbook: 'docs/runbook.md', typed },
      connections: world.connections.map(({ plan, streams }) => ({
        name: plan.name,
        connector: streams[0]!.connector,
        streams,
      })),
      checkpoints: {
        readAll: (streams) => {
          readAt = world.now();
          return ofTable('reads checkpoints', () => world.checkpoints.readAll(streams));
        },
      },
      breakers: { read: (name) => ofTable('reads a breaker', () => world.breakers.read(name)) },
      incidents: {
        read: (name) => ofTable('reads incidents', () => this.#incidents.read(name)),
        replace: (next) => ofTable('stores incidents', () => this.#incidents.replace(next)),
      },
      mutes: {
        read: (name) => ofTable('reads a mute', () => world.mutes.read(name)),
      },
      // Of alarms on what AWS measures, which there are none here.
      alarms: { read: async () => undefined, replace: async () => undefined },
      people: {
        send: (message) =>
          this.#call(mortal, 'sends', 'topic refuses', async () => this.#send(mortal.who, message, readAt)),
      },
      machines: {
        repeat: (change) =>
          this.#call(mortal, 'repeats', 'topic refuses', async () =>
            world.tell(mortal.who, `repeats to machines: ${change.name} is ${change.state}`),
          ),
        end: (names) =>
          this.#call(mortal, 'repeats', 'topic refuses', async () =>
            world.tell(mortal.who, `tells machines that ${names.join()} is OK`),
          ),
      },
      faults: { note: (about, { name }) => world.tell(mortal.who, `notes a fault of ${about}: ${name}`) },
      clock: {
        now: world.now,
        sleep: async (ms, signal) => {
          await mortal.pass(ms);
          signal.throwIfAborted();
        },
      },
      gatherMs,
    };
  }

  async #call<Result>(
    mortal: Mortal,
    what: string,
    refusal: TellingWindow['kind'],
    effect: () => Promise<Result>,
  ): Promise<Result> {
    const refusable = async (): Promise<Result> => {
      if (this.#window(refusal) === undefined) return effect();
      this.#failed();
      this.#world.tell(mortal.who, `FAULT: is refused where it ${what}`);
      throw new SimulatedFailure(`is refused where it ${what}`);
    };
    return mortal.call(what, refusable, this.#chance.scaled(1, 60));
  }

  #send(who: string, message: Message, readAt: number): void {
    const world = this.#world;
    world.tell(who, `tells people (${message.severity}): ${message.subject}`);
    for (const judge of world.judges) judge.messaged?.(message, { who, readAt });
  }

  #isThrottled(): boolean {
    if (this.#window('throttled') === undefined) return false;
    this.#failed();
    this.#erred();
    return true;
  }

  /** It was made to fail. */
  #failed(): void {
    for (const judge of this.#world.judges) judge.tellingFailed?.();
  }

  /** An error that Lambda counts: the alarm on them tells people without the teller. */
  #erred(): void {
    const { scheduler } = this.#world;
    const now = scheduler.now();
    const isOn = now < this.#errorsUntil;
    this.#errorsUntil = now + errorsPeriodMs;
    if (isOn) this.#noticed();
    else scheduler.after(this.#chance.whole(1000, 70_000), () => this.#noticed());
  }

  /** People are told, and not by the teller, that telling fails. */
  #noticed(): void {
    for (const judge of this.#world.judges) judge.noticed?.();
  }

  #window(kind: TellingWindow['kind']): TellingWindow | undefined {
    const { time } = this.#world;
    return this.#plan.windows.find(
      (window) => window.kind === kind && window.at <= time && time < window.until,
    );
  }

  #latency(): number {
    const away = this.#window('no stream');
    const ms = this.#chance.scaled(300, 5000);
    return away === undefined ? ms : away.until - this.#world.time + ms;
  }
}

/** What the filters look at. */
function imageOf({ state, stopped }: Checkpoint): object {
  return {
    state: { S: state },
    ...(stopped !== null && { stopped: { M: { since: { N: String(stopped.since) } } } }),
  };
}
