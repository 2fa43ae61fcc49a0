import { s3Client } from '../aws/clients.ts';
import { S3Log } from '../aws/s3-log.ts';
import type { PublishDependencies } from '../changes/publish.ts';
import { systemClock } from './clock.ts';
import { readPublishEnvironment } from './environment.ts';

/** Runs on a cold start only. */
export function bindPublishDependencies(): PublishDependencies {
  const { changesBucket, keepsBefore } = readPublishEnvironment(process.env);
  return { log: new S3Log(s3Client(), changesBucket), clock: systemClock, keepsBefore };
}
