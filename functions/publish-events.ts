import { setTimeout as sleep } from 'node:timers/promises';

import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';

import { toldWriteOf } from '../lib/aws/checkpoint-writes.ts';
import { tell, type ToldWrite } from '../lib/events/tell.ts';
import { bindTellDependencies } from '../lib/runtime/tell-dependencies.ts';
import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logEvents, logger } from '../lib/runtime/logger.ts';

// Runs on a cold start only.
const deps = bindTellDependencies();

/** Before a write is shown again whose run's lines are still on their way: Lambda does it at once. */
const pauseMs = 2000;

/** Writes of checkpoints, without those of pages, and of schemas. What cannot be told yet is shown again, and all that is behind it. */
export const handler = lambdaFunction(
  async ({ Records }: DynamoDBStreamEvent, signal): Promise<DynamoDBBatchResponse> => {
    const shown = Records.flatMap((record) => {
      const write = readableWriteOf(record);
      return write === null ? [] : [{ record, write }];
    });
    const { events, again } = await tell(
      shown.map(({ write }) => write),
      deps,
      signal,
    );
    logEvents(events);
    const left = again === null ? undefined : shown[again]?.record;
    if (left === undefined) return { batchItemFailures: [] };
    await sleep(pauseMs, undefined, { signal });
    return { batchItemFailures: [{ itemIdentifier: sequenceOf(left) }] };
  },
);

/** Null for one that cannot be read, too: the others are not to wait for it until all of them are too old. */
function readableWriteOf(record: DynamoDBRecord): ToldWrite | null {
  try {
    return toldWriteOf(record);
  } catch (error) {
    logger.error('an event is lost: a checkpoint or a schema cannot be read', error as Error);
    return null;
  }
}

function sequenceOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb?.SequenceNumber ?? '';
}
