import { dynamoDbClient, s3Client } from '../aws/clients.ts';
import { DynamoHeartbeat } from '../aws/dynamo-heartbeat.ts';
import { DynamoRecords } from '../aws/dynamo-records.ts';
import { S3Log } from '../aws/s3-log.ts';
import { maxPart } from '../changes/snapshot.ts';
import type { SnapshotsDependencies } from '../changes/take-snapshots.ts';
import { systemClock } from './clock.ts';
import { readSnapshotsEnvironment } from './environment.ts';

/** Runs on a cold start only. `timeMs` is how long parts may be begun: the last one has to be read and written, too. */
export function bindSnapshotsDependencies(): SnapshotsDependencies & { readonly timeMs: number } {
  const { changesBucket, recordsTable, timeoutSeconds, ...terms } = readSnapshotsEnvironment(process.env);
  const dynamoDb = dynamoDbClient();
  return {
    ...terms,
    timeMs: timeoutSeconds * 1000 - 2 * maxPart.ms,
    records: new DynamoRecords(dynamoDb, recordsTable),
    heartbeat: new DynamoHeartbeat(dynamoDb, recordsTable, terms.source),
    store: new S3Log(s3Client(), changesBucket),
    clock: systemClock,
  };
}
