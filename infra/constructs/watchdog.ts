import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import type { SettingsDocument } from '../../lib/runtime/settings-document.ts';
import type { KmsKey } from '../settings/kms-key.ts';
import { textsOfWatchdog } from '../../lib/on-call/alarm-texts.ts';
import type { Alarms } from './alarms.ts';
import type { OnCall } from './on-call.ts';
import { PagekeeperFunction, type ConnectionLink } from './pagekeeper-function.ts';
import type { Tables } from './tables.ts';
import { Ticks } from './ticks.ts';

export interface WatchdogProps {
  readonly deployment: string;
  readonly settings: SettingsDocument;
  readonly retentionDays: RetentionDays;
  readonly tables: Tables;
  readonly alarms: Alarms;
  readonly onCall: OnCall;
  readonly links: readonly ConnectionLink[];
  readonly key: KmsKey | null;
}

/** Gauges are repeated, and stranded runs revived, this often. */
const periodMinutes = 5;
const timeoutSeconds = 60;

/**
 * Looks after all connections: revives what no message carries any more, publishes what is wrong, and tells people of it where
 * nobody else has.
 */
export class Watchdog extends Construct {
  readonly fn: PagekeeperFunction;
  /** What else comes by a schedule and is for no stream may be among them. */
  readonly ticks: Ticks;

  constructor(scope: Construct, id: string, props: WatchdogProps) {
    super(scope, id);
    const { deployment, settings, retentionDays, alarms, key } = props;
    const fn = new PagekeeperFunction(this, 'Function', {
      entry: 'watchdog',
      description: `${deployment}: revives stranded syncs and publishes their states`,
      deployment,
      settings,
      timeoutSeconds,
      retentionDays,
      key,
      invokedBy: 'schedule',
    });
    this.fn = fn;
    // Not what a run has seen, what it is to request, nor the limits.
    const own = ['stream#*', 'breaker#*', 'outage#*', 'incidents#*'];
    fn.useCheckpoints(props.tables.checkpoints, own, ['mute#*']);
    fn.useTopics(props.onCall.topics, props.onCall.key);
    fn.useConnections(props.links, 'versions');
    fn.useKey({ reads: ['dynamodb'], writes: ['logs', 'sqs', 'sns'] });

    const ticks = new Ticks(this, 'Ticks', { groupName: `${deployment}.watchdog`, target: fn, key });
    this.ticks = ticks;
    ticks.add('Rounds', {
      description: 'Makes the watchdog look at every stream',
      expression: `rate(${String(periodMinutes)} minutes)`,
      timeZone: 'UTC',
      flexibleWindowMinutes: 0,
      shortestGapSeconds: periodMinutes * 60,
      input: {},
    });

    const texts = textsOfWatchdog(deployment, { missedTicksUrl: ticks.missed.queueUrl });
    alarms.onSilence(fn, texts.silent);
  }
}
