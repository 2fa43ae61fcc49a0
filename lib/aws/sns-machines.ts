import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

import type { Severity } from '../on-call/alarm-kinds.ts';
import { subjectOf } from '../on-call/message.ts';
import type { Machines } from '../on-call/ports.ts';
import type { AlarmChange } from '../on-call/alarm-change.ts';

/**
 * The topics that pagers listen to. What CloudWatch publishes of an alarm itself they know already, and this has its shape: by the name
 * and the ARN of the alarm they take it for more about the same incident.
 */
export class SnsMachines implements Machines {
  readonly #client: SNSClient;
  readonly #topics: Readonly<Record<Severity, string>>;

  /** @param topics their ARNs */
  constructor(client: SNSClient, topics: Readonly<Record<Severity, string>>) {
    this.#client = client;
    this.#topics = topics;
  }

  async repeat(change: AlarmChange, severity: Severity, words: string): Promise<void> {
    const { name, arn, account, region, state, stateBefore, at } = change;
    await this.#client.send(
      new PublishCommand({
        TopicArn: this.#topics[severity],
        Subject: subjectOf(`${state}: "${name}" in ${region}`),
        Message: JSON.stringify({
          AlarmName: name,
          AlarmDescription: words,
          AWSAccountId: account,
          NewStateValue: state,
          NewStateReason: words,
          StateChangeTime: new Date(at).toISOString().replace('Z', '+0000'),
          Region: region,
          AlarmArn: arn,
          ...(stateBefore !== null && { OldStateValue: stateBefore }),
          OKActions: [],
          AlarmActions: [],
          InsufficientDataActions: [],
        }),
      }),
    );
  }

  async end(alarmNames: readonly string[], severity: Severity, words: string, at: number): Promise<void> {
    // The topics are where the alarms are.
    const [, partition = '', , region = '', account = ''] = this.#topics[severity].split(':');
    for (const name of alarmNames) {
      const arn = `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`;
      const ofAlarm = { name, arn, account, region, at, reason: '', description: '' };
      await this.repeat({ ...ofAlarm, state: 'OK', stateBefore: 'ALARM' }, severity, words);
    }
  }
}
