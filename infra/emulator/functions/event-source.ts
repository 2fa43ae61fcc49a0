import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';

import { localArn, localRegion } from '../template/local-account.ts';
import type { MappingModel } from '../template/template-model.ts';
import type { Invocation } from './function-worker.ts';

export interface EventSourceOptions {
  readonly mapping: MappingModel;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  /** Called when the queue cannot be read, which ends the polling. */
  readonly onError: (error: unknown) => void;
}

/**
 * How long one receive waits. Short, because it cannot be cut off at the end: fauxqs would hand the next message to a
 * poller that is gone.
 */
const waitSeconds = 1;

/** Polls a queue and hands its messages to a function, as Lambda's event source mapping for SQS does. */
export class EventSource {
  readonly #options: EventSourceOptions;
  readonly #handling = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #polling: Promise<void> | undefined;

  constructor(options: EventSourceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#polling = this.#poll().catch(this.#options.onError);
  }

  /** No message is handled that comes after it; resolves when the ones that were have been dealt with. */
  async stop(): Promise<void> {
    const { sqs, queueUrl } = this.#options;
    this.#stop.abort();
    // Ends the receive that waits. Without it that takes until its time is up, so it does not matter if this fails.
    await sqs
      .send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'the end' }))
      .catch(() => undefined);
    await this.#polling;
    await Promise.all(this.#handling);
  }

  async #poll(): Promise<void> {
    const { mapping, sqs, queueUrl } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: Math.min(10, mapping.batchSize),
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      // What came after the end is nobody's: the page it points at is asked for again by the next start.
      if (signal.aborted) return;
      if (Messages.length === 0) continue;
      const handled = this.#handle(Messages)
        .catch(this.#options.onError)
        .finally(() => this.#handling.delete(handled));
      this.#handling.add(handled);
      if (this.#handling.size >= mapping.maximumConcurrency) await Promise.race(this.#handling);
    }
  }

  /** Successes are deleted, and failures left alone: they come back when their visibility ends. */
  async #handle(messages: readonly Message[]): Promise<void> {
    const { mapping, sqs, queueUrl, invoke } = this.#options;
    const event = { Records: messages.map((message) => recordOf(message, mapping.queueName)) };
    const done = succeeded(messages, await invoke(mapping.functionName, event), mapping.reportsItemFailures);
    for (const { ReceiptHandle } of done) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  }
}

export const partialResponse = z
  .looseObject({ batchItemFailures: z.array(z.looseObject({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullable();

/**
 * The messages that are to be deleted. An error, or a response that cannot be understood or names a message that was not
 * in the batch, fails the whole batch.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function succeeded(
  messages: readonly Message[],
  invocation: Invocation,
  reportsItemFailures: boolean,
): readonly Message[] {
  if (invocation.kind === 'failed') return [];
  if (!reportsItemFailures) return messages;
  const response = partialResponse.safeParse(invocation.value);
  if (!response.success) return [];
  const failures = new Set(
    (response.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier),
  );
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  if ([...failures].some((id) => !known.has(id))) return [];
  return messages.filter(({ MessageId }) => MessageId !== undefined && !failures.has(MessageId));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
function recordOf(message: Message, queueName: string) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
        name,
        { dataType: DataType, stringValue: StringValue, stringListValues: [], binaryListValues: [] },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: localArn('sqs', queueName),
    awsRegion: localRegion,
  };
}
