import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  type CfnAlarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  TreatMissingData,
  type AlarmProps,
  type IAlarmAction,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

import { metricName, metricNamespace, troubleFlags } from '../../lib/sync/troubles.ts';
import {
  alarmKinds,
  alarmNameOf,
  isToldByAlarm,
  troublesThatRaise,
  type AlarmKind,
  type TroubleAlarm,
} from '../../lib/on-call/alarm-kinds.ts';
import { joinedLines, wholeText, type AlarmText } from '../../lib/on-call/alarm-text.ts';
import { flagExpression } from './flag-expression.ts';
import type { OnCall } from './on-call.ts';

const oneMinute = Duration.minutes(1);

/** Periods of five minutes that an alarm may look at: a day of them. */
const maxPeriods = 288;
/** The watchdog comes every five minutes; without it for so long, nothing is looked after. */
const silentMinutes = 15;

export interface AlarmsProps {
  readonly deployment: string;
  readonly onCall: OnCall;
  /** What CloudWatch invokes for each of them. */
  readonly teller: IFunction;
}

/**
 * Alarms that tell on-call. Their names are `<deployment> <what> <kind>`: stable, for they are what a pager shows, and what
 * the rules of on-call go by. Why each is evaluated as it is stands in docs/decisions/0009.
 */
export class Alarms extends Construct {
  readonly #deployment: string;
  readonly #onCall: OnCall;
  readonly #teller: IFunction;
  readonly #isNested: boolean;
  readonly #names: string[] = [];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#teller = props.teller;
    this.#deployment = props.deployment;
    this.#onCall = props.onCall;
    this.#isNested = Stack.of(this).nestedStackParent !== undefined;
  }

  /** Of all alarms that there are here. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** For something that is stored as wrong with a connection or a stream of it, see lib/sync/troubles.ts. */
  onTrouble(kind: TroubleAlarm, connection: string, text: AlarmText): void {
    const troubles = troublesThatRaise(kind);
    const dimensionsMap = { deployment: this.#deployment, connection };
    const t = new Metric({
      ...{ namespace: metricNamespace, metricName, dimensionsMap },
      // The one that was read last.
      ...{ statistic: 'Maximum', period: oneMinute },
    });
    this.#add(kind, connection, text, {
      metric: new MathExpression({
        expression: troubles.map((trouble) => flagExpression('t', troubleFlags[trouble])).join('+'),
        usingMetrics: { t },
        label: troubles.join(', '),
        period: oneMinute,
      }),
      // A number is published when it changes and every 5 minutes. In between the alarm keeps its state: it lasts as long
      // as the cause, and does not flap.
      treatMissingData: TreatMissingData.IGNORE,
    });
  }

  /** For queues in which nothing should be. */
  onMessages(connection: string, queues: readonly IQueue[], text: AlarmText): void {
    const metrics = queues.map((queue, index): [string, Metric] => [
      `q${String(index)}`,
      queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: oneMinute }),
    ]);
    this.#add('undelivered', connection, text, {
      metric: new MathExpression({
        expression: `MAX([${metrics.map(([id]) => id).join()}])`,
        usingMetrics: Object.fromEntries(metrics),
        label: 'messages',
        period: oneMinute,
      }),
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
    kind: 'functionErrors' | 'changesErrors' | 'eventsErrors',
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

  /** For the function that tells people: errors, throttles, and what it gave up. Whoever listens is told of it without it. */
  onTeller(fn: IFunction, text: AlarmText): void {
    const period = Duration.minutes(5);
    const lambda = (metricName: string): Metric => fn.metric(metricName, { statistic: 'Sum', period });
    const metrics = { e: lambda('Errors'), t: lambda('Throttles'), d: lambda('AsyncEventsDropped') };
    this.#add('tellerErrors', null, text, {
      metric: new MathExpression({
        // What it fails at is tried twice more: that is nobody's page.
        expression: 'FILL(d,0)+FLOOR((FILL(e,0)+FILL(t,0))/3)',
        usingMetrics: metrics,
        label: 'errors',
        period,
      }),
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

  /** For a function that comes to an end all the time, or else something is very wrong. */
  onSilence(fn: IFunction, text: AlarmText): void {
    const statistic = { statistic: 'Sum', period: oneMinute };
    const alarm = this.#add('silent', 'watchdog', text, {
      metric: new MathExpression({
        expression: 'i-FILL(e,0)',
        usingMetrics: { i: fn.metricInvocations(statistic), e: fn.metricErrors(statistic) },
        label: 'completed rounds',
        period: oneMinute,
      }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: silentMinutes,
      datapointsToAlarm: silentMinutes,
      treatMissingData: TreatMissingData.BREACHING,
    });
    // A new deployment has had no round yet: that is no silence.
    (alarm.node.defaultChild as CfnAlarm).warmUpConfiguration = {
      warmUpPeriodDurationInMinutes: silentMinutes + 5,
    };
  }

  #add(
    kind: AlarmKind,
    of: string | null,
    text: AlarmText,
    watched: Pick<AlarmProps, 'metric' | 'treatMissingData'> & Partial<AlarmProps>,
  ): Alarm {
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
      alarmDescription: joinedLines(wholeText(text, this.#onCall.runbook)),
    });
    const { topics, machines } = this.#onCall;
    const teller: IAlarmAction = { bind: () => ({ alarmActionArn: this.#teller.functionArn }) };
    const machine = new SnsAction(machines[severity]);
    alarm.addAlarmAction(isToldByAlarm(kind) ? new SnsAction(topics[severity]) : teller, machine);
    // The function knows whether there was anything to be over: a new alarm comes to OK as well. It does not tell its own end: where
    // it crashes, it would do so at that, too, and begin the alarm anew.
    if (kind !== 'tellerErrors') alarm.addOkAction(teller);
    alarm.addOkAction(machine);
    return alarm;
  }
}
