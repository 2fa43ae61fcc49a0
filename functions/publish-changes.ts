import type { DynamoDBStreamEvent } from 'aws-lambda';

import { readStreamBatch } from '../lib/aws/stream-writes.ts';
import { followHeartbeats } from '../lib/changes/heartbeat.ts';
import { publish } from '../lib/changes/publish.ts';
import { recordsChanged } from '../lib/events/of-published.ts';
import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logEvents, logger } from '../lib/runtime/logger.ts';
import { bindPublishDependencies } from '../lib/runtime/publish-dependencies.ts';

// Runs on a cold start only.
const deps = bindPublishDependencies();

/** A batch of the records table's stream. Thrown, it comes again, in halves: nothing after it in its shard is read before. */
export const handler = lambdaFunction(async ({ Records }: DynamoDBStreamEvent, signal) => {
  const { writes, heartbeats } = await readStreamBatch(Records, deps.keepsBefore);
  const published = await publish(writes, deps, signal);
  const events = recordsChanged(published, deps.deployment, deps.clock.now());
  await deps.bus.send(events, signal);
  logEvents(events);
  if (await followHeartbeats(heartbeats, deps, signal)) {
    logger.error('writes of the table are missing in the log: a snapshot is taken of all streams');
  }
  // A key holds no field of a record.
  logger.info('published', { writes: writes.length, objects: published });
});
