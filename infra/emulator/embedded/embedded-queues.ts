import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { CreateTopicCommand, SubscribeCommand, type SNSClient } from '@aws-sdk/client-sns';
import { buildApp } from 'fauxqs';

import { localRegion, queueUrl } from '../template/local-account.ts';
import type { QueueModel, TemplateModel } from '../template/template-model.ts';
import { localSns, localSqs } from './clients.ts';
import { guard } from './guard.ts';
import { publishToSns, type Notification } from './publish-to-sns.ts';

export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface EmbeddedQueues {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  urlOf(queueName: string): string;
  depthOf(queueName: string): Promise<QueueDepth>;
  /** What the topics have sent since the last time this was asked: whoever is on call is subscribed to each by mail. */
  takeNotifications(): Notification[];
  close(): Promise<void>;
}

/**
 * Starts fauxqs, for those who know the access key, and makes the template's queues and topics. All of it is in memory, and
 * gone at the end.
 */
export async function startEmbeddedQueues(
  template: Pick<TemplateModel, 'queues' | 'topics' | 'subscriptions'>,
  accessKey: string,
  onPublished: (mail: Notification) => void = () => undefined,
): Promise<EmbeddedQueues> {
  // Not startFauxqs: it listens on every interface, and its queue URLs have a host that only resolves on some machines.
  const app = buildApp({ logger: false, defaultRegion: localRegion });
  let mails: Notification[] = [];
  publishToSns(app, (mail) => {
    mails.push(mail);
    onPublished(mail);
  });
  await app.ready();
  guard(app.server, accessKey);
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  const sqs = localSqs(endpoint, accessKey);
  const sns = localSns(endpoint, accessKey);
  const close = async () => {
    sqs.destroy();
    sns.destroy();
    await app.close();
  };
  const urlOf = (name: string) => queueUrl(endpoint, name);
  try {
    await createQueues(sqs, template.queues);
    await createTopics(sns, template);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    endpoint,
    sqs,
    sns,
    urlOf,
    depthOf: (name) => depthOf(sqs, urlOf(name)),
    takeNotifications: () => {
      const taken = mails;
      mails = [];
      return taken;
    },
    close,
  };
}

async function createQueues(sqs: SQSClient, queues: readonly QueueModel[]): Promise<void> {
  // Dead-letter queues first: fauxqs takes a policy that names a queue which does not exist, and then never moves anything.
  const ordered = [...queues].sort((a, b) => Number(a.redrive !== null) - Number(b.redrive !== null));
  const made = new Set<string>();
  for (const { name, arn, attributes, redrive } of ordered) {
    if (redrive !== null && !made.has(redrive.deadLetterArn)) {
      throw new Error(`The dead-letter queue of ${name} is not in the template: ${redrive.deadLetterArn}`);
    }
    const policy = redrive && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: redrive.deadLetterArn,
        maxReceiveCount: redrive.maxReceiveCount,
      }),
    };
    await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { ...attributes, ...policy } }));
    made.add(arn);
  }
}

async function createTopics(
  sns: SNSClient,
  { topics, subscriptions }: Pick<TemplateModel, 'topics' | 'subscriptions'>,
): Promise<void> {
  for (const { name } of topics) await sns.send(new CreateTopicCommand({ Name: name }));
  for (const { TopicArn, Protocol, Endpoint } of subscriptions) {
    await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint }));
  }
}

async function depthOf(sqs: SQSClient, url: string): Promise<QueueDepth> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  return {
    visible: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
    inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
    delayed: Number(Attributes['ApproximateNumberOfMessagesDelayed'] ?? 0),
  };
}
