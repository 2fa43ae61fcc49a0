import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

import type { PageMessage } from '../sync/message.ts';
import type { PageQueue } from '../sync/ports.ts';
import { maxRedriveMs } from '../sync/transitions/standstill.ts';
import { encodePageMessage } from './page-message-body.ts';

/** SQS's limit for `DelaySeconds`. */
export const maxDelaySeconds = 900;

/**
 * The longest a message is deferred. SQS's limit of 12 hours counts from the receive, however often it is extended; an
 * hour of it is left, because to request more than remains is an error.
 */
export const maxDeferralSeconds = maxRedriveMs / 1000;

/** The page queue of one connection. */
export class SqsPageQueue implements PageQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  send(message: PageMessage, delaySeconds: number): Promise<void> {
    return this.sendAgain(encodePageMessage(message), delaySeconds);
  }

  /** Sends a body that was received, as it is. */
  async sendAgain(body: string, delaySeconds: number): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageBody: body,
        DelaySeconds: wholeSeconds(delaySeconds, maxDelaySeconds),
      }),
    );
  }

  /**
   * Re-drives a message that was received: keeps it invisible for `seconds` from now, rounded up to whole seconds and
   * clamped to 0 to 11 hours. It counts for this receive only; the invocation must then report the message as failed.
   */
  async defer(receiptHandle: string, seconds: number): Promise<void> {
    await this.#client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.#queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: wholeSeconds(seconds, maxDeferralSeconds),
      }),
    );
  }
}

/** Rounded up, so that nothing comes back before its time. */
function wholeSeconds(seconds: number, max: number): number {
  if (Number.isNaN(seconds)) throw new RangeError('A delay must be a number of seconds');
  return Math.min(max, Math.max(0, Math.ceil(seconds)));
}
