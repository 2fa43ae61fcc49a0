import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { PublishCommand, type PublishCommandInput } from '@aws-sdk/client-sns';
import { afterEach, describe, expect, it } from 'vitest';

import {
  startEmbeddedQueues,
  type EmbeddedQueues,
} from '../../../../infra/emulator/embedded/embedded-queues.ts';
import { newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import { localArn } from '../../../../infra/emulator/template/local-account.ts';
import type { QueueModel, TemplateModel } from '../../../../infra/emulator/template/template-model.ts';

let queues: EmbeddedQueues | undefined;

afterEach(async () => {
  await queues?.close();
  queues = undefined;
});

async function start(
  template: Partial<Pick<TemplateModel, 'queues' | 'topics' | 'subscriptions'>>,
): Promise<EmbeddedQueues> {
  queues = await startEmbeddedQueues(
    { queues: [], topics: [], subscriptions: [], ...template },
    newAccessKey(),
  );
  return queues;
}

function queue(name: string, redrive: QueueModel['redrive'] = null): QueueModel {
  return { name, arn: localArn('sqs', name), attributes: { VisibilityTimeout: '1' }, redrive };
}

describe('the embedded queues', () => {
  it('listen on loopback only, and have URLs that resolve', async () => {
    const { endpoint, urlOf, sqs, depthOf } = await start({ queues: [queue('pages')] });
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('pages'), MessageBody: 'x' }));
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('pages'), MessageBody: 'y', DelaySeconds: 60 }));
    expect(await depthOf('pages')).toEqual({ visible: 1, inFlight: 0, delayed: 1 });
  });

  it('move what was received too often to the dead letters, in whatever order the template has them', async () => {
    const dead = queue('dead');
    const pages = queue('pages', { deadLetterArn: dead.arn, maxReceiveCount: 1 });
    const { urlOf, sqs, depthOf } = await start({ queues: [pages, dead] });
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('pages'), MessageBody: 'poison' }));
    const receive = new ReceiveMessageCommand({ QueueUrl: urlOf('pages'), WaitTimeSeconds: 2 });
    expect((await sqs.send(receive)).Messages).toHaveLength(1);
    expect((await sqs.send(receive)).Messages ?? []).toHaveLength(0);
    expect(await depthOf('dead')).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  it('refuse a dead-letter queue that the template does not have', async () => {
    const pages = queue('pages', { deadLetterArn: localArn('sqs', 'gone'), maxReceiveCount: 1 });
    await expect(start({ queues: [pages] })).rejects.toThrow(
      'The dead-letter queue of pages is not in the template',
    );
  });

  it('hand over what a topic sends', async () => {
    const arn = localArn('sns', 'on-call');
    const { sns, takeNotifications } = await start({
      topics: [{ name: 'on-call', arn }],
      subscriptions: [{ TopicArn: arn, Protocol: 'email', Endpoint: 'on-call@example.com' }],
    });
    await sns.send(new PublishCommand({ TopicArn: arn, Subject: 'ALARM: "x"', Message: '{"a":1}' }));
    expect(takeNotifications()).toEqual([{ topic: 'on-call', subject: 'ALARM: "x"', message: '{"a":1}' }]);
    expect(takeNotifications()).toEqual([]);
  });

  it('hand over what an e-mail would say, and nothing that was refused', async () => {
    const TopicArn = localArn('sns', 'on-call');
    const { sns, takeNotifications } = await start({ topics: [{ name: 'on-call', arn: TopicArn }] });
    const several = JSON.stringify({ default: '{"a":1}', email: 'for people' });
    await sns.send(new PublishCommand({ TopicArn, MessageStructure: 'json', Message: several }));
    const nowhere = new PublishCommand({ TopicArn: localArn('sns', 'gone'), Message: 'lost' });
    await expect(sns.send(nowhere)).rejects.toThrow();
    expect(takeNotifications()).toEqual([
      { topic: 'on-call', subject: 'AWS Notification Message', message: 'for people' },
    ]);
  });
});

describe('Publish', () => {
  const TopicArn = localArn('sns', 'on-call');
  const listener = queue('listener');

  async function published(input: Partial<PublishCommandInput>) {
    const { sns, sqs, urlOf } = await start({
      queues: [listener],
      topics: [{ name: 'on-call', arn: TopicArn }],
      subscriptions: [{ TopicArn, Protocol: 'sqs', Endpoint: listener.arn }],
    });
    await sns.send(new PublishCommand({ TopicArn, Message: 'plain', ...input }));
    const receive = new ReceiveMessageCommand({ QueueUrl: urlOf('listener'), MaxNumberOfMessages: 10 });
    const { Messages = [] } = await sqs.send(receive);
    return Messages.map(({ Body }) => {
      const { Subject, Message } = JSON.parse(Body ?? '') as Record<string, unknown>;
      return { Subject, Message };
    });
  }

  const Subject = 'ALARM: "a" (1 of 2)';

  it.each([
    ['its own', { default: 'for all', sqs: '{"a":1}', email: 'for people' }, '{"a":1}'],
    ['the default', { default: 'for ällé', email: 'for people' }, 'for ällé'],
    ['the default, if its own is no text,', { default: 'for all', sqs: { a: 1 } }, 'for all'],
  ])('brings a queue %s of several messages, and the subject', async (_, messages, Message) => {
    const several = { MessageStructure: 'json', Message: JSON.stringify(messages), Subject };
    expect(await published(several)).toEqual([{ Subject, Message }]);
  });

  it('brings one message as it is, JSON or not, with or without a subject', async () => {
    const Message = '{"default":"a"}';
    expect(await published({ Message })).toEqual([{ Subject: undefined, Message }]);
    await queues?.close();
    expect(await published({ Subject })).toEqual([{ Subject, Message: 'plain' }]);
  });

  it.each([
    ['no JSON', 'plain', 'JSON message body failed to parse'],
    ['no object', '["default"]', 'JSON message body failed to parse'],
    ['no default', '{"sqs":"a"}', 'No default entry in JSON message body'],
    ['a default that is no text', '{"default":1}', 'No default entry in JSON message body'],
  ])('refuses several messages that are %s', async (_, Message, problem) => {
    await expect(published({ MessageStructure: 'json', Message })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `Invalid parameter: Message Structure - ${problem}`,
    });
  });

  it('takes a subject of 100 characters', async () => {
    expect(await published({ Subject: 'a'.repeat(100) })).toMatchObject([{ Subject: 'a'.repeat(100) }]);
  });

  it.each([
    ['of 101 characters', 'a'.repeat(101)],
    ['that is not ASCII', 'ALARM – a'],
    ['with a line break', 'a\nb'],
    ['that begins with a space', ' a'],
    ['of nothing', ''],
  ])('refuses a subject %s', async (_, wrong) => {
    await expect(published({ Subject: wrong })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Subject',
      $metadata: { httpStatusCode: 400 },
    });
  });
});
