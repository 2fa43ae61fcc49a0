import { resumeConnection, resumeStream } from '../../lib/operations/resume.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import { changeCheckpoint } from '../../lib/sync/compare-and-swap.ts';
import { BoundPorts } from './bound-ports.ts';
import { endOf, type Window } from './faults.ts';
import { Functions } from './functions.ts';
import { watchPeriodMs, type Scenario } from './scenario.ts';
import { World, type Connection, type StoryLine, type Violation } from './world.ts';

export interface History {
  readonly violation: Violation | null;
  /** Empty unless it was to be told. */
  readonly story: readonly StoryLine[];
  /** Virtual time, milliseconds. */
  readonly tookMs: number;
  readonly pages: number;
}

/** Lives one scenario from its first tick until all is well, or until an invariant breaks. */
export async function simulate(scenario: Scenario, options = { tell: false }): Promise<History> {
  const simulation = new Simulation(scenario, options.tell);
  return simulation.live();
}

class Simulation {
  readonly #world: World;
  readonly #functions: Functions;
  readonly #busy = new Map<Connection, number>();
  readonly #wakeAt = new Map<Connection, number>();
  readonly #gapMs: number;
  #ticking = true;
  /** By stream: when its last complete run began. */
  readonly #runs = new Map<string, { run: string | null; openedAt: number; completedFrom: number | null }>();
  #pages = 0;

  constructor(scenario: Scenario, tell: boolean) {
    this.#world = new World(scenario, tell);
    this.#functions = new Functions(this.#world, (connection) => this.#wake(connection));
    this.#gapMs = scenario.gapSeconds * 1000;
  }

