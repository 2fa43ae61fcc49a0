import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

import type { SettingsDocument } from '../../lib/runtime/settings-document.ts';
import { textsOfEvents } from '../../lib/on-call/alarm-texts.ts';
import type { KmsKey } from '../settings/kms-key.ts';
import type { Alarms } from './alarms.ts';
import type { ChangeLog } from './change-log.ts';
import { checkpointFilters } from './checkpoint-filters.ts';
import { PagekeeperFunction } from './pagekeeper-function.ts';

export interface EventsProps {
  readonly deployment: string;
  readonly settings: SettingsDocument;
  /** Of the checkpoints table's stream. */
  readonly streamArn: string;
  readonly changeLog: ChangeLog | null;
  /** Of the function's logs. */
  readonly retentionDays: RetentionDays;
  readonly key: KmsKey | null;
  readonly alarms: Alarms;
}

/**
 * A little longer than the change log waits for a batch to fill: then most runs have their lines in it when their end comes to be
 * told.
 */
const window = Duration.seconds(20);
const timeoutSeconds = 60;
/** What could not be told by then is of no use to who would act on it. */
const maxAge = Duration.hours(6);

/** Tells EventBridge what has become of streams and runs, from what the checkpoints table's stream has of them. */
export class Events extends Construct {
  readonly fn: PagekeeperFunction;

  constructor(scope: Construct, id: string, props: EventsProps) {
    super(scope, id);
    const { deployment, streamArn, changeLog, key, alarms } = props;
    const fn = new PagekeeperFunction(this, 'Publish', {
      entry: 'publish-events',
      description: `${deployment}: tells EventBridge of runs and states`,
      deployment,
      settings: props.settings,
      timeoutSeconds,
      retentionDays: props.retentionDays,
      key,
      invokedBy: 'stream',
    });
    this.fn = fn;
    fn.useStream(streamArn);
    fn.useEvents();
    if (changeLog !== null) fn.useLog(changeLog.bucket);
    fn.useKey({ reads: changeLog === null ? ['dynamodb'] : ['dynamodb', 's3'], writes: ['logs'] });
    const mapping = new EventSourceMapping(this, 'Source', {
      target: fn,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      maxBatchingWindow: window,
      maxRecordAge: maxAge,
      reportBatchItemFailures: true,
      filters: checkpointFilters.map((dynamodb) => FilterCriteria.filter({ dynamodb })),
    });
    // Lambda looks whether the role may read the stream when the mapping is made.
    mapping.node.addDependency(fn.role ?? fn);
    alarms.onErrors('eventsErrors', null, [fn], 3600, textsOfEvents(deployment).eventsErrors);
  }
}
