import type { DynamoDBStreamEvent } from 'aws-lambda';

import { readStreamBatch } from '../lib/aws/stream-writes.ts';
import { followHeartbeats } from '../lib/changes/heartbeat.ts';
import { publish } from '../lib/changes/publish.ts';
import type { PagekeeperEvent } from '../lib/events/event.ts';
import { recordsChanged } from '../lib/events/of-published.ts';
import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logEvents, logger } from '../lib/runtime/logger.ts';
import { bindPublishDependencies } from '../lib/runtime/publish-dependencies.ts';

// Runs on a cold start only.
const deps = bindPublishDependencies();

/** A batch of the records table's stream. Thrown, it comes again, in halves: nothing after it in its shard is read before. */
export const handler = lambdaFunction(async ({ Records }: DynamoDBStreamEvent, signal) => {
  const batch = await readStreamBatch(Records, deps.keepsBefore);
  const published = await publish(batch.writes, deps, signal);
  if (await followHeartbeats(batch, deps, signal)) {
    logger.error('writes of the table are missing in the log: a snapshot is taken of all streams');
  }
  // A key holds no field of a record.
  logger.info('published', { writes: batch.writes.length, objects: published });
  await tell(recordsChanged(published, deps.deployment, deps.clock.now()), signal);
});

/** Last, and never thrown: the batch would come again, and stand in the log twice, for as long as EventBridge is at fault. */
async function tell(events: readonly PagekeeperEvent[], signal: AbortSignal): Promise<void> {
  try {
    await deps.bus.send(events, signal);
    logEvents(events);
  } catch (error) {
    logger.error('EventBridge could not be told of changes that are in the log', error as Error);
  }
}
