import { dynamoDbClient, s3Client, sqsClient } from '../aws/clients.ts';
import { DynamoRecords } from '../aws/dynamo-records.ts';
import { S3Log } from '../aws/s3-log.ts';
import { SqsSnapshotQueue } from '../aws/sqs-snapshot-queue.ts';
import type { SnapshotsDependencies } from '../changes/take-snapshots.ts';
import { systemClock } from './clock.ts';
import { readSnapshotsEnvironment } from './environment.ts';

/** Runs on a cold start only. */
export function bindSnapshotsDependencies(): SnapshotsDependencies {
  const { changesBucket, recordsTable, queueUrl, ...terms } = readSnapshotsEnvironment(process.env);
  return {
    ...terms,
    records: new DynamoRecords(dynamoDbClient(), recordsTable),
    store: new S3Log(s3Client(), changesBucket),
    queue: new SqsSnapshotQueue(sqsClient(), queueUrl),
    clock: systemClock,
  };
}
