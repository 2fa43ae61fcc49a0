import { dynamoDbClient, s3Client } from '../aws/clients.ts';
import { DynamoForgotten } from '../aws/dynamo-forgotten.ts';
import { S3Log } from '../aws/s3-log.ts';
import type { HeartbeatDependencies } from '../changes/heartbeat.ts';
import type { PublishDependencies } from '../changes/publish.ts';
import { systemClock } from './clock.ts';
import { readPublishEnvironment } from './environment.ts';

/** Runs on a cold start only. */
export function bindPublishDependencies(): PublishDependencies & HeartbeatDependencies {
  const { checkpointsTable, changesBucket, keepsBefore, streams } = readPublishEnvironment(process.env);
  return {
    log: new S3Log(s3Client(), changesBucket),
    forgotten: new DynamoForgotten(dynamoDbClient(), checkpointsTable, systemClock),
    clock: systemClock,
    keepsBefore,
    streams,
  };
}
