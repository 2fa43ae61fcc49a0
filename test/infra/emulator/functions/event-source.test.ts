import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';

import {
  startEmbeddedQueues,
  type EmbeddedQueues,
} from '../../../../infra/emulator/embedded/embedded-queues.ts';
import { newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import { EventSource, succeeded } from '../../../../infra/emulator/functions/event-source.ts';
import type { Invocation } from '../../../../infra/emulator/functions/function-worker.ts';
import { localArn } from '../../../../infra/emulator/template/local-account.ts';
import type { MappingModel } from '../../../../infra/emulator/template/template-model.ts';

interface Record1 {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}
type Handler = (record: Record1, event: unknown) => Invocation | Promise<Invocation>;

const running: { source: EventSource; queues: EmbeddedQueues }[] = [];

afterEach(async () => {
  for (const { source, queues } of running.splice(0)) {
    await source.stop();
    await queues.close();
  }
});

const mapping: MappingModel = {
  functionName: 'fn',
  queueName: 'pages',
  batchSize: 1,
  maximumConcurrency: 2,
  reportsItemFailures: true,
};

async function start(handler: Handler, maxReceiveCount = 3): Promise<EmbeddedQueues> {
  const dead = { name: 'dead', arn: localArn('sqs', 'dead'), attributes: {}, redrive: null };
  const pages = {
    name: 'pages',
    arn: localArn('sqs', 'pages'),
    attributes: { VisibilityTimeout: '1' },
    redrive: { deadLetterArn: dead.arn, maxReceiveCount },
  };
  const queues = await startEmbeddedQueues(
    { queues: [pages, dead], topics: [], subscriptions: [] },
    newAccessKey(),
  );
  const source = new EventSource({
    mapping,
    sqs: queues.sqs,
    queueUrl: queues.urlOf('pages'),
    invoke: async (_, event) => {
      const [record] = (event as { Records: [Record1] }).Records;
      return handler(record, event);
    },
    onError: (error) => {
      throw error;
    },
  });
  source.start();
  running.push({ source, queues });
  return queues;
}

function send({ sqs, urlOf }: EmbeddedQueues, body: string) {
  return sqs.send(new SendMessageCommand({ QueueUrl: urlOf('pages'), MessageBody: body }));
}

async function untilEmpty({ depthOf }: EmbeddedQueues): Promise<void> {
  await expect.poll(() => depthOf('pages')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
}

const fine: Invocation = { kind: 'returned', value: { batchItemFailures: [] } };
const failed = ({ messageId }: Record1): Invocation => ({
  kind: 'returned',
  value: { batchItemFailures: [{ itemIdentifier: messageId }] },
});

describe('an event source mapping', () => {
  it('hands over each message as Lambda does, and deletes it after a success', async () => {
    const events: unknown[] = [];
    const queues = await start((_, event) => {
      events.push(event);
      return fine;
    });
    await send(queues, '{"page":1}');
    await expect.poll(() => events).toHaveLength(1);
    await untilEmpty(queues);
    expect(events).toEqual([
      {
        Records: [
          {
            messageId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
            receiptHandle: expect.any(String) as string,
            body: '{"page":1}',
            attributes: expect.objectContaining({
              ApproximateReceiveCount: '1',
              SentTimestamp: expect.stringMatching(/^\d+$/) as string,
            }) as object,
            messageAttributes: {},
            md5OfBody: expect.any(String) as string,
            eventSource: 'aws:sqs',
            eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:pages',
            awsRegion: 'us-east-1',
          },
        ],
      },
    ]);
  });

  it('leaves a reported failure in the queue, and hands it over again when it is visible', async () => {
    const counts: string[] = [];
    const queues = await start((record) => {
      counts.push(record.attributes.ApproximateReceiveCount);
      return counts.length < 2 ? failed(record) : fine;
    });
    const sentAt = Date.now();
    await send(queues, 'x');
    await expect.poll(() => counts).toEqual(['1', '2']);
    expect(Date.now() - sentAt).toBeGreaterThan(950);
    await untilEmpty(queues);
  });

  it('moves a message to the dead letters when it has failed often enough', async () => {
    const counts: string[] = [];
    const queues = await start((record) => {
      counts.push(record.attributes.ApproximateReceiveCount);
      return { kind: 'failed', reason: 'Error: always' };
    }, 2);
    await send(queues, 'poison');
    await expect.poll(() => queues.depthOf('dead')).toMatchObject({ visible: 1 });
    expect(counts).toEqual(['1', '2']);
    const { Messages } = await queues.sqs.send(new ReceiveMessageCommand({ QueueUrl: queues.urlOf('dead') }));
    expect(Messages?.[0]?.Body).toBe('poison');
  });

  it('has no more invocations at once than it may', async () => {
    let now = 0;
    let most = 0;
    let done = 0;
    const queues = await start(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 50));
      now -= 1;
      done += 1;
      return fine;
    });
    await Promise.all(Array.from({ length: 6 }, (_, page) => send(queues, String(page))));
    await expect.poll(() => done).toBe(6);
    expect(most).toBe(2);
  });

  it('waits at its end for what it has begun, and begins nothing more', async () => {
    const bodies: string[] = [];
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const queues = await start(async ({ body }) => {
      begin();
      await new Promise((resolve) => setTimeout(resolve, 100));
      bodies.push(body);
      return fine;
    });
    await send(queues, 'begun');
    await begun;
    const stopped = running[0]?.source.stop();
    await send(queues, 'too late');
    await stopped;
    expect(bodies).toEqual(['begun']);
  });
});

describe('a partial batch response', () => {
  const messages = [{ MessageId: 'a' }, { MessageId: 'b' }];
  const returned = (value: unknown): Invocation => ({ kind: 'returned', value });

  it.each([
    ['nothing', null, ['a', 'b']],
    ['an empty object', {}, ['a', 'b']],
    ['an empty list', { batchItemFailures: [] }, ['a', 'b']],
    ['null for a list', { batchItemFailures: null }, ['a', 'b']],
    ['one failure', { batchItemFailures: [{ itemIdentifier: 'a' }] }, ['b']],
    ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }, []],
    ['a null id', { batchItemFailures: [{ itemIdentifier: null }] }, []],
    ['a wrong key', { batchItemFailures: [{ id: 'a' }] }, []],
    ['an unknown id', { batchItemFailures: [{ itemIdentifier: 'c' }] }, []],
    ['a text', 'ok', []],
  ])('of %s', (_, value, expected) => {
    expect(succeeded(messages, returned(value), true).map(({ MessageId }) => MessageId)).toEqual(expected);
  });

  it('is not looked at where the mapping does not ask for it', () => {
    expect(succeeded(messages, returned({ batchItemFailures: [{ itemIdentifier: 'a' }] }), false)).toEqual(
      messages,
    );
  });

  it('does not matter after an error', () => {
    expect(succeeded(messages, { kind: 'failed', reason: 'x' }, false)).toEqual([]);
  });
});
