import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { PublishCommand } from '@aws-sdk/client-sns';
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
    expect(await takeNotifications()).toEqual([
      { topic: 'on-call', subject: 'ALARM: "x"', message: '{"a":1}' },
    ]);
    expect(await takeNotifications()).toEqual([]);
  });
});
