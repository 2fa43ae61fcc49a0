import { CreateQueueCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';

import { clientConfig } from '../../lib/aws/clients.ts';
import { embeddedCredentials } from './embedded-credentials.ts';
import { foreignEndpoint } from './foreign-endpoint.ts';
import { foreignQueuesAt } from './foreign-queues.ts';
import type { QueueContents, QueueServer } from './queue-server.ts';

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

/** fauxqs in this process, over HTTP on 127.0.0.1, or queues on a foreign server. */
export async function startEmbeddedQueues(): Promise<EmbeddedQueues> {
  const { endpoint, suffix, inspect, untilYoung, close } =
    foreignEndpoint === undefined ? await startFauxqs() : foreignQueuesAt(foreignEndpoint);
  const client = new SQSClient({ ...clientConfig, ...embeddedCredentials, endpoint });
  return {
    endpoint,
    client,
    async createQueue(name, attributes = {}) {
      const QueueName = `${name}${suffix}`;
      await client.send(new CreateQueueCommand({ QueueName, Attributes: { ...attributes } }));
      await untilYoung();
      // The URL that fauxqs answers with has a host that does not resolve; it ignores the host it is asked by.
      return `${endpoint}/000000000000/${QueueName}`;
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
    inspect: (name) => inspect(`${name}${suffix}`),
    async stop() {
      client.destroy();
      await close();
    },
  };
}

/** `startFauxqs` of the package itself would listen on every interface. */
async function startFauxqs(): Promise<QueueServer> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    endpoint,
    suffix: '',
    async inspect(name) {
      const response = await fetch(`${endpoint}/_fauxqs/queues/${name}`);
      return (await response.json()) as QueueContents;
    },
    untilYoung: () => Promise.resolve(),
    close: () => app.close(),
  };
}
