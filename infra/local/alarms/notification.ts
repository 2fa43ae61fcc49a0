import { localAccount, localRegionTitle } from '../template/local-account.ts';
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
      StateChangeTime: new Date(at).toISOString().replace('Z', '+0000'),
      Region: localRegionTitle,
      AlarmArn: alarm.arn,
      OldStateValue: from,
      OKActions: alarm.OKActions,
      AlarmActions: alarm.AlarmActions,
      InsufficientDataActions: alarm.InsufficientDataActions,
      Trigger: {
        MetricName: alarm.MetricName,
        Namespace: alarm.Namespace,
        StatisticType: 'Statistic',
        Statistic: alarm.Statistic.toUpperCase(),
        Unit: null,
        Dimensions: alarm.Dimensions.map(({ Name, Value }) => ({ value: Value, name: Name })),
        Period: alarm.Period,
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
