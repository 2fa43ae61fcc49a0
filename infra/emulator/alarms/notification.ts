import { localAccount, localRegion, localRegionTitle } from '../template/local-account.ts';
import type { AlarmModel } from '../template/template-model.ts';
import type { AlarmState } from './evaluate-alarm.ts';

export interface Transition {
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Topics that hear of a transition. */
export function actionsOf(alarm: AlarmModel, state: AlarmState): readonly string[] {
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
      OKActions: alarm.OKActions,
      AlarmActions: alarm.AlarmActions,
      InsufficientDataActions: alarm.InsufficientDataActions,
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
 * The event of the same transition, see "Alarm events and EventBridge" in the CloudWatch user guide. `reasonData` and the
 * metrics of the configuration are left out: no rule of ours looks at them.
 */
export function stateChangeEvent(
  alarm: AlarmModel,
  { from, to, reason, at }: Transition,
  previous: { readonly reason: string; readonly at: number },
): unknown {
  return {
    version: '0',
    id: `${alarm.name} ${String(at)}`,
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: localAccount,
    time: new Date(at).toISOString(),
    region: localRegion,
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      configuration: { description: alarm.AlarmDescription },
      previousState: { value: from, reason: previous.reason, timestamp: timestamp(previous.at) },
      state: { value: to, reason, timestamp: timestamp(at) },
    },
  };
}

function timestamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}
