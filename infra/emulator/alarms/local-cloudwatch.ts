import { evaluateExpression } from '../template/metric-math.ts';
import type { AlarmModel, WatchedMetric } from '../template/template-model.ts';
import { aggregate, evaluateAlarm, extraPeriods, type AlarmState } from './evaluate-alarm.ts';
import { MetricStore, type MetricValue } from './metric-store.ts';
import { invocationsOf, publicationsOf } from './publications.ts';

/**
 * How long a minute of CloudWatch's is in a run that ends by itself. The stack's alarms look at 1 minute to 3 hours, and such
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
  /** @param subject as an e-mail's */
  readonly publish: (topicArn: string, subject: string, message: string) => Promise<void>;
  /**
   * Hands an event to a function, and resolves when it has been taken: whether the function fails is no business of CloudWatch's.
   * @param event as "Invoke a Lambda function from an alarm" in the CloudWatch user guide has it
   */
  readonly invoke: (functionName: string, event: unknown) => Promise<void>;
  /** Asked before each evaluation, for what AWS measures by itself. */
  readonly sample: () => Promise<readonly MetricValue[]>;
  readonly onTransition: (alarm: { name: string; state: AlarmState; reason: string }) => void;
  /** Called when an evaluation fails, which only a bug or an embedded server that is gone can bring about. */
  readonly onError: (error: unknown) => void;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** How an alarm stands. */
export interface AlarmResult {
  readonly name: string;
  readonly state: AlarmState;
  readonly reason: string;
  readonly description: string;
}

interface Watched {
  readonly alarm: AlarmModel;
  state: AlarmState;
  reason: string;
  /** When it came to this state. */
  since: number;
}

/** Collects metrics, evaluates the template's alarms over them, and tells topics and functions of their transitions. */
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
      since: this.#now(),
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
    return (this.#options.now?.() ?? Date.now()) + this.#ahead;
  }

  async #evaluateAll(): Promise<void> {
    for (const metric of await this.#options.sample()) this.record(metric);
    const now = this.#now();
    for (const watched of this.#watched) {
      const since = this.#newPeriodSince ?? (listensForSilence(watched.alarm) ? -Infinity : undefined);
      if (since !== undefined && !this.#hasValues(watched.alarm, since, now)) continue;
      await this.#evaluate(watched, now);
    }
  }

  #hasValues({ metrics }: AlarmModel, since: number, now: number): boolean {
    return metrics.some((metric) => this.#metrics.values(metric, since, now).length > 0);
  }

  async #evaluate(watched: Watched, now: number): Promise<void> {
    const { alarm, state: from } = watched;
    const { state: to, reason } = evaluateAlarm(alarm, this.#datapoints(alarm, now), from);
    if (to === from) return;
    const previous = { reason: watched.reason, at: watched.since };
    const transition = { from, to, reason, at: now - this.#ahead };
    watched.state = to;
    watched.reason = reason;
    watched.since = transition.at;
    const { publish, invoke } = this.#options;
    this.#options.onTransition({ name: alarm.name, state: to, reason });
    for (const { topicArn, subject, message } of publicationsOf(alarm, transition)) {
      await publish(topicArn, subject, message);
    }
    for (const { functionName, event } of invocationsOf(alarm, transition, previous)) {
      await invoke(functionName, event);
    }
  }

  /** Periods end now and go back from here, as CloudWatch's do when it evaluates each minute; oldest first. */
  #datapoints(alarm: AlarmModel, now: number): (number | null)[] {
    const length = this.#periodMs(alarm);
    return Array.from({ length: alarm.EvaluationPeriods + extraPeriods }, (_, age) => {
      const end = now - age * length;
      const valueOf = (metric: WatchedMetric): number | null =>
        aggregate(metric.statistic, this.#metrics.values(metric, end - length, end));
      const { metrics, formula } = alarm;
      const values = new Map(metrics.map((metric) => [metric.id, valueOf(metric)]));
      const [only = null] = values.values();
      return formula === null ? only : evaluateExpression(formula.expression, values);
    }).reverse();
  }

  #periodMs(alarm: AlarmModel): number {
    return (alarm.period / 60) * (listensForSilence(alarm) ? realMinuteMs : this.#options.minuteMs);
  }
}

/**
 * An alarm of silence listens for the pace of a schedule, and schedules keep their own pace here. Nor does it
 * listen before the first sign of life: what is started at the same moment has had no time to give one.
 */
function listensForSilence({ TreatMissingData }: AlarmModel): boolean {
  return TreatMissingData === 'breaching';
}
