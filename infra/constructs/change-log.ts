import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { publishTimeoutSeconds } from '../../lib/changes/read-changes.ts';
import type { SettingsDocument } from '../../lib/runtime/settings-document.ts';
import { textsOfChangeLog } from '../../lib/on-call/alarm-texts.ts';
import type { KmsKey } from '../settings/kms-key.ts';
import { changesBucketOutput } from '../settings/names.ts';
import type { ChangeLogSettings } from '../settings/settings.ts';
import { resultsPrefix } from './lake.ts';
import { acknowledge } from './acknowledge.ts';
import type { Alarms } from './alarms.ts';
import { outputId } from './room.ts';
import { PagekeeperFunction } from './pagekeeper-function.ts';
import type { TableInUse } from './tables.ts';
import type { Ticks } from './ticks.ts';

export interface ChangeLogProps {
  readonly deployment: string;
  readonly settings: SettingsDocument;
  readonly changes: ChangeLogSettings;
  readonly records: TableInUse;
  /** Of its stream. */
  readonly streamArn: string;
  readonly checkpoints: TableInUse;
  /** Where its schedule is put. */
  readonly ticks: Ticks;
  /** Of the function's logs. */
  readonly retentionDays: RetentionDays;
  readonly key: KmsKey | null;
  readonly keepsData: boolean;
  readonly alarms: Alarms;
}

/** As long as Lambda lets it: what is not finished by then goes on an hour later. */
const snapshotSeconds = 900;

/** Writes of the records table in one object: as many as come at once, or in this time. */
const batch = { size: 500, window: Duration.seconds(10) };

/** The log of all changes of records: a bucket, and the function that writes what the table's stream gives it. */
export class ChangeLog extends Construct {
  readonly bucket: Bucket;
  readonly functions: readonly [publish: PagekeeperFunction, snapshots: PagekeeperFunction];

  constructor(scope: Construct, id: string, props: ChangeLogProps) {
    super(scope, id);
    const { deployment, alarms } = props;
    this.bucket = this.#makeBucket(props);
    const publish = this.#publisher(props);
    this.functions = [publish, this.#snapshots(props)];
    const texts = textsOfChangeLog(deployment);
    alarms.onErrors('changesErrors', null, this.functions, 3600, texts.changesErrors);
    alarms.onIteratorAge('changesLate', publish, Duration.hours(1), texts.changesLate);
    alarms.onIteratorAge('changesBehind', publish, Duration.hours(12), texts.changesBehind);
    new CfnOutput(this, 'BucketName', {
      value: this.bucket.bucketName,
      description: 'The log of all changes of records',
    }).overrideLogicalId(outputId(scope, changesBucketOutput));
  }

  #publisher({
    deployment,
    changes,
    checkpoints,
    streamArn,
    key,
    ...props
  }: ChangeLogProps): PagekeeperFunction {
    const fn = new PagekeeperFunction(this, 'Publish', {
      entry: 'publish-changes',
      description: `${deployment}: writes changes of records into the log`,
      deployment,
      settings: props.settings,
      timeoutSeconds: publishTimeoutSeconds,
      retentionDays: props.retentionDays,
      key,
      invokedBy: 'stream',
    });
    fn.usePublishing(this.bucket, checkpoints, changes.before);
    fn.useStream(streamArn, this.bucket);
    fn.useEvents();
    fn.useKey({ reads: ['dynamodb'], writes: ['logs', 's3'] });
    const mapping = new EventSourceMapping(this, 'Source', {
      target: fn,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: batch.size,
      maxBatchingWindow: batch.window,
      // Before the stream itself lets go of it: what stands behind it is still there then.
      maxRecordAge: Duration.hours(23),
      // One record that cannot be published must not take others with it when its day is over.
      bisectBatchOnError: true,
      // Whole, for they hold what the stream keeps no longer.
      onFailure: { bind: () => ({ destination: this.bucket.bucketArn }) },
    });
    // Lambda looks whether the role may read the stream when the mapping is made.
    mapping.node.addDependency(fn.role ?? fn);
    return fn;
  }

  #snapshots({ deployment, changes, streamArn, key, ...props }: ChangeLogProps): PagekeeperFunction {
    const fn = new PagekeeperFunction(this, 'Snapshots', {
      entry: 'take-snapshots',
      description: `${deployment}: takes snapshots of the records, which the log is read from`,
      deployment,
      settings: props.settings,
      timeoutSeconds: snapshotSeconds,
      retentionDays: props.retentionDays,
      key,
      invokedBy: 'schedule',
    });
    const connections = props.settings.connections.map(({ name }) => `${name}/*`);
    fn.useRecordsToRead(props.records, streamArn, connections);
    fn.useSnapshots(this.bucket, { retentionDays: changes.retentionDays, timeoutSeconds: snapshotSeconds });
    fn.useKey({ reads: ['dynamodb'], writes: ['logs', 's3'] });
    props.ticks.add(
      'Snapshots',
      {
        description: 'Takes the snapshots of records that are due',
        expression: 'rate(1 hour)',
        timeZone: 'UTC',
        flexibleWindowMinutes: 0,
        shortestGapSeconds: 3600,
        input: {},
      },
      fn,
    );
    return fn;
  }

  #makeBucket({ changes, key, keepsData }: ChangeLogProps): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      ...(key === null
        ? { encryption: BucketEncryption.S3_MANAGED }
        : {
            encryption: BucketEncryption.KMS,
            encryptionKey: Key.fromKeyArn(this, 'KeyThere', key.arn),
            // Or each object would be a call of KMS, to read as to write.
            bucketKeyEnabled: true,
          }),
      lifecycleRules: [
        {
          id: 'retentionDays',
          expiration: Duration.days(changes.retentionDays),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
        // Also where there is no lake any more: what it was asked for is personal data.
        { id: 'queryResults', prefix: resultsPrefix, expiration: Duration.days(1) },
      ],
      removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(
      bucket,
      'S1',
      'Who has read which object is told by data events of CloudTrail, where somebody wants to know it; access logs would need a bucket of their own.',
    );
    return bucket;
  }
}
