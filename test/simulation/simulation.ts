import type { StoredRecord } from '../../lib/sync/record.ts';
import { EndState } from './end-state.ts';
import { endOf, type Fault } from './faults.ts';
import { Functions } from './functions.ts';
import { Nature } from './nature.ts';
import { People } from './people.ts';
import { readSnapshots } from './read-snapshots.ts';
import { resetAtTheEnd } from './reset-at-the-end.ts';
import { watchPeriodMs, type ConnectionPlan, type Scenario } from './scenario.ts';
import { Tally } from './tally.ts';
import { World, type Connection, type StoryLine, type Violation } from './world.ts';

/** One hour to finish a snapshot, one for a gap to be noticed, and one to take the snapshot that heals it. */
const calmHours = 3;
/** People hear of an end within a quarter of an hour, and what has failed is made up for in as much again. */
const toldWithinMs = 45 * 60_000;
/** A limit of a day is forgotten after two of them: until then pages go by it. */
const restMs = 72 * 3_600_000;

export interface History {
  readonly violation: Violation | null;
  /** Empty unless it was to be told. */
  readonly story: readonly StoryLine[];
  /** Virtual time, milliseconds. */
  readonly tookMs: number;
  readonly pages: number;
  /** How often what has happened. */
  readonly tally: ReadonlyMap<string, number>;
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
  /** All that is judged of the engine is over: its late ticks and messages, and its watchdog, do not begin anything any more. */
  #isOver = false;
  readonly #people: People;
  readonly #nature: Nature;
  readonly #end: EndState;
  readonly #tally = new Tally();

