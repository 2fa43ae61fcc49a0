import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { decodePageMessage } from '../../../lib/aws/page-message-body.ts';
import { SqsPageQueue } from '../../../lib/aws/sqs-page-queue.ts';
import type { PageMessage } from '../../../lib/sync/message.ts';
import { describePageQueue } from '../../support/contracts/page-queue.ts';
import { startEmbeddedQueues, type EmbeddedQueues } from '../../support/embedded-queues.ts';

let queues: EmbeddedQueues;
beforeAll(async () => {
  queues = await startEmbeddedQueues();
});
afterAll(() => queues.stop());

const message: PageMessage = { v: 1, stream: 'mobaro/users', run: 'run-1', sequence: 3 };

function read(body: string | undefined): PageMessage {
  const decoded = decodePageMessage(body ?? '');
  if (decoded.kind !== 'page') throw new Error(`The body is ${decoded.kind}`);
  return decoded.message;
}

/** Within a second of the deadline that was set a moment ago. */
function secondsUntil(deadline: number): number {
  return Math.ceil((deadline - Date.now()) / 1000);
}

let round = 0;
describePageQueue('SqsPageQueue', async () => {
  const name = `contract-${++round}`;
  const url = await queues.createQueue(name);
  return {
    queue: new SqsPageQueue(queues.client, url),
    waiting: async () =>
      (await queues.inspect(name)).messages.delayed.map(({ body, delayUntil = 0 }) => ({
        message: read(body),
        seconds: secondsUntil(delayUntil),
      })),
    receive: async () => {
      const received = await queues.receive(url, 0);
      if (received === undefined) return undefined;
      return { message: read(received.Body), receiptHandle: received.ReceiptHandle ?? '' };
    },
    invisibleFor: async () =>
      secondsUntil((await queues.inspect(name)).messages.inflight[0]?.visibilityDeadline ?? 0),
  };
});

describe('SqsPageQueue', () => {
  it('lets a deferred message come back by itself, received once more', async () => {
    const url = await queues.createQueue('comes-back');
    const queue = new SqsPageQueue(queues.client, url);
    await queue.send(message, 0);
    const first = await queues.receive(url, 5);
    await queue.defer(first?.ReceiptHandle ?? '', 0.1);
    const again = await queues.receive(url, 5);
    expect(read(again?.Body)).toEqual(message);
    expect(again?.Attributes).toMatchObject({ ApproximateReceiveCount: '2' });
  });

  it('throws where there is no queue, so that nobody takes a message for sent', async () => {
    const nowhere = new SqsPageQueue(queues.client, `${queues.endpoint}/000000000000/nowhere`);
    await expect(nowhere.send(message, 0)).rejects.toThrow();
  });

  it('refuses a delay that is not a number', async () => {
    const queue = new SqsPageQueue(queues.client, `${queues.endpoint}/000000000000/comes-back`);
    await expect(queue.send(message, Number.NaN)).rejects.toThrow(RangeError);
    await expect(queue.defer('handle', Number.NaN)).rejects.toThrow(RangeError);
  });
});
