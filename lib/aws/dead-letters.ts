import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** A message that no function could handle. */
export interface DeadLetter {
  readonly body: string;
  /** When it was sent first, epoch milliseconds. */
  readonly sentAt: number;
  readonly receiptHandle: string;
}

/** Long enough to look at all of them, and short enough that one that is not put back is soon there again. */
const lookSeconds = 60;
/** SQS gives up to ten at a time, and with short polling perhaps none though there are some. */
const emptyAnswers = 3;

/** The dead-letter queue of one connection, for a person to look into. */
export class DeadLetters {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  /** As SQS counts them: about. */
  async count(): Promise<number> {
    const { Attributes = {} } = await this.#client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return (
      Number(Attributes['ApproximateNumberOfMessages'] ?? 0) +
      Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0)
    );
  }

  /** Up to `max` of them, put back at once; oldest first. */
  async look(max: number): Promise<readonly DeadLetter[]> {
    const found: DeadLetter[] = [];
    for await (const letter of this.#take()) {
      found.push(letter);
      if (found.length >= max) break;
    }
    for (const { receiptHandle } of found) {
      await this.#client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: this.#queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: 0,
        }),
      );
    }
    return found.sort((a, b) => a.sentAt - b.sentAt);
  }

  /** @returns how many there were */
  async discard(): Promise<number> {
    let count = 0;
    for await (const letter of this.#take()) {
      await this.#delete(letter);
      count += 1;
    }
    return count;
  }

  /** Sends them to the queue that they came from. One that is out of date does nothing there. @returns how many */
  async redrive(pagesUrl: string): Promise<number> {
    let count = 0;
    for await (const letter of this.#take()) {
      // Sent first: twice does no harm, and not at all would.
      await this.#client.send(new SendMessageCommand({ QueueUrl: pagesUrl, MessageBody: letter.body }));
      await this.#delete(letter);
      count += 1;
    }
    return count;
  }

  async *#take(): AsyncGenerator<DeadLetter, void, undefined> {
    for (let empty = 0; empty < emptyAnswers;) {
      const { Messages = [] } = await this.#client.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#queueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: lookSeconds,
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
      );
      empty = Messages.length === 0 ? empty + 1 : 0;
      for (const { Body = '', ReceiptHandle = '', Attributes } of Messages) {
        yield {
          body: Body,
          sentAt: Number(Attributes?.SentTimestamp ?? 0),
          receiptHandle: ReceiptHandle,
        };
      }
    }
  }

  async #delete({ receiptHandle }: DeadLetter): Promise<void> {
    await this.#client.send(
      new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle: receiptHandle }),
    );
  }
}
