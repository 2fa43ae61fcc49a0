import { schemaNewsFilter, stoppedFilters } from '../../infra/constructs/checkpoint-filters.ts';
import type { AlarmState } from '../../infra/emulator/alarms/evaluate-alarm.ts';
import { LocalCloudWatch } from '../../infra/emulator/alarms/local-cloudwatch.ts';
import type { EventPattern } from '../../infra/emulator/template/event-filters.ts';
import type { AlarmModel } from '../../infra/emulator/template/template-model.ts';
import { toAttributes } from '../../lib/aws/attributes.ts';
import { pageAlarmsOf, type Mute } from '../../lib/on-call/mute.ts';
import { muteConnection } from '../../lib/operations/mute.ts';
import {
  metricName,
  metricNamespace,
  numberOf,
  type Measurements,
  type Trouble,
} from '../../lib/sync/troubles.ts';
import type { FakeHandler } from '../support/fakes/fake-vendor.ts';
import { SyncWorld } from '../support/sync-world.ts';
import type { Deployment } from './deployment.ts';
import { TableStream } from './table-stream.ts';
import { Teller, type ToldWrite } from './teller.ts';
import { Topics, type Notice } from './topics.ts';
import { VirtualLambda } from './virtual-lambda.ts';

/** An alarm that has come to a state. */
export interface Transition {
  /** Epoch milliseconds, virtual. */
  readonly at: number;
  readonly alarm: string;
  readonly state: AlarmState;
}

const minuteMs = 60_000;
const watchdogMinutes = 5;
const snapshotsMinutes = 60;

const tellerFilters: readonly EventPattern[] = [...stoppedFilters, schemaNewsFilter];
const shownAttributes = new Set(
  tellerFilters.flatMap(({ OldImage = {}, NewImage = {} }) => [
    ...Object.keys(OldImage),
    ...Object.keys(NewImage),
  ]),
);

/** Until a function begins, so that not everything happens in one millisecond. */
const latencyMs = 200;

const never = new AbortController().signal;

/**
 * A deployment under virtual time: the use case and the watchdog over fakes of AWS, the stack's own alarms over what they publish
 * and what Lambda and SQS would, and the function that tells people, which alarms and the table's stream invoke.
 */
export class AlarmWorld implements Measurements {
  readonly sync: SyncWorld;
  readonly topics: Topics;
  readonly teller: Teller;
  readonly tellerFunction: VirtualLambda;
  readonly tableStream: TableStream<ToldWrite>;
  readonly transitions: Transition[] = [];
  /** CloudWatch does not get through to the function that tells people. */
  alarmsStand = false;
  /** The functions crash before they do anything. */
  functionsCrash = false;
  watchdogCrashes = false;
  /** Scheduler does not get through to the watchdog. */
  watchdogStands = false;
  /** The function that publishes changes crashes on each batch. */
  publishingCrashes = false;
  /** It gets nothing done, though it does not crash. */
  publishingStands = false;
  /** The function that tells EventBridge of runs and states crashes on each batch. */
  tellingCrashes = false;
  deadLetters = 0;
  missedTicks = 0;
  readonly deployment: Deployment;
  readonly #cloudwatch: LocalCloudWatch;
  readonly #ticksAt: (index: number) => number;
  readonly #start: number;
  /** What was written before is in the change log. */
  #publishedTo: number;
  #readAt = 0;
  #muteRule: Omit<Mute, 'revision'> | null = null;
  /** What alarms would have done, by their names. */
  readonly #muted = new Map<string, (() => void)[]>();
  readonly #failures: unknown[] = [];

