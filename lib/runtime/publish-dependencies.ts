import { s3Client } from '../aws/clients.ts';
import { S3Log } from '../aws/s3-log.ts';
import type { HeartbeatDependencies } from '../changes/heartbeat.ts';
import type { PublishDependencies } from '../changes/publish.ts';
import { systemClock } from './clock.ts';
import { readPublishEnvironment } from './environment.ts';

/** Runs on a cold start only. */
export function bindPublishDependencies(): PublishDependencies & HeartbeatDependencies {
  const { changesBucket, keepsBefore, streams } = readPublishEnvironment(process.env);
  return { log: new S3Log(s3Client(), changesBucket), clock: systemClock, keepsBefore, streams };
}
