import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { publishTimeoutSeconds } from '../../lib/changes/read-changes.ts';
import type { SettingsDocument } from '../../lib/runtime/settings-document.ts';
import { textsOfChangeLog } from '../on-call/alarm-texts.ts';
import type { KmsKey } from '../settings/kms-key.ts';
import { changesBucketOutput } from '../settings/names.ts';
import type { ChangeLogSettings } from '../settings/settings.ts';
import { acknowledge } from './acknowledge.ts';
import type { Alarms } from './alarms.ts';
import { PagekeeperFunction } from './pagekeeper-function.ts';

export interface ChangeLogProps {
  readonly deployment: string;
  readonly settings: SettingsDocument;
  readonly changes: ChangeLogSettings;
  /** Of the records table. */
  readonly streamArn: string;
  /** Of the function's logs. */
  readonly retentionDays: RetentionDays;
  readonly key: KmsKey | null;
  readonly keepsData: boolean;
  readonly alarms: Alarms;
}

/** Writes of the records table in one object: as many as come at once, or in this time. */
const batch = { size: 500, window: Duration.seconds(10) };

/** The log of all changes of records: a bucket, and the function that writes what the table's stream gives it. */
export class ChangeLog extends Construct {
  readonly bucket: Bucket;
  readonly fn: PagekeeperFunction;

  constructor(scope: Construct, id: string, props: ChangeLogProps) {
    super(scope, id);
    const { deployment, changes, streamArn, key, alarms } = props;
    this.bucket = this.#makeBucket(props);
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
    this.fn = fn;
    fn.usePublishing(this.bucket, changes.before);
    fn.useStream(streamArn, this.bucket);
    fn.useKey({ reads: ['dynamodb'], writes: ['logs', 's3'] });
    const mapping = new EventSourceMapping(this, 'Source', {
      target: fn,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: batch.size,
      maxBatchingWindow: batch.window,
      // One record that cannot be published must not take others with it when its day is over.
      bisectBatchOnError: true,
      // Whole, for they hold what the stream keeps no longer.
      onFailure: { bind: () => ({ destination: this.bucket.bucketArn }) },
    });
    // Lambda looks whether the role may read the stream when the mapping is made.
    mapping.node.addDependency(fn.role ?? fn);

    const texts = textsOfChangeLog(deployment);
    alarms.onIteratorAge('changesLate', fn, Duration.hours(1), texts.changesLate);
    alarms.onIteratorAge('changesBehind', fn, Duration.hours(12), texts.changesBehind);
    new CfnOutput(this, 'BucketName', {
      value: this.bucket.bucketName,
      description: 'The log of all changes of records',
    }).overrideLogicalId(changesBucketOutput);
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