  constructor(
    deployment: Deployment,
    {
      ticksAt = (index) => index,
      ...options
    }: {
      readonly vendor: FakeHandler;
      readonly secret?: Record<string, string>;
      /** Minutes from when the first stream's tick is due to that of another one. */
      readonly ticksAt?: (index: number) => number;
    },
  ) {
    this.deployment = deployment;
    this.#ticksAt = ticksAt;
    this.sync = new SyncWorld({ ...options, defined: deployment.streams, measurements: this });
    const { clock } = this.sync;
    this.#start = this.now;
    this.#publishedTo = this.now;
    this.topics = new Topics(deployment.onCall.topics, () => this.now);
    this.teller = new Teller(deployment, this.sync, this.topics);
    this.tellerFunction = new VirtualLambda({
      fn: deployment.teller,
      clock,
      count: (name) => this.#measured('AWS/Lambda', name, { FunctionName: deployment.teller.name }, 1),
      onFailure: (topicArn, message) => {
        this.topics.tryToPublish('lambda', { topicArn, subject: null, message });
      },
    });
    this.tableStream = new TableStream<ToldWrite>({
      filters: tellerFilters,
      clock,
      hand: async (batch) =>
        (await this.tellerFunction.invoke((signal) => this.teller.onWrites(batch, signal))) === 'done',
    });
    this.#streamWrites();
    this.#cloudwatch = new LocalCloudWatch({
      ...deployment.onCall,
      publish: async (topicArn, subject, message) => {
        const { AlarmName = '' } = JSON.parse(message) as Record<string, string>;
        this.#act(AlarmName, () => {
          this.topics.tryToPublish('alarm', { topicArn, subject, message });
        });
      },
      invoke: async (_, event) => {
        const { alarmData } = event as { readonly alarmData: { readonly alarmName: string } };
        this.#act(alarmData.alarmName, () => {
          if (!this.alarmsStand) this.#inBackground(this.#tellAlarm(event));
        });
      },
      sample: async () => this.#depths(),
      onTransition: ({ name, state }) => {
        this.transitions.push({ at: this.now, alarm: name.slice(deployment.name.length + 1), state });
      },
      onError: (error) => {
        throw error;
      },
      minuteMs,
      now: () => this.now,
    });
  }

  get notices(): readonly Notice[] {
    return this.topics.notices;
  }

  /** What people were sent, in its order. */
  get letters(): readonly Notice[] {
    return this.notices.filter(({ to }) => to === 'people');
  }

  get now(): number {
    return this.sync.clock.now();
  }

  /** How far the change log is behind the records. */
  get unpublishedMs(): number {
    return this.now - this.#publishedTo;
  }

  stateOf(alarm: string): AlarmState {
    const found = this.#cloudwatch.results().find(({ name }) => name === `${this.deployment.name} ${alarm}`);
    if (found === undefined) throw new Error(`No alarm ${alarm}`);
    return found.state;
  }

  alarmsIn(state: AlarmState): string[] {
    return this.#cloudwatch
      .results()
      .filter((alarm) => alarm.state === state)
      .map(({ name }) => name);
  }

  async pass(minutes: number): Promise<void> {
    for (let passed = 0; passed < minutes; passed += 1) await this.#minute();
  }

  /** @returns after how many minutes it was so, at most `limit` @throws if it never was */
  async until(isSo: () => boolean | Promise<boolean>, limit: number): Promise<number> {
    for (let passed = 0; passed <= limit; passed += 1) {
      if (await isSo()) return passed;
      await this.#minute();
    }
    throw new Error(
      `It never was so in ${String(limit)} minutes; in ALARM: ${this.alarmsIn('ALARM').join()}`,
    );
  }

  troubles(connection: string, troubles: ReadonlySet<Trouble>, readAt: number): void {
    const dimensions = { deployment: this.deployment.name, connection };
    // Here a write and a reading take no time: of two in one millisecond the later one is the newer one.
    this.#readAt = Math.max(readAt, this.#readAt + 1);
    this.#measured(metricNamespace, metricName, dimensions, numberOf(troubles, this.#readAt));
  }

  /** As `pagekeeper mute` does. */
  async mute(connection: string, forMs: number): Promise<void> {
    const rules = {
      put: async (mute: Omit<Mute, 'revision'>) => {
        this.#muteRule = mute;
        return null;
      },
      remove: async () => null,
    };
    const wish = { forMs, why: 'the vendor moves house', by: 'a person' };
    await muteConnection(connection, wish, { mutes: this.sync.mutes, rules, clock: this.sync.clock });
  }

  #measured(namespace: string, name: string, dimensions: Record<string, string>, value: number): void {
    this.#cloudwatch.record({ namespace, name, dimensions, values: [value] });
  }

  #tellAlarm(event: unknown): Promise<void> {
    return this.tellerFunction.invokeAsynchronously(event, (signal) => this.teller.onAlarm(event, signal));
  }

  /** What nobody waits for; the next minute says what has failed of it. */
  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.#failures.push(error));
  }

  /** What a rule holds back is done at its end, if the alarm is on then. */
  #act(alarm: string, action: () => void): void {
    const rule = this.#muteRule;
    const names = this.deployment.onCall.alarms.map(({ name }) => name);
    const isMuted =
      rule !== null &&
      rule.until > this.now &&
      pageAlarmsOf(this.deployment.name, rule.connection, names).includes(alarm);
    if (isMuted) this.#muted.set(alarm, [...(this.#muted.get(alarm) ?? []), action]);
    else action();
  }

  #endMute(): void {
    if (this.#muteRule === null || this.#muteRule.until > this.now) return;
    this.#muteRule = null;
    const on = new Set(this.alarmsIn('ALARM'));
    for (const [alarm, actions] of this.#muted) if (on.has(alarm)) for (const action of actions) action();
    this.#muted.clear();
  }

  /** As the table's stream has them. */
  #streamWrites(): void {
    const { checkpoints, breakers, schemas } = this.sync;
    const added = (write: ToldWrite): void => {
      this.#inBackground(this.tableStream.add(write));
    };
    const ofCheckpoint = checkpoints.replace.bind(checkpoints);
    checkpoints.replace = async (next) => {
      const before = await checkpoints.read(next.stream);
      const after = await ofCheckpoint(next);
      if (after !== undefined) {
        const OldImage = before && { OldImage: imageOf(before) };
        added({ Keys: { pk: { S: `stream#${next.stream}` } }, ...OldImage, NewImage: imageOf(after) });
      }
      return after;
    };
    const ofBreaker = breakers.replace.bind(breakers);
    breakers.replace = async (next) => {
      const after = await ofBreaker(next);
      if (after !== undefined) added({ Keys: { pk: { S: `breaker#${next.connection}` } }, NewImage: {} });
      return after;
    };
    const ofSchema = schemas.replace.bind(schemas);
    schemas.replace = async (next, changes) => {
      const after = await ofSchema(next, changes);
      if (after !== undefined && changes.length > 0) {
        const { stream, run, learnedAt } = next;
        const news = { stream, run, learnedAt, changes, more: 0 };
        const NewImage = { news: { S: JSON.stringify({ changes }) } };
        added({ Keys: { pk: { S: `schema#${stream}` } }, NewImage, news });
      }
      return after;
    };
  }

  /** Ticks first, then messages as they become visible, then the watchdog, then the alarms. */
  async #minute(): Promise<void> {
    const minute = Math.round((this.now - this.#start) / minuteMs);
    const end = this.#start + (minute + 1) * minuteMs;
    for (const [index, { name }] of this.deployment.streams.entries()) {
      if ((minute - this.#ticksAt(index)) % this.deployment.tickMinutes !== 0) continue;
      await this.sync.clock.advance(latencyMs);
      if (this.#invoked('ScheduledSync', this.functionsCrash)) await this.sync.tick(name);
    }
    await this.#deliver(end);
    await this.sync.clock.advance(Math.max(0, end - this.now));
    if (minute % watchdogMinutes === 0 && !this.watchdogStands) {
      if (this.#invoked('WatchdogFunction', this.watchdogCrashes)) await this.#round();
    }
    this.#publish();
    // As if a stream were in another state each minute.
    this.#invoked('EventsPublish', this.tellingCrashes);
    if (minute % snapshotsMinutes === 0) this.#invoked('ChangesSnapshots', false);
    this.#endMute();
    await this.#cloudwatch.evaluate();
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, 'Something went wrong unseen');
  }

  async #round(): Promise<void> {
    await this.sync.watch();
    // What it could not tell is in its log, and it is tried again in the next round.
    await this.teller.onRound(never).catch(() => undefined);
  }

  /** Each minute a batch: the same one again where it could not be published, and so it grows old. */
  #publish(): void {
    const lives = this.#invoked('ChangesPublish', this.publishingCrashes);
    if (lives && !this.publishingStands) this.#publishedTo = this.now;
    const names = this.#dimensions('AWS/Lambda', 'FunctionName').filter((name) =>
      name.includes('ChangesPublish'),
    );
    for (const FunctionName of new Set(names)) {
      this.#measured('AWS/Lambda', 'IteratorAge', { FunctionName }, this.unpublishedMs);
    }
  }

  async #deliver(end: number): Promise<void> {
    const { queue, clock } = this.sync;
    for (let steps = 0; steps < 1000; steps += 1) {
      const next = Math.min(...queue.contents.map(({ visibleAt }) => visibleAt));
      if (next >= end) return;
      await clock.advance(Math.max(0, next - this.now) + latencyMs);
      if (this.#invoked('QueuedSync', this.functionsCrash)) await this.sync.deliver();
      else queue.receive();
    }
    throw new Error('The queue never came to rest');
  }

  /** As Lambda counts. @returns whether the function lives */
  #invoked(logicalId: string, crashes: boolean): boolean {
    const names = this.#dimensions('AWS/Lambda', 'FunctionName').filter((name) => name.includes(logicalId));
    const counts = { Invocations: 1, Errors: crashes ? 1 : 0, Throttles: 0 };
    for (const FunctionName of new Set(names)) {
      for (const [name, value] of Object.entries(counts)) {
        this.#measured('AWS/Lambda', name, { FunctionName }, value);
      }
    }
    return !crashes;
  }

  #depths() {
    return this.#dimensions('AWS/SQS', 'QueueName').map((QueueName) => ({
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName },
      values: [QueueName.includes('DeadLetters') ? this.deadLetters : this.missedTicks],
    }));
  }

  #dimensions(namespace: string, dimension: string): string[] {
    return this.deployment.onCall.alarms.flatMap(({ metrics }: AlarmModel) =>
      metrics
        .filter((metric) => metric.namespace === namespace)
        .map(({ dimensions }) => dimensions[dimension] ?? ''),
    );
  }
}

/** Of an item what the filters look at. */
function imageOf(item: object): object {
  return toAttributes(
    Object.fromEntries(Object.entries(item).filter(([attribute]) => shownAttributes.has(attribute))),
  );
}
