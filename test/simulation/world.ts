import { bob } from '../../lib/connectors/bob.ts';
import { mobaro } from '../../lib/connectors/mobaro.ts';
import { newBreaker, type Breaker } from '../../lib/sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { Stream } from '../../lib/sync/settings.ts';
import { FakeBreakers } from '../support/fakes/fake-breakers.ts';
import { FakeCheckpoints } from '../support/fakes/fake-checkpoints.ts';
import { FakeGovernor } from '../support/fakes/fake-governor.ts';
import { FakePageQueue } from '../support/fakes/fake-page-queue.ts';
import { FakeSeenRows } from '../support/fakes/fake-seen-rows.ts';
import { FakeRecords } from '../support/fakes/fake-records.ts';
import { Chance } from './chance.ts';
import type { Fault, OfKind, Window } from './faults.ts';
import { Invocation } from './invocation.ts';
import type { Facts, Invariant, Judge } from './judges/judge.ts';
import { JudgeOfAttempts } from './judges/judge-of-attempts.ts';
import { JudgeOfHolders } from './judges/judge-of-holders.ts';
import { JudgeOfPages } from './judges/judge-of-pages.ts';
import { JudgeOfProgress } from './judges/judge-of-progress.ts';
import { JudgeOfReports } from './judges/judge-of-reports.ts';
import { JudgeOfWords } from './judges/judge-of-words.ts';
import { streamOf, visibilityMs, type ConnectionPlan, type Scenario } from './scenario.ts';
import { Scheduler } from './scheduler.ts';
import { SecretStore } from './secret-store.ts';
import { SimulatedVendor } from './simulated-vendor.ts';
import { Strikes } from './strikes.ts';
import { VendorStream } from './vendor-stream.ts';

export interface Violation {
  readonly invariant: Invariant;
  readonly words: string;
}

export interface StoryLine {
  /** Since the start, milliseconds. */
  readonly time: number;
  readonly who: string;
  readonly what: string;
}

export interface Connection {
  readonly plan: ConnectionPlan;
  readonly streams: readonly Stream[];
  readonly queue: FakePageQueue;
  readonly secret: SecretStore;
  readonly vendor: SimulatedVendor;
}

const connectors = { mobaro, bob };

/** All that there is in one history: the account, the vendors, the time, and who watches. */
export class World {
  readonly scenario: Scenario;
  readonly scheduler = new Scheduler();
  readonly start: number;
  readonly chance: Chance;
  readonly strikes: Strikes;
  readonly checkpoints = new FakeCheckpoints();
  readonly breakers = new FakeBreakers();
  readonly governor = new FakeGovernor();
  readonly seenRows = new FakeSeenRows();
  readonly records: FakeRecords;
  readonly connections: readonly Connection[];
  readonly streams: ReadonlyMap<string, Stream>;
  readonly vendorStreams: ReadonlyMap<string, VendorStream>;
  /** As they are stored now. */
  readonly stored = new Map<string, Checkpoint>();
  readonly storedBreakers = new Map<string, Breaker>();
  /** By stream and id: how often the record had changed when it was stored. */
  readonly versions = new Map<string, Map<string, number>>();
  /** Until when anybody was told to wait. */
  longestWord = 0;
  violation: Violation | null = null;
  /** Null unless the story is to be told. */
  readonly story: StoryLine[] | null;
  readonly judges: readonly Judge[];
  /** Who is writing records just now: the store itself does not say. */
  writer: Invocation | null = null;
  #invocations = 0;
  #ids = 0;

