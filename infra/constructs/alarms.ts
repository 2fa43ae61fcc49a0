import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  TreatMissingData,
  type AlarmProps,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import {
  connectionFlags,
  metricNames,
  metricNamespace,
  streamFlags,
  type ConnectionTrouble,
  type StreamTrouble,
} from '../../lib/sync/troubles.ts';
import { alarmKinds, alarmNameOf, type AlarmKind } from '../../lib/on-call/alarm-kinds.ts';
import { joinedLines, wholeText, type AlarmText } from '../../lib/on-call/alarm-text.ts';
import { flagExpression } from './flag-expression.ts';
import type { OnCall } from './on-call.ts';

const oneMinute = Duration.minutes(1);

/** More than this share of a connection's requests told to come later is too much, in so many of so many hours. */
const throttling = { share: 0.5, minRequests: 20, hours: 2, of: 3 };
/** Periods of five minutes that an alarm may look at: a day of them. */
const maxPeriods = 288;
/** The watchdog comes every five minutes; without it for so long, nothing is looked after. */
const silentMinutes = 15;

/**
 * Alarms that tell on-call. Their names are `<deployment> <what> <kind>`: stable, for they are what a pager shows, and what
 * the rules of on-call go by. Why each is evaluated as it is stands in docs/decisions/0009.
 */
export class Alarms extends Construct {
  readonly #deployment: string;
  readonly #onCall: OnCall;
  readonly #isNested: boolean;
  readonly #names: string[] = [];

  constructor(scope: Construct, id: string, props: { deployment: string; onCall: OnCall }) {
    super(scope, id);
    this.#deployment = props.deployment;
    this.#onCall = props.onCall;
    this.#isNested = Stack.of(this).nestedStackParent !== undefined;
  }

  /** Of all alarms that there are here. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** For something that is stored as wrong with a stream, see lib/sync/troubles.ts. */
  onStream(trouble: StreamTrouble, stream: string, text: AlarmText): void {
    this.#onFlag(trouble, { stream }, metricNames.stream, streamFlags[trouble], text);
  }

  onConnection(trouble: ConnectionTrouble, connection: string, text: AlarmText): void {
    this.#onFlag(trouble, { connection }, metricNames.connection, connectionFlags[trouble], text);
  }

  #onFlag(
    kind: StreamTrouble | ConnectionTrouble,
    of: Record<string, string>,
    metricName: string,
    flag: number,
    text: AlarmText,
  ): void {
    const trouble = this.#own(metricName, of, 'Maximum', oneMinute);
    this.#add(kind, Object.values(of).join(' '), text, {
      metric: new MathExpression({
        expression: flagExpression('t', flag),
        usingMetrics: { t: trouble },
        label: kind,
        period: oneMinute,
      }),
      // A number is published when it changes and every 5 minutes. In between the alarm keeps its state: it lasts as long
      // as the cause, and does not flap.
      treatMissingData: TreatMissingData.IGNORE,
    });
  }

  /**
   * For a vendor that says "later" more often than it answers. By the hour, and not by every hour: the requests of a stream
   * come in bursts, by its ticks, and now and then a burst slips out of its hour.
   */
  onThrottling(connection: string, text: AlarmText): void {
    const period = Duration.hours(1);
    const told = (statistic: string): Metric =>
      this.#own(metricNames.throttled, { connection }, statistic, period);
    this.#add('throttled', connection, text, {
      metric: new MathExpression({
        expression: `IF(n>=${String(throttling.minRequests)},share,0)`,
        usingMetrics: { n: told('SampleCount'), share: told('Average') },
        label: 'share of 429 and 503',
        period,
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: throttling.share,
      evaluationPeriods: throttling.of,
      datapointsToAlarm: throttling.hours,
      // No request is made, so none is refused.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** For a queue in which nothing should be. */
  onMessages(kind: 'deadLetters' | 'missedTicks', of: string, queue: IQueue, text: AlarmText): void {
    this.#add(kind, of, text, {
      metric: queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: oneMinute }),
      // SQS stops measuring a queue that nobody has touched for 6 hours, and its messages are still there.
      treatMissingData: TreatMissingData.IGNORE,
    });
  }

  /**
   * For functions that crash.
   *
   * @param maxGapSeconds between two invocations: an error at each of them is one alarm, and not one for each
   */
  onErrors(
    kind: 'functionErrors' | 'watchdogErrors' | 'changesErrors' | 'eventsErrors',
    of: string | null,
    functions: readonly IFunction[],
    maxGapSeconds: number,
    text: AlarmText,
  ): void {
    const period = Duration.minutes(5);
    // Not throttles: Lambda tries those again, and where that does not help, the data is late or the watchdog silent.
    const metrics = functions.map((fn) => fn.metricErrors({ statistic: 'Sum', period }));
    const named = metrics.map((metric, index) => [`m${String(index)}`, metric] as const);
    this.#add(kind, of, text, {
      metric: new MathExpression({
        // A function that was not called has no figures, and a sum with a gap in it would be one.
        expression: named.map(([name]) => `FILL(${name},0)`).join('+'),
        usingMetrics: Object.fromEntries(named),
        label: 'errors',
        period,
      }),
      evaluationPeriods: Math.min(maxPeriods, Math.ceil(maxGapSeconds / 300) + 1),
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** For fields whose values do not fit into their type any more, as a run has shown. */
  onMisfits(text: AlarmText): void {
    this.#add('schemaMisfits', null, text, {
      metric: this.#own(metricNames.misfits, {}, 'Maximum', Duration.minutes(5)),
      // It is told once, so the alarm ends by itself.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** For a function that reads a stream: how old what it is given may be. */
  onIteratorAge(kind: 'changesLate' | 'changesBehind', fn: IFunction, max: Duration, text: AlarmText): void {
    this.#add(kind, null, text, {
      metric: fn.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(5) }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: max.toMilliseconds(),
      // Nothing is read, and nothing waits: Lambda tells the age of what it hands over, a batch that fails too.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** For a function that is called all the time, or else something is very wrong. */
  onSilence(fn: IFunction, text: AlarmText): void {
    this.#add(
      'silent',
      'watchdog',
      text,
      {
        metric: fn.metricInvocations({ statistic: 'Sum', period: oneMinute }),
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: silentMinutes,
        datapointsToAlarm: silentMinutes,
        treatMissingData: TreatMissingData.BREACHING,
      },
      // A new alarm has no data and begins here in ALARM. Only one that had been OK is worth telling: see OnCall.
      { byEvent: true },
    );
  }

  #own(metricName: string, of: Record<string, string>, statistic: string, period: Duration): Metric {
    const dimensionsMap = { deployment: this.#deployment, ...of };
    return new Metric({ namespace: metricNamespace, metricName, dimensionsMap, statistic, period });
  }

  #add(
    kind: AlarmKind,
    of: string | null,
    text: AlarmText,
    watched: Pick<AlarmProps, 'metric' | 'treatMissingData'> & Partial<AlarmProps>,
    { byEvent } = { byEvent: false },
  ): void {
    const { severity, suffix } = alarmKinds[kind];
    const name = of === null ? suffix : `${of} ${suffix}`;
    const alarmName = alarmNameOf(this.#deployment, kind, of, this.#isNested);
    this.#names.push(alarmName);
    const alarm = new Alarm(this, name, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      ...watched,
      alarmName,
      alarmDescription: joinedLines(wholeText(text)),
    });
    // Its end is told by a rule, see OnCall: an action for OK would be taken for each new alarm, too.
    if (!byEvent) alarm.addAlarmAction(new SnsAction(this.#onCall.topics[severity]));
  }
}
