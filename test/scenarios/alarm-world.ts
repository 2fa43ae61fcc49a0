import type { AlarmState } from '../../infra/emulator/alarms/evaluate-alarm.ts';
import { LocalCloudWatch } from '../../infra/emulator/alarms/local-cloudwatch.ts';
import { lastPart } from '../../infra/emulator/template/local-account.ts';
import { readOnCall } from '../../infra/emulator/template/read-template.ts';
import type { AlarmModel } from '../../infra/emulator/template/template-model.ts';
import { readSettings } from '../../infra/settings/read-settings.ts';
import { connectionConfigOf } from '../../infra/settings/settings-document.ts';
import { connectionOf } from '../../lib/runtime/settings-document.ts';
import {
  connectionFlags,
  metricNames,
  metricNamespace,
  streamFlags,
  sumOf,
  type Measurements,
} from '../../lib/sync/troubles.ts';
import type { Stream } from '../../lib/sync/settings.ts';
import { synthesized } from '../infra/synthesized.ts';
import type { FakeHandler } from '../support/fakes/fake-vendor.ts';
import { SyncWorld } from '../support/sync-world.ts';

/** What was published to a topic. */
export interface Notice {
  /** Epoch milliseconds, virtual. */
  readonly at: number;
  readonly severity: 'page' | 'ticket';
  readonly alarm: string;
  readonly state: AlarmState;
  /** As an e-mail's; null where it was published without one. */
  readonly subject: string | null;
  /** The text as it was sent. */
  readonly message: string;
}

const minuteMs = 60_000;
const watchdogMinutes = 5;
const snapshotsMinutes = 60;

export interface Deployment {
  readonly name: string;
  readonly onCall: ReturnType<typeof readOnCall>;
  readonly streams: readonly Stream[];
  /** Between two ticks of the first stream, in minutes. */
  readonly tickMinutes: number;
}

/** The stack of these settings, synthesized, with one connection: what tells on-call, and its streams. */
export function deploymentOf(settings: object): Deployment {
  const { stackName, connections } = readSettings(settings);
  const [connection] = connections;
  if (connection === undefined) throw new Error('A scenario needs a connection');
  const template: unknown = synthesized(settings).template.toJSON();
  return {
    name: stackName,
    onCall: readOnCall({ stackName, template }),
    streams: connections.flatMap((one) => connectionOf(connectionConfigOf(one, stackName)).streams),
    tickMinutes: (connection.streams[0]?.shortestGapSeconds ?? 0) / 60,
  };
}

/**
 * A deployment under virtual time: the use case and the watchdog over fakes of AWS, and the stack's own alarms and rules over
 * what they publish and what Lambda and SQS would.
 */
export class AlarmWorld implements Measurements {
  readonly sync: SyncWorld;
  readonly notices: Notice[] = [];
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
  readonly #start: number;
  /** What was written before is in the change log. */
  #publishedTo: number;

  constructor(
    deployment: Deployment,
    options: { readonly vendor: FakeHandler; readonly secret?: Record<string, string> },
  ) {
    this.deployment = deployment;
    this.sync = new SyncWorld({ ...options, defined: deployment.streams, measurements: this });
    this.#start = this.now;
    this.#publishedTo = this.now;
    this.#cloudwatch = new LocalCloudWatch({
      ...deployment.onCall,
      publish: async (topic, subject, message) => {
        const severity = lastPart(topic).includes('Tickets') ? 'ticket' : 'page';
        const { AlarmName, NewStateValue } = JSON.parse(message) as Record<string, string>;
        const state = NewStateValue as AlarmState;
        this.notices.push({ at: this.now, severity, alarm: AlarmName ?? '', state, subject, message });
      },
      invoke: (functionName) => Promise.reject(new Error(`No scenario has a function ${functionName}`)),
      sample: async () => this.#depths(),
      onTransition: () => undefined,
      onError: (error) => {
        throw error;
      },
      minuteMs,
      now: () => this.now,
    });
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

  stream(stream: string, troubles: Parameters<Measurements['stream']>[1]): void {
    this.#own(metricNames.stream, { stream }, sumOf(streamFlags, troubles));
  }

  connection(connection: string, troubles: Parameters<Measurements['connection']>[1]): void {
    this.#own(metricNames.connection, { connection }, sumOf(connectionFlags, troubles));
  }

  request(connection: string, throttled: boolean): void {
    this.#own(metricNames.throttled, { connection }, throttled ? 1 : 0);
  }

  misfits(fields: number): void {
    this.#own(metricNames.misfits, {}, fields);
  }

  #own(name: string, of: Record<string, string>, value: number): void {
    const dimensions = { deployment: this.deployment.name, ...of };
    this.#cloudwatch.record({ namespace: metricNamespace, name, dimensions, values: [value] });
  }

  /** Ticks first, then messages as they become visible, then the watchdog, then the alarms. */
  async #minute(): Promise<void> {
    const minute = Math.round((this.now - this.#start) / minuteMs);
    const end = this.#start + (minute + 1) * minuteMs;
    for (const [index, { name }] of this.deployment.streams.entries()) {
      const due = (minute - index) % this.deployment.tickMinutes === 0;
      if (due && this.#invoked('ScheduledSync', this.functionsCrash)) await this.sync.tick(name);
    }
    await this.#deliver(end);
    await this.sync.clock.advance(Math.max(0, end - this.now));
    if (minute % watchdogMinutes === 0 && !this.watchdogStands) {
      if (this.#invoked('WatchdogFunction', this.watchdogCrashes)) await this.sync.watch();
    }
    this.#publish();
    // As if a stream were in another state each minute.
    this.#invoked('EventsPublish', this.tellingCrashes);
    if (minute % snapshotsMinutes === 0) this.#invoked('ChangesSnapshots', false);
    await this.#cloudwatch.evaluate();
  }

  /** Each minute a batch: the same one again where it could not be published, and so it grows old. */
  #publish(): void {
    const lives = this.#invoked('ChangesPublish', this.publishingCrashes);
    if (lives && !this.publishingStands) this.#publishedTo = this.now;
    const names = this.#dimensions('AWS/Lambda', 'FunctionName').filter((name) =>
      name.includes('ChangesPublish'),
    );
    for (const FunctionName of new Set(names)) {
      const metric = { namespace: 'AWS/Lambda', name: 'IteratorAge', dimensions: { FunctionName } };
      this.#cloudwatch.record({ ...metric, values: [this.unpublishedMs] });
    }
  }

  async #deliver(end: number): Promise<void> {
    const { queue, clock } = this.sync;
    for (let steps = 0; steps < 1000; steps += 1) {
      const next = Math.min(...queue.contents.map(({ visibleAt }) => visibleAt));
      if (next >= end) return;
      await clock.advance(Math.max(0, next - this.now));
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
        const metric = { namespace: 'AWS/Lambda', name, dimensions: { FunctionName } };
        this.#cloudwatch.record({ ...metric, values: [value] });
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
