import { eventBridgeClient, s3Client } from '../aws/clients.ts';
import { EventBridgeBus } from '../aws/event-bridge-bus.ts';
import { S3Log } from '../aws/s3-log.ts';
import type { TellDependencies } from '../events/tell.ts';
import { systemClock } from './clock.ts';
import { readTellEnvironment } from './environment.ts';

/** Runs on a cold start only. */
export function bindTellDependencies(): TellDependencies {
  const { deployment, changesBucket } = readTellEnvironment(process.env);
  return {
    deployment,
    bus: new EventBridgeBus(eventBridgeClient()),
    log: changesBucket === null ? null : new S3Log(s3Client(), changesBucket),
    clock: systemClock,
  };
}
