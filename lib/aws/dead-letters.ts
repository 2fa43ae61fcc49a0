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

/** Long enough to work through all of them, and short enough that one that could not be put back is soon there again. */
const holdSeconds = 60;
/** With any wait SQS asks all of its servers: with none it may answer nothing though there is a message. */
const waitSeconds = 2;
/** SQS gives no more at a time. */
const mostAtOnce = 10;

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
    try {
      while (found.length < max) {
        const letters = await this.#receive(Math.min(mostAtOnce, max - found.length));
        if (letters.length === 0) break;
        found.push(...letters);
      }
    } finally {
      await this.#putBack(found);
    }
    return found.sort((a, b) => a.sentAt - b.sentAt);
  }

  /** @returns how many there were */
  discard(): Promise<number> {
    return this.#forEach((letter) => this.#delete(letter));
  }

  /** Sends them to the queue that they came from. One that is out of date does nothing there. @returns how many */
  redrive(pagesUrl: string): Promise<number> {
    return this.#forEach(async (letter) => {
      // Sent first: twice does no harm, and not at all would.
      await this.#client.send(new SendMessageCommand({ QueueUrl: pagesUrl, MessageBody: letter.body }));
      await this.#delete(letter);
    });
  }

  /** Those that `work` does not come to, because it fails, are put back at once. @returns how many there were */
  async #forEach(work: (letter: DeadLetter) => Promise<void>): Promise<number> {
    let count = 0;
    for (;;) {
      const letters = await this.#receive(mostAtOnce);
      if (letters.length === 0) return count;
      let done = 0;
      try {
        for (const letter of letters) {
          await work(letter);
          done += 1;
        }
      } finally {
        await this.#putBack(letters.slice(done));
      }
      count += done;
    }
  }

  /** @returns none if the queue is empty, but for those that somebody else holds */
  async #receive(max: number): Promise<readonly DeadLetter[]> {
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queueUrl,
        MaxNumberOfMessages: max,
        VisibilityTimeout: holdSeconds,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    return Messages.map(({ Body = '', ReceiptHandle = '', Attributes }) => ({
      body: Body,
      sentAt: Number(Attributes?.SentTimestamp ?? 0),
      receiptHandle: ReceiptHandle,
    }));
  }

  /** One that cannot be put back is there again when its hold is over, which is no reason to fail. */
  async #putBack(letters: readonly DeadLetter[]): Promise<void> {
    await Promise.allSettled(
      letters.map(({ receiptHandle }) =>
        this.#client.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: this.#queueUrl,
            ReceiptHandle: receiptHandle,
            VisibilityTimeout: 0,
          }),
        ),
      ),
    );
  }

  async #delete({ receiptHandle }: DeadLetter): Promise<void> {
    await this.#client.send(
      new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle: receiptHandle }),
    );
  }
}
