import { CreateQueueCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';

import { clientConfig } from '../../lib/aws/clients.ts';
import { embeddedCredentials } from './embedded-credentials.ts';

export interface EmbeddedQueues {
  readonly endpoint: string;
  readonly client: SQSClient;
  /** @returns the URL of a new queue. */
  createQueue(name: string, attributes?: Readonly<Record<string, string>>): Promise<string>;
  /** One long poll; undefined if nothing came within `waitSeconds`. */
  receive(queueUrl: string, waitSeconds: number): Promise<Message | undefined>;
  /** What is in the queue, without touching it. */
  inspect(name: string): Promise<QueueContents>;
  stop(): Promise<void>;
}

export interface QueueContents {
  readonly messages: {
    readonly ready: readonly { readonly body: string }[];
    readonly delayed: readonly { readonly body: string; readonly delayUntil?: number }[];
    readonly inflight: readonly { readonly visibilityDeadline: number }[];
  };
}

/** fauxqs in this process, over HTTP on 127.0.0.1. `startFauxqs` would listen on every interface. */
export async function startEmbeddedQueues(): Promise<EmbeddedQueues> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  const client = new SQSClient({ ...clientConfig, ...embeddedCredentials, endpoint });
  return {
    endpoint,
    client,
    async createQueue(name, attributes = {}) {
      await client.send(new CreateQueueCommand({ QueueName: name, Attributes: { ...attributes } }));
      // The URL it answers with has a host that does not resolve; it ignores the host it is asked by.
      return `${endpoint}/000000000000/${name}`;
    },
    async receive(queueUrl, waitSeconds) {
      const { Messages: messages } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
      );
      return messages?.[0];
    },
    async inspect(name) {
      const response = await fetch(`${endpoint}/_fauxqs/queues/${name}`);
      return (await response.json()) as QueueContents;
    },
    async stop() {
      client.destroy();
      await app.close();
    },
  };
}
