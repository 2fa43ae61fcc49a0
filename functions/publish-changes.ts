import type { DynamoDBStreamEvent } from 'aws-lambda';

import { writesOf } from '../lib/aws/stream-writes.ts';
import { publish } from '../lib/changes/publish.ts';
import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logger } from '../lib/runtime/logger.ts';
import { bindPublishDependencies } from '../lib/runtime/publish-dependencies.ts';

// Runs on a cold start only.
const deps = bindPublishDependencies();

/** A batch of the records table's stream. Thrown, it comes again, in halves: nothing after it in its shard is read before. */
export const handler = lambdaFunction(async ({ Records }: DynamoDBStreamEvent, signal) => {
  const writes = await writesOf(Records, deps.keepsBefore);
  const published = await publish(writes, deps, signal);
  // A key holds no field of a record.
  logger.info('published', { writes: writes.length, objects: published });
});
