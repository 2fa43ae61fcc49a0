import { dynamoDbClient, eventBridgeClient, s3Client } from '../aws/clients.ts';
import { DynamoForgotten } from '../aws/dynamo-forgotten.ts';
import { EventBridgeBus } from '../aws/event-bridge-bus.ts';
import { S3Log } from '../aws/s3-log.ts';
import type { HeartbeatDependencies } from '../changes/heartbeat.ts';
import type { PublishDependencies } from '../changes/publish.ts';
import type { EventBus } from '../events/event.ts';
import { systemClock } from './clock.ts';
import { readPublishEnvironment } from './environment.ts';

type Dependencies = PublishDependencies &
  HeartbeatDependencies & { readonly deployment: string; readonly bus: EventBus };

/** Runs on a cold start only. */
export function bindPublishDependencies(): Dependencies {
  const { checkpointsTable, changesBucket, ...told } = readPublishEnvironment(process.env);
  return {
    log: new S3Log(s3Client(), changesBucket),
    forgotten: new DynamoForgotten(dynamoDbClient(), checkpointsTable, systemClock),
    clock: systemClock,
    bus: new EventBridgeBus(eventBridgeClient()),
    ...told,
  };
}