  constructor(scenario: Scenario, tell: boolean) {
    this.#world = new World(scenario, tell);
    this.#functions = new Functions(this.#world, (connection) => this.#wake(connection));
    this.#gapMs = scenario.gapSeconds * 1000;
    this.#people = new People(this.#world);
    this.#nature = new Nature(this.#world, this.#people);
    this.#end = new EndState(this.#world, (stream) => this.#nature.runEnded(stream));
    this.#world.judges.push(this.#end, this.#tally);
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
      pages: this.#end.pages,
      tally: this.#tally.counts,
    };
  }

  /** No fault begins any more: everything must become complete, by itself and in time. */
  async #comeToRest(calm: number, broken: () => boolean): Promise<void> {
    const world = this.#world;
    world.tell('world', 'is calm from here on');
    this.#onCall();
    this.#nature.comeToRest();
    this.#end.begin();
    const deadline = Math.max(calm, world.latestRetryAt) + this.#patienceMs();
    await world.scheduler.runUntil(deadline, () => broken() || this.#end.isReached);
    if (broken()) return;
    if (!this.#end.isReached) {
      this.#fail('not every stream has been through and is exact since all is well');
      return;
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
    await world.scheduler.runUntil(world.now() + restMs, () => broken() || atRest());
    if (broken()) return;
    if (!atRest()) {
      this.#fail('the queues and streams never come to rest');
      return;
    }
    for (const name of carried) {
      const checkpoint = world.checkpointOf(name);
      const { outcome } = checkpoint;
      // What is held back and need not be is found below.
      if (outcome !== 'complete' && outcome !== 'suspicious' && !this.#end.isAsFarAsItGoes(checkpoint)) {
        this.#fail(`${name} ends as ${outcome ?? 'nothing'}`);
        return;
      }
    }
    const wrong = [...world.streams.keys()].flatMap((name) => this.#end.whatIsWrong(name) ?? []);
    if (wrong.length > 0) this.#fail(wrong.join('; '));
    const dead = world.connections.flatMap(({ queue }) => queue.deadLetters);
    if (dead.length > 0) this.#fail(`${dead.length} messages end as dead letters`);
    if (!broken()) await this.#tellAll(broken);
    if (!broken()) await this.#publishAll(broken);
  }

  /** What is over is told. Nothing goes on meanwhile but the last rounds of the watchdog, as far as they tell. */
  async #tellAll(broken: () => boolean): Promise<void> {
    const { scheduler, start, scenario, teller, judgeOfIncidents } = this.#world;
    this.#isOver = true;
    const { windows, mutes } = scenario.telling;
    const last = Math.max(scheduler.now(), ...[...windows, ...mutes].map(({ until }) => start + until));
    while (!broken() && judgeOfIncidents.openIncidents > 0 && scheduler.now() < last + toldWithinMs) {
      scheduler.after(0, () => void teller.tellUntold());
      await scheduler.runUntil(scheduler.now() + watchPeriodMs, broken);
      judgeOfIncidents.lookAtEnds();
    }
  }

  /** Batches may be hours late. Nothing else goes on meanwhile. */
  async #publishAll(broken: () => boolean): Promise<void> {
    const world = this.#world;
    this.#isOver = true;
    const { changes, changeReader, snapshots, events, scenario } = world;
    const { until } = scenario.publishing.outage;
    await resetAtTheEnd(world, [events, world.judgeOfEvents]);
    const isQuiet = (): boolean =>
      world.onTheirWay === 0 &&
      [changes, changeReader, events, snapshots].every((part) => part?.isQuiet !== false);
    await this.#until(() => isQuiet() && (snapshots === null || world.time >= until), broken);
    if (broken()) return;
    if (snapshots !== null) {
      changes.calmDown();
      snapshots.calmDown();
      await this.#until(() => snapshots.calmRuns >= calmHours && isQuiet(), broken);
    }
    if (broken()) return;
    if (!isQuiet()) {
      this.#fail('the changes are never all published');
      return;
    }
    await readSnapshots(world, world.log);
    await changeReader.readToTheEnd();
    const table: StoredRecord[] = [];
    for (const name of world.streams.keys()) {
      for await (const record of world.records.scan(name)) table.push(record);
    }
    for (const judge of world.judges) judge.published?.(table);
  }

  #until(reached: () => boolean, broken: () => boolean): Promise<void> {
    const { scheduler } = this.#world;
    return scheduler.runUntil(scheduler.now() + 30 * 86_400_000, () => broken() || reached());
  }

  #fail(words: string): void {
    const world = this.#world;
    const states = [...world.streams.keys()].map((name) => {
      const { state, outcome, reason } = world.checkpointOf(name);
      const wrong = this.#end.whatIsWrong(name);
      return `${name}: ${state}, ${outcome ?? 'nothing yet'}${reason === null ? '' : ` (${reason})`}${wrong === null ? '' : `, ${wrong}`}`;
    });
    world.fail('rest', `${words}; ${states.join('; ')}`);
  }

  /** How long all of it may take once it is calm. */
  #patienceMs(): number {
    const { connections } = this.#world.scenario;
    const rows = [...this.#world.vendorStreams.values()].reduce((sum, { live }) => sum + live.length, 0);
    const byTicks = connections.some(({ streams }) =>
      streams.some(({ continuation }) => continuation === 'nextTick'),
    );
    const windows = Math.max(
      ...connections.flatMap(({ streams }) => streams.map((stream) => stream.windows?.historyDays ?? 0)),
    );
    const longest =
      windows + Math.max(...[...this.#world.vendorStreams.values()].map(({ live }) => live.length));
    const runs = 8;
    const byLimit = Math.max(0, ...this.#world.scenario.faults.map(limitNamedMs));
    const bySpans = Math.max(0, ...connections.map(spacingOf)) * runs * (rows + 8 * connections.length);
    return (
      bySpans +
      runs * this.#gapMs +
      3_600_000 +
      (byTicks ? runs * (2 * longest + 4) * this.#gapMs : 0) +
      3 * byLimit
    );
  }

  /** Everything whose moment is known beforehand. */
  #plan(): void {
    const world = this.#world;
    const { scheduler, start } = world;
    for (const connection of world.connections) {
      for (const { name } of connection.streams) this.#tickFrom(connection, name, 0);
    }
    scheduler.at(start + 137_000, () => this.#watch());
    for (const fault of world.scenario.faults) this.#nature.plan(fault);
    for (const { at, until, connection } of world.scenario.telling.mutes)
      scheduler.at(start + at, () => this.#people.mute(connection, until - at));
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
      const go = (): void => {
        if (!this.#isOver) this.#functions.tick(connection, stream, scheduledAt);
      };
      const late = world.take('late tick', mine);
      if (late === undefined) go();
      else world.scheduler.after(late.ms, go);
      const again = world.take('duplicate tick', mine);
      if (again !== undefined) world.scheduler.after(again.ms, go);
    });
  }

  #watch(): void {
    const world = this.#world;
    if (this.#isOver) return;
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
    if (this.#isOver) return;
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

  /** Follows the alarms, every ten minutes. */
  #onCall(): void {
    if (!this.#ticking) return;
    this.#world.scheduler.after(600_000, () => this.#onCall());
    this.#people.answerAlarms();
  }
}

/** How long the window is of a limit that the vendor names: it is forgotten after two of them. */
function limitNamedMs(fault: Fault): number {
  if (!('word' in fault) || typeof fault.word === 'string') return 0;
  return fault.word.form === 'its older form' ? fault.word.seconds * 1000 : 0;
}

/** Between two calls under its limits of an hour, milliseconds. */
function spacingOf({ limits }: ConnectionPlan): number {
  const spans = Object.values(limits?.limits ?? {}).flat();
  const anHour = spans.filter(({ per }) => per === 'hour').map(({ requests }) => requests);
  return anHour.length === 0 ? 0 : 3_600_000 / (0.8 * Math.min(...anHour));
}
