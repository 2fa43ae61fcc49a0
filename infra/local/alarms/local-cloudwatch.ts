import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

import type { MetricValue } from '../functions/log-line.ts';
import type { AlarmResult } from '../local-run.ts';
import type { AlarmModel } from '../template/template-model.ts';
import { aggregate, evaluateAlarm, extraPeriods, type AlarmState } from './evaluate-alarm.ts';
import { MetricStore, type MetricId } from './metric-store.ts';
import { actionsOf, notificationOf } from './notification.ts';

/**
 * How long a minute of CloudWatch's is in a run that ends by itself. The stack's alarms look at 1 to 5 minutes, and such
 * a run is over in less than one: at CloudWatch's own pace none of them would have been evaluated twice.
 */
export const compressedMinuteMs = 1_000;
/** In a run that goes on by the schedules the watchdog reports at its own pace, and so must time pass here. */
export const realMinuteMs = 60_000;

const evaluateEveryMs = 1_000;

export interface LocalCloudWatchOptions {
  readonly alarms: readonly AlarmModel[];
  /** How long a minute of an alarm's period is here, in milliseconds. */
  readonly minuteMs: number;
  readonly sns: SNSClient;
  /** Asked before each evaluation, for what AWS measures by itself. */
  readonly sample: () => Promise<readonly MetricValue[]>;
  readonly onTransition: (alarm: { name: string; state: AlarmState; reason: string }) => void;
  /** Called when an evaluation fails, which only a bug or an embedded server that is gone can bring about. */
  readonly onError: (error: unknown) => void;
}

interface Watched {
  readonly alarm: AlarmModel;
  state: AlarmState;
  reason: string;
}

/** Collects metrics, evaluates the template's alarms over them, and publishes their transitions to their topics. */
export class LocalCloudWatch {
  readonly #options: LocalCloudWatchOptions;
  readonly #metrics: MetricStore;
  readonly #watched: readonly Watched[];
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  /** How far the clock has been put forward, in milliseconds. */
  #ahead = 0;
  #newPeriodSince: number | undefined;

  constructor(options: LocalCloudWatchOptions) {
    this.#options = options;
    this.#watched = options.alarms.map((alarm) => ({
      alarm,
      state: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
    }));
    // The clock may be put forward by a whole period once.
    const longest = options.alarms.map(
      (alarm) => this.#periodMs(alarm) * (alarm.EvaluationPeriods + extraPeriods + 1),
    );
    this.#metrics = new MetricStore(Math.max(0, ...longest));
  }

  record(metric: MetricValue): void {
    this.#metrics.add(metric, this.#now());
  }

  start(): void {
    this.#timer = setInterval(() => {
      void this.evaluate();
    }, evaluateEveryMs);
  }

  /** After it, no evaluation is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  /** Evaluates all alarms now; rounds do not overlap. */
  evaluate(): Promise<void> {
    this.#round = this.#round.then(() => this.#evaluateAll()).catch(this.#options.onError);
    return this.#round;
  }

  /**
   * Puts the clock forward by the longest period, so that what is measured from here on is not mixed with what was
   * before. From then on only alarms whose metric has had new values are evaluated: of the others no time has passed.
   */
  beginNewPeriod(): void {
    this.#newPeriodSince = this.#now();
    this.#ahead += Math.max(0, ...this.#watched.map(({ alarm }) => this.#periodMs(alarm)));
  }

  results(): AlarmResult[] {
    return this.#watched.map(({ alarm, state, reason }) => ({
      name: alarm.name,
      state,
      reason,
      description: alarm.AlarmDescription,
    }));
  }

  #now(): number {
    return Date.now() + this.#ahead;
  }

  async #evaluateAll(): Promise<void> {
    for (const metric of await this.#options.sample()) this.record(metric);
    const now = this.#now();
    for (const watched of this.#watched) {
      const since = this.#newPeriodSince;
      if (since !== undefined && this.#metrics.values(idOf(watched.alarm), since, now).length === 0) continue;
      await this.#evaluate(watched, now);
    }
  }

  async #evaluate(watched: Watched, now: number): Promise<void> {
    const { alarm, state: from } = watched;
    const { state: to, reason } = evaluateAlarm(alarm, this.#datapoints(alarm, now), from);
    if (to === from) return;
    watched.state = to;
    watched.reason = reason;
    this.#options.onTransition({ name: alarm.name, state: to, reason });
    const { subject, message } = notificationOf(alarm, { from, to, reason, at: Date.now() });
    for (const topic of actionsOf(alarm, to)) {
      await this.#options.sns.send(
        new PublishCommand({ TopicArn: topic, Subject: subject, Message: message }),
      );
    }
  }

  /** Periods end now and go back from here, as CloudWatch's do when it evaluates each minute; oldest first. */
  #datapoints(alarm: AlarmModel, now: number): (number | null)[] {
    const length = this.#periodMs(alarm);
    return Array.from({ length: alarm.EvaluationPeriods + extraPeriods }, (_, age) => {
      const end = now - age * length;
      return aggregate(alarm.Statistic, this.#metrics.values(idOf(alarm), end - length, end));
    }).reverse();
  }

  #periodMs({ Period }: AlarmModel): number {
    return (Period / 60) * this.#options.minuteMs;
  }
}

function idOf({ Namespace, MetricName, Dimensions }: AlarmModel): MetricId {
  return {
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
  };
}