  constructor(scenario: Scenario, tell: boolean) {
    this.scenario = scenario;
    this.start = this.scheduler.now();
    this.chance = new Chance('world', scenario.seed);
    this.strikes = new Strikes(scenario.faults);
    this.story = tell ? [] : null;
    const windows = scenario.faults.filter((fault): fault is Window => 'until' in fault);
    const parts = scenario.connections.map((plan) => this.#connect(plan, windows));
    this.connections = parts.map(({ connection }) => connection);
    this.streams = new Map(
      this.connections.flatMap(({ streams }) => streams).map((stream) => [stream.name, stream]),
    );
    this.vendorStreams = new Map(
      parts.flatMap(({ vendorStreams }) => vendorStreams).map((rows) => [rows.name, rows]),
    );
    this.records = new FakeRecords((record) => {
      const stored = this.versions.get(record.stream) ?? new Map<string, number>();
      this.versions.set(record.stream, stored);
      const { version } = JSON.parse(record.json ?? '{}') as { version: number };
      const previous = stored.get(record.id);
      stored.set(record.id, version);
      const { writer } = this;
      if (writer === null) throw new Error('Nobody writes');
      for (const judge of this.judges) {
        judge.recorded?.(writer, record.stream, { id: record.id, version, previous });
      }
    });
    const facts = this.#facts();
    this.judges = [
      new JudgeOfHolders(facts),
      new JudgeOfPages(facts),
      new JudgeOfWords(facts),
      new JudgeOfAttempts(facts),
      new JudgeOfReports(facts),
      new JudgeOfProgress(facts),
    ];
  }

  readonly now = (): number => this.scheduler.now();

  /** Since the start, milliseconds. */
  get time(): number {
    return this.now() - this.start;
  }

  readonly newId = (): string => `id-${(this.#ids += 1)}`;

  invocation(kind: Invocation['kind'], stream: string | null, who: string): Invocation {
    const id = (this.#invocations += 1);
    const chance = new Chance('invocation', this.scenario.seed, who, id);
    return new Invocation(id, { who, kind, stream, startedAt: this.now() }, chance);
  }

  tell(who: string, what: string): void {
    this.story?.push({ time: this.time, who, what });
  }

  disturb(invocation: Invocation, why: string): void {
    invocation.disturb(why);
    this.tell(invocation.who, `FAULT: ${why}`);
    for (const judge of this.judges) judge.disturbed?.(invocation.stream);
  }

  /** A fault of this kind whose moment has come, once each. */
  take<Kind extends Fault['kind']>(
    kind: Kind,
    fits: (fault: OfKind<Fault, Kind>) => boolean = ({ at }) => at <= this.time,
  ): OfKind<Fault, Kind> | undefined {
    const found = this.scenario.faults.find(
      (fault): fault is OfKind<Fault, Kind> =>
        fault.kind === kind && !this.#taken.has(fault) && fits(fault as OfKind<Fault, Kind>),
    );
    if (found !== undefined) this.#taken.add(found);
    return found;
  }
  readonly #taken = new Set<Fault>();

  checkpointOf(stream: string): Checkpoint {
    return this.stored.get(stream) ?? newCheckpoint(stream);
  }

  breakerOf(connection: string): Breaker {
    return this.storedBreakers.get(connection) ?? newBreaker(connection);
  }

  #connect(
    plan: ConnectionPlan,
    windows: readonly Window[],
  ): { readonly connection: Connection; readonly vendorStreams: readonly VendorStream[] } {
    const streams = plan.streams.map((stream) => streamOf(stream, plan, this.scenario.gapSeconds));
    const vendorStreams = plan.streams.map(
      (stream, index) => new VendorStream(stream, streams[index]!.definition, this.start),
    );
    const { name, group } = plan;
    const account = { name, group, connector: connectors[plan.connector] };
    const vendor = new SimulatedVendor(account, vendorStreams, windows);
    const queue = new FakePageQueue(this.scheduler, visibilityMs);
    return { connection: { plan, streams, queue, secret: new SecretStore(name), vendor }, vendorStreams };
  }

  #facts(): Facts {
    return {
      now: this.now,
      streams: this.streams,
      vendorStreams: this.vendorStreams,
      checkpoints: this.stored,
      breakers: this.storedBreakers,
      records: this.versions,
      drift: this.scenario.drift,
      currentVersion: (name) => this.connections.find(({ plan }) => plan.name === name)?.secret.version,
      fail: (invariant, words) => {
        this.tell('judge', `VIOLATION of invariant ${invariant}: ${words}`);
        this.violation ??= { invariant, words };
      },
    };
  }
}
