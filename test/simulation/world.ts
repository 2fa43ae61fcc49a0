import type { RecordWrite } from '../../lib/changes/change.ts';
import { newBreaker, type Breaker } from '../../lib/sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { Stream } from '../../lib/sync/settings.ts';
import { FakeBreakers } from '../support/fakes/fake-breakers.ts';
import { FakeCheckpoints } from '../support/fakes/fake-checkpoints.ts';
import { FakeMutes } from '../support/fakes/fake-mutes.ts';
import { FakeOutages } from '../support/fakes/fake-outages.ts';
import { FakeGovernor } from '../support/fakes/fake-governor.ts';
import { FakePageQueue } from '../support/fakes/fake-page-queue.ts';
import { FakeSchemas } from '../support/fakes/fake-schemas.ts';
import { FakeSeenRows } from '../support/fakes/fake-seen-rows.ts';
import { FakeIdBatches } from '../support/fakes/fake-id-batches.ts';
import { FakeRecords } from '../support/fakes/fake-records.ts';
import { FakeLog } from '../support/fakes/fake-log.ts';
import { ChangeReader } from './change-reader.ts';
import { ChangeStream } from './change-stream.ts';
import { Chance } from './chance.ts';
import { CloudWatch } from './cloud-watch.ts';
import { EventTeller } from './event-teller.ts';
import type { Fault, OfKind, Window } from './faults.ts';
import { Invocation } from './invocation.ts';
import type { Facts, Invariant, Judge } from './judges/judge.ts';
import { JudgeOfAlarms } from './judges/judge-of-alarms.ts';
import { JudgeOfAttempts } from './judges/judge-of-attempts.ts';
import { JudgeOfChanges } from './judges/judge-of-changes.ts';
import { JudgeOfDeletions } from './judges/judge-of-deletions.ts';
import { JudgeOfEvents } from './judges/judge-of-events.ts';
import { JudgeOfHolders } from './judges/judge-of-holders.ts';
import { JudgeOfIncidents } from './judges/judge-of-incidents.ts';
import { JudgeOfLimits } from './judges/judge-of-limits.ts';
import { JudgeOfPages } from './judges/judge-of-pages.ts';
import { JudgeOfProgress } from './judges/judge-of-progress.ts';
import { JudgeOfReports } from './judges/judge-of-reports.ts';
import { JudgeOfSnapshots } from './judges/judge-of-snapshots.ts';
import { JudgeOfWords } from './judges/judge-of-words.ts';
import { RunBook } from './judges/run-book.ts';
import { TroubleBook } from './judges/trouble-book.ts';
import { Publisher } from './publisher.ts';
import { hasParents, streamOf, visibilityMs, type ConnectionPlan, type Scenario } from './scenario.ts';
import { Scheduler } from './scheduler.ts';
import { SecretStore } from './secret-store.ts';
import { SimulatedVendor } from './simulated-vendor.ts';
import { SnapshotTaker } from './snapshot-taker.ts';
import { StoreMirror } from './store-mirror.ts';
import { Strikes } from './strikes.ts';
import { Teller } from './teller.ts';
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
  /** As functions that start now know them. */
  streams: readonly Stream[];
  readonly queue: FakePageQueue;
  readonly secret: SecretStore;
  readonly vendor: SimulatedVendor;
}

/** Far more than any history takes: what calls itself without a pause would go on until there is no memory left. */
const maxInvocations = 50_000;