  async live(): Promise<History> {
    const world = this.#world;
    const { scheduler, start } = world;
    const broken = (): boolean => world.violation !== null;
    this.#plan();
    const calm = start + Math.max(endOf(world.scenario.faults), this.#gapMs) + 60_000;
    await scheduler.runUntil(calm, broken);
    if (!broken()) await this.#comeToRest(calm, broken);
    return {
      violation: world.violation,
      story: world.story ?? [],
      tookMs: world.time,
      pages: this.#pages,
    };
  }

  /** No fault begins any more: everything must become complete, by itself and in time. */
  async #comeToRest(calm: number, broken: () => boolean): Promise<void> {
    const world = this.#world;
    world.tell('world', 'is calm from here on');
    this.#onCall();
    const fresh = (): boolean =>
      [...world.streams.keys()].every((name) => (this.#runs.get(name)?.completedFrom ?? 0) >= calm);
    for (;;) {
      const pages = Math.max(
        ...world.scenario.connections.flatMap(({ streams }) => streams.map(({ rows }) => rows)),
      );
      const byTicks = world.scenario.connections.some(({ streams }) =>
        streams.some(({ continuation }) => continuation === 'nextTick'),
      );
      const deadline =
        Math.max(calm, world.longestWord) +
        4 * this.#gapMs +
        3_600_000 +
        (byTicks ? 2 * (2 * pages + 8) * this.#gapMs : 0);
      await scheduler(world, Math.min(deadline, world.now() + this.#gapMs), () => broken() || fresh());
      if (broken()) return;
      if (fresh()) break;
      if (world.now() >= deadline) {
        this.#fail('not every stream has been through since all is well');
        return;
      }
    }
    // The last messages find nothing to do.
    this.#ticking = false;
    // Without ticks a nextTick run stays where it is.
    const carried = [...world.streams.values()].flatMap(({ name, settings }) =>
      settings.continuation === 'queue' ? [name] : [],
    );
    const atRest = (): boolean =>
      world.connections.every(({ queue }) => queue.contents.length === 0) &&
      [...carried].every((name) => world.checkpointOf(name).state === 'idle');
    await scheduler(world, world.now() + 12 * 3_600_000, () => broken() || atRest());
    if (broken()) return;
    if (!atRest()) {
      this.#fail('the queues and streams never come to rest');
      return;
    }
    for (const name of carried) {
      const { outcome } = world.checkpointOf(name);
      if (outcome !== 'complete') {
        this.#fail(`${name} ends as ${outcome ?? 'nothing'}`);
        return;
      }
    }
    const dead = world.connections.flatMap(({ queue }) => queue.deadLetters);
    if (dead.length > 0) this.#fail(`${dead.length} messages end as dead letters`);
  }

  #fail(words: string): void {
    const world = this.#world;
    const states = [...world.streams.keys()].map((name) => {
      const { state, outcome, reason } = world.checkpointOf(name);
      return `${name}: ${state}, ${outcome ?? 'nothing yet'}${reason === null ? '' : ` (${reason})`}`;
    });
    world.violation ??= { invariant: 'rest', words: `${words}; ${states.join('; ')}` };
    world.tell('judge', `VIOLATION: ${world.violation.words}`);
  }

  /** Everything whose moment is known beforehand. */
  #plan(): void {
    const world = this.#world;
    const { scheduler, start } = world;
    for (const connection of world.connections) {
      for (const { name } of connection.streams) this.#tickFrom(connection, name, 0);
    }
    scheduler.at(start + 137_000, () => this.#watch());
    this.#follow();
    for (const fault of world.scenario.faults) {
      const at = start + fault.at;
      switch (fault.kind) {
        case 'resume':
          scheduler.at(at, () => this.#resume(fault.stream));
          break;
        case 'unauthorized':
          this.#planRefusal(fault);
          break;
        case 'pause':
          scheduler.at(at, () => this.#pause(fault.target));
          scheduler.at(start + fault.until, () => this.#resume(fault.target));
          break;
        case 'cap':
        case 'change':
        case 'insert':
        case 'delete':
          scheduler.at(at, () => {
            const rows = world.vendorStreams.get(fault.stream);
            if (fault.kind === 'cap') {
              if (rows !== undefined) rows.cap = fault.cap;
            } else rows?.move(fault.kind, fault.place, world.now());
            world.tell('vendor', `FAULT: ${fault.kind} in ${fault.stream}`);
          });
          break;
        default:
      }
    }
  }

  #planRefusal({ at, until, target, mended }: Extract<Window, { kind: 'unauthorized' }>): void {
    const world = this.#world;
    const connection = world.connections.find(({ plan }) => plan.name === target);
    if (connection === undefined) return;
    const { secret, vendor } = connection;
    const step = (time: number, what: string, act: () => void): void => {
      world.scheduler.at(world.start + time, () => {
        world.tell(target, what);
        act();
      });
    };
    const change = (): void => secret.change();
    const refuse = (): void => vendor.refuse(secret.version);
    step(at, `FAULT: refuses ${mended === 'rotated before' ? 'the old version' : 'the secret'}`, () => {
      refuse();
      if (mended === 'rotated before') change();
    });
    if (mended === 'rotated twice') {
      step((at + until) / 2, 'a person changes the secret, to a wrong one', () => {
        change();
        refuse();
      });
    }
    if (mended === 'rotated' || mended === 'rotated twice')
      step(until, 'a person changes the secret', change);
    if (mended === 'resumed') {
      step(until, 'takes the secret again', () => vendor.accept(secret.version));
      world.scheduler.at(world.start + until + 1000, () => this.#resume(target));
    }
  }

  #tickFrom(connection: Connection, stream: string, tick: number): void {
    const world = this.#world;
    const scheduledAt = world.start + tick * this.#gapMs;
    world.scheduler.at(scheduledAt + world.chance.whole(0, 2500), () => {
      if (!this.#ticking) return;
      this.#tickFrom(connection, stream, tick + 1);
      const mine = (fault: { readonly at: number; readonly stream: string }): boolean =>
        fault.stream === stream && Math.floor(fault.at / this.#gapMs) === tick;
      if (world.take('lost tick', mine)) {
        for (const judge of world.judges) judge.disturbed?.(stream);
        world.tell('scheduler', `FAULT: tick ${tick} of ${stream} is lost`);
        return;
      }
      const go = (): void => this.#functions.tick(connection, stream, scheduledAt);
      const late = world.take('late tick', mine);
      if (late === undefined) go();
      else world.scheduler.after(late.ms, go);
      const again = world.take('duplicate tick', mine);
      if (again !== undefined) world.scheduler.after(again.ms, go);
    });
  }

  #watch(): void {
    const world = this.#world;
    world.scheduler.after(watchPeriodMs, () => this.#watch());
    for (const judge of world.judges) judge.looked?.();
    if (world.take('lost watch')) {
      for (const judge of world.judges) judge.disturbed?.(null);
      world.tell('scheduler', 'FAULT: the watchdog is not started');
      return;
    }
    this.#functions.watchdog();
    if (world.take('second watch')) this.#functions.watchdog();
  }

  /** Remembers which run of a stream began when, and counts pages. */
  #follow(): void {
    const world = this.#world;
    (world.judges as unknown[] as { stored: unknown }[]).push({
      stored: (...[, before, after]: Parameters<NonNullable<World['judges'][number]['stored']>>) => {
        const known = this.#runs.get(after.stream) ?? { run: null, openedAt: 0, completedFrom: null };
        if (after.run !== null && after.run !== known.run) {
          this.#runs.set(after.stream, { ...known, run: after.run, openedAt: world.now() });
        }
        if (after.sequence > before.sequence) this.#pages += 1;
        if (before.run !== null && after.run === null && after.outcome === 'complete') {
          this.#runs.set(after.stream, { ...known, completedFrom: known.openedAt });
        }
      },
    });
  }

  /** A message may have become visible. */
  #wake(connection: Connection): void {
    const { scheduler } = this.#world;
    const next = Math.min(...connection.queue.contents.map(({ visibleAt }) => visibleAt));
    if (!Number.isFinite(next)) return;
    const at = Math.max(next, scheduler.now()) + this.#world.chance.scaled(1, 200);
    const planned = this.#wakeAt.get(connection);
    if (planned !== undefined && planned > scheduler.now() && planned <= at) return;
    this.#wakeAt.set(connection, at);
    scheduler.at(at, () => this.#poll(connection));
  }

  #poll(connection: Connection): void {
    const world = this.#world;
    const most = Math.min(Math.max(2, connection.streams.length), 5);
    const busy = this.#busy.get(connection) ?? 0;
    if (busy >= most) return;
    const received = connection.queue.receive((count) => Math.floor(world.chance.next() * count));
    if (received !== undefined) {
      const deliver = (): void => {
        this.#busy.set(connection, (this.#busy.get(connection) ?? 0) + 1);
        this.#functions.message(connection, received, (handled) => {
          this.#busy.set(connection, (this.#busy.get(connection) ?? 1) - 1);
          const { stream } = received.message;
          if (handled && world.take('undeleted message'))
            world.tell('queue', `FAULT: keeps a message of ${stream}`);
          else if (handled) connection.queue.delete(received.receiptHandle);
          this.#wake(connection);
        });
      };
      deliver();
      const again = world.take('duplicate message');
      if (again !== undefined) {
        world.tell('queue', `FAULT: delivers a message of ${received.message.stream} twice`);
        world.scheduler.after(again.ms, deliver);
      }
    }
    this.#wakeAt.delete(connection);
    this.#wake(connection);
  }

  /** A person edits the checkpoint. */
  #pause(stream: string): void {
    const world = this.#world;
    const invocation = world.invocation('person', stream, 'person');
    const { checkpoints } = new BoundPorts(world, invocation);
    world.tell(invocation.who, `pauses ${stream}`);
    const pausable = (checkpoint: Checkpoint): Checkpoint | null =>
      checkpoint.state === 'running' || checkpoint.state === 'idle'
        ? { ...checkpoint, state: 'paused', outcome: 'paused', outcomeAt: world.now() }
        : null;
    void changeCheckpoint(checkpoints, stream, pausable);
  }

  /** A person at the command line. @param target a stream or a connection */
  #resume(target: string): void {
    const world = this.#world;
    const invocation = world.invocation('person', target, 'person');
    const { checkpoints, breakers, clock } = new BoundPorts(world, invocation);
    world.tell(invocation.who, `resumes ${target}`);
    for (const judge of world.judges) judge.resuming?.(target);
    const connection = world.connections.find(({ plan }) => plan.name === target);
    const done =
      connection === undefined
        ? resumeStream(target, { checkpoints, breakers, clock })
        : resumeConnection(
            target,
            connection.streams.map(({ name }) => name),
            { checkpoints, breakers, clock },
          );
    done.catch((error: unknown) => {
      world.violation ??= { invariant: 'rest', words: `resume throws: ${String(error)}` };
    });
  }

  /** Follows the alarms: whatever is still halted, and could be mended, is resumed. */
  #onCall(): void {
    const world = this.#world;
    if (!this.#ticking) return;
    world.scheduler.after(600_000, () => this.#onCall());
    for (const { plan, streams, secret } of world.connections) {
      const breaker = world.breakerOf(plan.name);
      if (breaker.state === 'open' && breaker.secretVersion === secret.version) this.#resume(plan.name);
      for (const { name } of streams) {
        const { state, halt } = world.checkpointOf(name);
        if (state === 'paused' || (state === 'halted' && halt?.outcome !== 'unauthorized'))
          this.#resume(name);
      }
    }
  }
}

function scheduler(world: World, end: number, stop: () => boolean): Promise<void> {
  return world.scheduler.runUntil(end, stop);
}
