import type { SQSEvent } from 'aws-lambda';

import { decodeSnapshotMessage } from '../lib/aws/sqs-snapshot-queue.ts';
import { takePart } from '../lib/changes/snapshot.ts';
import { beginSnapshots } from '../lib/changes/take-snapshots.ts';
import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logger } from '../lib/runtime/logger.ts';
import { bindSnapshotsDependencies } from '../lib/runtime/snapshots-dependencies.ts';

// Runs on a cold start only.
const deps = bindSnapshotsDependencies();

/** What its schedule sends. */
type Tick = Readonly<Record<string, never>>;

/** By its schedule: begins the snapshots that are due. By a message: takes the next part of one. */
export const handler = lambdaFunction(async (event: SQSEvent | Tick, signal) => {
  if (!('Records' in event)) {
    const streams = await beginSnapshots(deps);
    logger.info('snapshots begun', { streams });
    return;
  }
  // A batch holds one message.
  for (const { body } of (event as SQSEvent).Records) {
    const message = decodeSnapshotMessage(body);
    await takePart(message, deps, signal);
    const { stream, part } = message;
    logger.info('snapshot taken', { stream, part });
  }
});