/** All that there is in one history: the account, the vendors, the time, and who watches. */
export class World {
  readonly scenario: Scenario;
  readonly scheduler = new Scheduler();
  readonly start: number;
  readonly chance: Chance;
  readonly strikes: Strikes;
  readonly checkpoints = new FakeCheckpoints();
  readonly breakers = new FakeBreakers();
  readonly outages = new FakeOutages();
  readonly mutes = new FakeMutes();
  readonly governor = new FakeGovernor();
  readonly seenRows = new FakeSeenRows(this.scheduler);
  readonly schemas = new FakeSchemas();
  readonly idBatches = new FakeIdBatches();
  readonly records: FakeRecords;
  /** What becomes of the writes of the records. */
  readonly changes: ChangeStream;
  readonly log: FakeLog;
  /** Null in histories without any. */
  readonly snapshots: SnapshotTaker | null;
  readonly events: EventTeller | null;
  readonly changeReader: ChangeReader;
  readonly connections: readonly Connection[];
  streams: ReadonlyMap<string, Stream>;
  readonly vendorStreams: ReadonlyMap<string, VendorStream>;
  /** As they are stored now. */
  readonly stored = new Map<string, Checkpoint>();
  readonly storedBreakers = new Map<string, Breaker>();
  readonly mirror: StoreMirror;
  /** Until when anybody was told to wait. */
  latestRetryAt = 0;
  violation: Violation | null = null;
  /** Null unless the story is to be told. */
  readonly story: StoryLine[] | null;
  readonly judges: Judge[];
  readonly judgeOfEvents: JudgeOfEvents | null;
  readonly judgeOfIncidents: JudgeOfIncidents;
  /** Who tells people what is wrong, and the alarms that have it told. */
  readonly teller: Teller;
  readonly cloudWatch: CloudWatch;
  readonly runs: RunBook;
  /** Who is writing records just now: the store itself does not say. */
  writer: Invocation | null = null;
  /** How many calls of mortals have been sent and are not there yet. */
  onTheirWay = 0;
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
    this.streams = streamsOf(this.connections);
    this.vendorStreams = new Map(
      parts.flatMap(({ vendorStreams }) => vendorStreams).map((rows) => [rows.name, rows]),
    );
    this.mirror = new StoreMirror(() => this.judges, this.now);
    this.records = new FakeRecords((change) => this.mirror.note(change, this.writer), scenario.listLimit, {
      now: this.now,
      wrote: (write) => this.#wrote(write),
    });
    this.runs = new RunBook(this.now, (stream) => this.streams.get(stream)?.settings.attemptCap ?? 0);
    const facts = this.#facts();
    this.judgeOfEvents = scenario.publishing.events === null ? null : new JudgeOfEvents(facts);
    const troubles = new TroubleBook(facts);
    this.judgeOfIncidents = new JudgeOfIncidents(facts, troubles, scenario.telling);
    this.judges = [
      this.runs,
      troubles,
      new JudgeOfHolders(facts),
      new JudgeOfPages(facts),
      new JudgeOfDeletions(facts),
      new JudgeOfWords(facts),
      new JudgeOfLimits(facts, scenario.connections),
      new JudgeOfAttempts(facts),
      new JudgeOfReports(facts),
      new JudgeOfProgress(facts),
      new JudgeOfChanges(facts, scenario.publishing),
      new JudgeOfSnapshots(facts, scenario.publishing),
      this.judgeOfIncidents,
      new JudgeOfAlarms(facts, troubles),
      ...(this.judgeOfEvents === null ? [] : [this.judgeOfEvents]),
    ];
    const { seed, publishing } = scenario;
    const log = new FakeLog(this.now);
    this.log = log;
    const publisher = new Publisher(this, publishing, log, new Chance('publisher', seed));
    const chance = new Chance('change stream', seed);
    this.changes = new ChangeStream(publishing, this.scheduler, publisher, chance, (write) => {
      for (const judge of this.judges) judge.lost?.(write);
    });
    const { snapshots: plan, events, trouble } = publishing;
    const takes = new Chance('snapshots', seed);
    this.snapshots = plan === null ? null : new SnapshotTaker(this, { plan, trouble }, log, takes);
    const tells = new Chance('events', seed);
    this.events = events === null ? null : new EventTeller(this, { plan: events, trouble }, log, tells);
    if (this.events !== null) this.judges.push(this.events);
    this.teller = new Teller(this, scenario.telling, new Chance('teller', seed));
    this.judges.push(this.teller);
    this.cloudWatch = new CloudWatch(
      this,
      new Chance('CloudWatch', seed),
      (change) => void this.teller.alarm(change),
    );
    this.changeReader = new ChangeReader(this, publishing, log, new Chance('change reader', seed));
  }

  readonly now = (): number => this.scheduler.now();

  /** Since the start, milliseconds. */
  get time(): number {
    return this.now() - this.start;
  }

  readonly newId = (): string => `id-${(this.#ids += 1)}`;

  invocation(kind: Invocation['kind'], stream: string | null, who: string): Invocation {
    const id = (this.#invocations += 1);
    if (id > maxInvocations) this.fail('rest', `${who} is the ${id}th invocation, and there is no end`);
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

  /** A fault of this kind that lasts now. */
  windowOf<Kind extends Window['kind']>(kind: Kind, target: string): OfKind<Window, Kind> | undefined {
    const { time } = this;
    return this.scenario.faults.find(
      (fault): fault is OfKind<Window, Kind> =>
        fault.kind === kind &&
        'until' in fault &&
        fault.target === target &&
        fault.at <= time &&
        time < fault.until,
    );
  }

  checkpointOf(stream: string): Checkpoint {
    return this.stored.get(stream) ?? newCheckpoint(stream);
  }

  breakerOf(connection: string): Breaker {
    return this.storedBreakers.get(connection) ?? newBreaker(connection);
  }

  /** A broken invariant ends the history. */
  fail(invariant: Invariant, words: string): void {
    this.tell('judge', `VIOLATION of invariant ${invariant}: ${words}`);
    this.violation ??= { invariant, words };
  }

  connectionOf(stream: string): Connection | undefined {
    return this.connections.find(({ streams }) => streams.some(({ name }) => name === stream));
  }

  /** From now on functions start with other settings of this stream. */
  deploy(name: string, settings: Partial<Stream['settings']>): void {
    for (const connection of this.connections) {
      connection.streams = connection.streams.map((stream) =>
        stream.name === name ? { ...stream, settings: { ...stream.settings, ...settings } } : stream,
      );
    }
    this.streams = streamsOf(this.connections);
    for (const judge of this.judges) judge.resuming?.(name);
  }

  #wrote(write: RecordWrite): void {
    for (const judge of this.judges) judge.wrote?.(write);
    this.changes.take({ kind: 'record', write });
  }

  #connect(
    plan: ConnectionPlan,
    windows: readonly Window[],
  ): { readonly connection: Connection; readonly vendorStreams: readonly VendorStream[] } {
    const streams = plan.streams.map((stream) => streamOf(stream, plan, this.scenario.gapSeconds));
    const vendorStreams: VendorStream[] = [];
    for (const [index, stream] of plan.streams.entries()) {
      // It comes first, see `withParents`.
      const parents = hasParents(stream.name) ? vendorStreams[0]! : null;
      vendorStreams.push(new VendorStream(stream, streams[index]!.definition, this.start, parents));
    }
    const { name, group } = plan;
    const account = { name, group };
    const vendor = new SimulatedVendor(account, vendorStreams, windows);
    const queue = new FakePageQueue(this.scheduler, visibilityMs);
    return { connection: { plan, streams, queue, secret: new SecretStore(name), vendor }, vendorStreams };
  }

  #facts(): Facts {
    const current = (): ReadonlyMap<string, Stream> => this.streams;
    return {
      get streams() {
        return current();
      },
      now: this.now,
      runs: this.runs,
      vendorStreams: this.vendorStreams,
      checkpoints: this.stored,
      breakers: this.storedBreakers,
      records: this.mirror.living,
      livingSince: (stream, id) => this.mirror.livingSince(stream, id),
      tombstones: this.mirror.tombstones,
      drift: this.scenario.drift,
      currentVersion: (name) => this.connections.find(({ plan }) => plan.name === name)?.secret.version,
      fail: (invariant, words) => this.fail(invariant, words),
    };
  }
}

function streamsOf(connections: readonly Connection[]): ReadonlyMap<string, Stream> {
  return new Map(connections.flatMap(({ streams }) => streams).map((stream) => [stream.name, stream]));
}
