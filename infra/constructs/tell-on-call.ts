import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import type { SettingsDocument } from '../../lib/runtime/settings-document.ts';
import type { KmsKey } from '../settings/kms-key.ts';
import { schemaNewsFilter, stoppedFilters } from './checkpoint-filters.ts';
import type { OnCall } from './on-call.ts';
import { PagekeeperFunction } from './pagekeeper-function.ts';
import type { Tables } from './tables.ts';

export interface TellOnCallProps {
  readonly deployment: string;
  readonly settings: SettingsDocument;
  readonly tables: Tables;
  readonly onCall: OnCall;
  readonly retentionDays: RetentionDays;
  readonly key: KmsKey | null;
}

/** Streams of a connection fail one after the other, by their ticks. */
const gatherSeconds = 60;
/** More than twice that: a message may follow another, and wait for one who sends. */
const timeoutSeconds = 180;

/**
 * Tells people of incidents. CloudWatch invokes it for each alarm that changes its state, and Lambda for writes of checkpoints
 * that are, or were, stopped: either alone is enough.
 */
export class TellOnCall extends Construct {
  readonly fn: PagekeeperFunction;

  constructor(scope: Construct, id: string, props: TellOnCallProps) {
    super(scope, id);
    const { deployment, tables, onCall, key } = props;
    const fn = new PagekeeperFunction(this, 'Function', {
      entry: 'tell-on-call',
      description: `${deployment}: tells people of incidents`,
      deployment,
      settings: props.settings,
      timeoutSeconds,
      retentionDays: props.retentionDays,
      key,
      invokedBy: 'alarm',
      // Not CDK's own destination, which would give the role more of the key than it needs: see useTopics.
      onFailure: { bind: () => ({ destination: onCall.topics.page.topicArn }) },
    });
    this.fn = fn;
    const [own, read] = [
      ['incidents#*', 'alarm#*'],
      ['stream#*', 'breaker#*', 'mute#*'],
    ];
    fn.useCheckpoints(tables.checkpoints, own, read);
    fn.useTopics(onCall.topics, onCall.key);
    fn.usePagers(onCall.machines);
    fn.addEnvironment('PAGEKEEPER_RUNBOOK', onCall.runbook);
    fn.addEnvironment('PAGEKEEPER_GATHER_SECONDS', String(gatherSeconds));
    fn.useKey({ reads: ['dynamodb'], writes: ['logs', 'sns'] });
    // One for all alarms of the deployment: one for each would fill the policy of the function. The space ends the name.
    const { account } = Stack.of(this);
    fn.addPermission('Alarms', {
      principal: new ServicePrincipal('lambda.alarms.cloudwatch.amazonaws.com'),
      sourceAccount: account,
      sourceArn: Stack.of(this).formatArn({
        service: 'cloudwatch',
        resource: 'alarm',
        resourceName: `${deployment} *`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    });
    const { Checkpoints: streamArn } = tables.streamArns;
    if (streamArn === null) return;
    fn.useStream(streamArn);
    const mapping = new EventSourceMapping(this, 'Source', {
      target: fn,
      eventSourceArn: streamArn,
      // What was before has its alarm.
      startingPosition: StartingPosition.LATEST,
      batchSize: 100,
      maxRecordAge: Duration.minutes(15),
      // One record that cannot be told of keeps no other back. What is given up the watchdog makes up for.
      bisectBatchOnError: true,
      filters: [...stoppedFilters, schemaNewsFilter].map((dynamodb) => FilterCriteria.filter({ dynamodb })),
    });
    mapping.node.addDependency(fn.role ?? fn);
  }
}
