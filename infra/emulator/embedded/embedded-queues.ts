import {
  DeleteMessageCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { CreateTopicCommand, SubscribeCommand, type SNSClient } from '@aws-sdk/client-sns';
import { buildApp } from 'fauxqs';
import { z } from 'zod';

import { lastPart, localArn, localRegion, queueUrl } from '../template/local-account.ts';
import type { QueueModel, TemplateModel } from '../template/template-model.ts';
import { localSns, localSqs } from './clients.ts';
import { guard } from './guard.ts';
import { publishToSns } from './publish-to-sns.ts';

/** What a topic sent to its subscribers. */
export interface Notification {
  readonly topic: string;
  readonly subject: string;
  readonly message: string;
}

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
  /** What the topics have sent since the last time this was asked. */
  takeNotifications(): Promise<Notification[]>;
  close(): Promise<void>;
}

/** Subscribed to every topic: stands for the people who are on call. */
const onCallQueue = 'local-on-call';

/**
 * Starts fauxqs, for those who know the access key, and makes the template's queues and topics. All of it is in memory, and
 * gone at the end.
 */
export async function startEmbeddedQueues(
  template: Pick<TemplateModel, 'queues' | 'topics' | 'subscriptions'>,
  accessKey: string,
): Promise<EmbeddedQueues> {
  // Not startFauxqs: it listens on every interface, and its queue URLs have a host that only resolves on some machines.
  const app = buildApp({ logger: false, defaultRegion: localRegion });
  publishToSns(app);
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
    await createTopics(sqs, sns, template);
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
    takeNotifications: () => takeNotifications(sqs, urlOf(onCallQueue)),
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
  sqs: SQSClient,
  sns: SNSClient,
  { topics, subscriptions }: Pick<TemplateModel, 'topics' | 'subscriptions'>,
): Promise<void> {
  await sqs.send(new CreateQueueCommand({ QueueName: onCallQueue }));
  for (const { name, arn } of topics) {
    await sns.send(new CreateTopicCommand({ Name: name }));
    await sns.send(
      new SubscribeCommand({ TopicArn: arn, Protocol: 'sqs', Endpoint: localArn('sqs', onCallQueue) }),
    );
  }
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

/** Of the e-mail that SNS makes of a message without a subject. */
const subjectOfNone = 'AWS Notification Message';

const envelope = z.object({
  TopicArn: z.string(),
  Subject: z.string().default(subjectOfNone),
  Message: z.string(),
});

async function takeNotifications(sqs: SQSClient, url: string): Promise<Notification[]> {
  const taken: Notification[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (Messages.length === 0) return taken;
    for (const { Body, ReceiptHandle } of Messages) {
      const { TopicArn, Subject, Message } = envelope.parse(JSON.parse(Body ?? ''));
      taken.push({ topic: lastPart(TopicArn), subject: Subject, message: Message });
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    }
  }
}
