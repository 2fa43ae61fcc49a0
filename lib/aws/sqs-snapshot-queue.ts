import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

import { snapshotMessage, type SnapshotMessage } from '../changes/snapshot.ts';

/** Where the next part of a snapshot is asked for. */
export class SqsSnapshotQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async send(message: SnapshotMessage): Promise<void> {
    await this.#client.send(
      new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody: JSON.stringify(message) }),
    );
  }
}

/** @throws Error without the text, which may hold an id */
export function decodeSnapshotMessage(body: string): SnapshotMessage {
  try {
    return snapshotMessage.parse(JSON.parse(body));
  } catch {
    throw new Error('A message asks for no part of a snapshot');
  }
}
