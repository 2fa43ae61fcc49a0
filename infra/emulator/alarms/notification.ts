import { functionArn, localAccount, localRegion, localRegionTitle } from '../template/local-account.ts';
import type { AlarmModel, AlarmTarget } from '../template/template-model.ts';
import type { AlarmState } from './evaluate-alarm.ts';

export interface Transition {
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** How an alarm stood before. */
export interface Previous {
  readonly reason: string;
  /** When it came to that state, epoch milliseconds. */
  readonly at: number;
}

/** What hears that an alarm has come to a state, whatever its state was before: a new alarm that becomes OK tells it, too. */
export function actionsOf(alarm: AlarmModel, state: AlarmState): readonly AlarmTarget[] {
  if (!alarm.ActionsEnabled) return [];
  switch (state) {
    case 'ALARM':
      return alarm.AlarmActions;
    case 'OK':
      return alarm.OKActions;
    case 'INSUFFICIENT_DATA':
      return alarm.InsufficientDataActions;
  }
}

/** What CloudWatch publishes to SNS when an alarm changes its state. The subject is at most 100 characters. */
export function notificationOf(
  alarm: AlarmModel,
  { from, to, reason, at }: Transition,
): { subject: string; message: string } {
  const subject = `${to}: "${alarm.name}" in ${localRegionTitle}`;
  return {
    subject: subject.length > 100 ? `${subject.slice(0, 97)}...` : subject,
    message: JSON.stringify({
      AlarmName: alarm.name,
      AlarmDescription: alarm.AlarmDescription,
      AWSAccountId: localAccount,
      NewStateValue: to,
      NewStateReason: reason,
      StateChangeTime: timestamp(at),
      Region: localRegionTitle,
      AlarmArn: alarm.arn,
      OldStateValue: from,
      OKActions: alarm.OKActions.map(arnOf),
      AlarmActions: alarm.AlarmActions.map(arnOf),
      InsufficientDataActions: alarm.InsufficientDataActions.map(arnOf),
      Trigger: {
        ...triggerOf(alarm),
        Period: alarm.period,
        EvaluationPeriods: alarm.EvaluationPeriods,
        DatapointsToAlarm: alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods,
        ComparisonOperator: alarm.ComparisonOperator,
        Threshold: alarm.Threshold,
        TreatMissingData: alarm.TreatMissingData,
        EvaluateLowSampleCountPercentile: '',
      },
    }),
  };
}

function arnOf(target: AlarmTarget): string {
  return 'topicArn' in target ? target.topicArn : functionArn(target.functionName);
}

function triggerOf({ metrics, formula }: AlarmModel): object {
  const dimensionsOf = (dimensions: Readonly<Record<string, string>>) =>
    Object.entries(dimensions).map(([name, value]) => ({ value, name }));
  const [only] = metrics;
  if (formula === null && only !== undefined) {
    return {
      MetricName: only.name,
      Namespace: only.namespace,
      StatisticType: 'Statistic',
      Statistic: only.statistic.toUpperCase(),
      Unit: null,
      Dimensions: dimensionsOf(only.dimensions),
    };
  }
  return {
    Metrics: [
      { Expression: formula?.text, Id: formula?.id, ReturnData: true },
      ...metrics.map(({ id, namespace, name, dimensions, statistic }) => ({
        Id: id,
        MetricStat: {
          Metric: { Dimensions: dimensionsOf(dimensions), MetricName: name, Namespace: namespace },
          Stat: statistic,
        },
        ReturnData: false,
      })),
    ],
  };
}

/**
 * The event that a function is invoked with for a transition: `{source, alarmArn, accountId, time, region, alarmData}`,
 * see "Invoke a Lambda function from an alarm" in the CloudWatch user guide. The `reasonData` of `state`, JSON in a text, is left out.
 */
export function invocationEvent(
  alarm: AlarmModel,
  { from, to, reason, at }: Transition,
  previous: Previous,
): unknown {
  return {
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: localAccount,
    time: timestamp(at),
    region: localRegion,
    alarmData: {
      alarmName: alarm.name,
      state: { value: to, reason, timestamp: timestamp(at) },
      previousState: { value: from, reason: previous.reason, timestamp: timestamp(previous.at) },
      configuration: { description: alarm.AlarmDescription, metrics: metricsOf(alarm) },
    },
  };
}

/** CloudWatch gives the metric of an alarm without metric math an id that it makes up. */
function metricsOf({ metrics, formula, period }: AlarmModel): object[] {
  const watched = metrics.map(({ id, namespace, name, dimensions, statistic }) => ({
    id,
    metricStat: { metric: { namespace, name, dimensions }, period, stat: statistic },
    returnData: formula === null,
  }));
  if (formula === null) return watched;
  const { id, text: expression, label } = formula;
  return [{ id, expression, ...(label === null ? {} : { label }), returnData: true }, ...watched];
}

function timestamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}
