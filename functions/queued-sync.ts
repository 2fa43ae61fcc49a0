import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

import { decodePageMessage } from '../lib/aws/page-message-body.ts';
import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logger, logPage } from '../lib/runtime/logger.ts';
import { bindSyncDependencies } from '../lib/runtime/sync-dependencies.ts';
import { redriveOf } from '../lib/sync/redrive.ts';
import { syncPage } from '../lib/sync/sync-page.ts';

/** Keeps the message in the queue, and is no fault: it is invisible until it may be tried again. */
class Redriven extends Error {
  override readonly name = 'Redriven';
}

/** Until a deployment has rolled out, in seconds. */
const rolloutSeconds = 60;

// Runs on a cold start only.
const deps = bindSyncDependencies();

/** A message: the next page of a run, or one that is tried again. */
export const handler = lambdaFunction(async (event: SQSEvent, signal): Promise<SQSBatchResponse> => {
  const processor = new BatchProcessor(EventType.SQS);
  const response = await processPartialResponse(
    event,
    (record: SQSRecord) => syncMessage(record, signal),
    processor,
    {
      // A batch holds one message, so every re-drive would be a "full batch failure".
      throwOnFullBatchFailure: false,
    },
  );
  const fault = processor.errors.find((error) => !(error instanceof Redriven));
  // Thrown, it counts in the function's error metric, and the message comes back after the queue's time-out.
  if (fault !== undefined) throw fault;
  return response;
});

/** Runs for every message. */
async function syncMessage(record: SQSRecord, signal: AbortSignal): Promise<void> {
  const body = decodePageMessage(record.body);
  switch (body.kind) {
    case 'foreign':
      // No version will ever understand it: thrown each time, until SQS moves it to the dead letters.
      throw new Error(`Message ${record.messageId} is not one of Pagekeeper's: ${body.reason}`);
    case 'newer':
      logger.info('a message of a newer version waits for it', { version: body.version });
      return redrive(record, rolloutSeconds);
    case 'page': {
      const page = await syncPage({ kind: 'message', message: body.message }, deps, signal);
      logPage(page);
      if (page.next === 'redrive') await redrive(record, page.delaySeconds ?? 0);
    }
  }
}

async function redrive(record: SQSRecord, seconds: number): Promise<void> {
  const plan = redriveOf(Number(record.attributes.ApproximateReceiveCount), seconds);
  // The body as it is: a newer version's message is not ours to write.
  if (plan.kind === 'replace') return deps.queue.sendAgain(record.body, plan.seconds);
  await deps.queue.defer(record.receiptHandle, plan.seconds);
  throw new Redriven();
}
