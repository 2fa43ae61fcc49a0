import { EventField, RuleTargetInput } from 'aws-cdk-lib/aws-events';

/**
 * What a rule publishes of an alarm's change of state: the keys that CloudWatch's own notifications have, so that PagerDuty
 * and Opsgenie see in it the end of what CloudWatch has told them. Their names are CloudWatch's, and so is their order, but
 * that the states come before the long texts: an e-mail shows them as they are.
 */
export const stateChangeMessage = RuleTargetInput.fromObject({
  AlarmName: EventField.fromPath('$.detail.alarmName'),
  NewStateValue: EventField.fromPath('$.detail.state.value'),
  OldStateValue: EventField.fromPath('$.detail.previousState.value'),
  StateChangeTime: EventField.fromPath('$.detail.state.timestamp'),
  NewStateReason: EventField.fromPath('$.detail.state.reason'),
  AlarmDescription: EventField.fromPath('$.detail.configuration.description'),
  AWSAccountId: EventField.fromPath('$.account'),
  Region: EventField.fromPath('$.region'),
  AlarmArn: EventField.fromPath('$.resources[0]'),
});
