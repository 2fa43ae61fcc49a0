import { randomUUID } from 'node:crypto';

import { PublishCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';

import type { EmbeddedQueues } from '../embedded/embedded-queues.ts';
import { functionArn } from '../template/local-account.ts';
import type { AsynchronousModel } from '../template/template-model.ts';

/** An event that Lambda gives up: a function that was invoked asynchronously has failed at it. */
export interface DroppedEvent {
  readonly functionName: string;
  readonly event: unknown;
  readonly condition: 'RetriesExhausted' | 'EventAgeExceeded';
  /** How often the function was called with it; at least once. */
  readonly invocations: number;
  /** What it failed with the last time. */
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** To where the function's failures go: a topic hears of it without a subject. */
export async function sendDropped(
  dropped: DroppedEvent,
  onFailure: AsynchronousModel['onFailure'],
  { sns, sqs, urlOf }: Pick<EmbeddedQueues, 'sns' | 'sqs' | 'urlOf'>,
): Promise<void> {
  if (onFailure === null) return;
  const record = recordOf(dropped);
  if ('topicArn' in onFailure) {
    await sns.send(new PublishCommand({ TopicArn: onFailure.topicArn, Message: record }));
  } else {
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(onFailure.queueName), MessageBody: record }));
  }
}

/**
 * What Lambda sends to a destination, JSON. Of the error it also gives `errorType` and `trace` where the function has thrown one.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
function recordOf({ functionName, event, condition, invocations, reason, at }: DroppedEvent): string {
  return JSON.stringify({
    version: '1.0',
    timestamp: new Date(at).toISOString(),
    requestContext: {
      requestId: randomUUID(),
      functionArn: `${functionArn(functionName)}:$LATEST`,
      condition,
      approximateInvokeCount: invocations,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorMessage: reason },
  });
}
