import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { clientConfig } from '../../../lib/aws/clients.ts';
import { DeadLetters } from '../../../lib/aws/dead-letters.ts';
import { embeddedCredentials } from '../../support/embedded-credentials.ts';
import { startEmbeddedQueues, type EmbeddedQueues } from '../../support/embedded-queues.ts';

let queues: EmbeddedQueues;
beforeAll(async () => {
  queues = await startEmbeddedQueues();
});
afterAll(() => queues.stop());

/** A queue that answers nothing to short polling, as SQS may, and whose client fails at the n-th deletion if that is given. */
async function queueOf(name: string, messages: number, failingDeletion = 0) {
  const url = await queues.createQueue(name);
  for (let index = 0; index < messages; index += 1) {
    await queues.client.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: `letter ${String(index)}` }),
    );
  }
  const client = new SQSClient({ ...clientConfig, ...embeddedCredentials, endpoint: queues.endpoint });
  let deletions = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const { commandName } = context as { commandName?: string };
      const input = args.input as { WaitTimeSeconds?: number };
      if (commandName === 'ReceiveMessageCommand' && (input.WaitTimeSeconds ?? 0) === 0) {
        return { output: { $metadata: {} }, response: {} };
      }
      if (commandName === 'DeleteMessageCommand' && (deletions += 1) === failingDeletion) {
        throw new Error('no deletion');
      }
      return next(args);
    },
    { step: 'initialize' },
  );
  return { url, letters: new DeadLetters(client, url) };
}

async function contents(name: string): Promise<{ ready: number; held: number }> {
  const { messages } = await queues.inspect(name);
  return { ready: messages.ready.length, held: messages.inflight.length };
}

describe('DeadLetters', () => {
  it('finds all of a small queue, and puts them back at once', async () => {
    const { letters } = await queueOf('small', 3);
    expect((await letters.look(100)).map(({ body }) => body)).toEqual(['letter 0', 'letter 1', 'letter 2']);
    expect(await contents('small')).toEqual({ ready: 3, held: 0 });
  });

  it.each([1, 7, 12])('holds none beyond the %i that are wanted', async (max) => {
    const name = `large-${String(max)}`;
    const { letters } = await queueOf(name, 15);
    expect(await letters.look(max)).toHaveLength(max);
    expect(await contents(name)).toEqual({ ready: 15, held: 0 });
  });

  it('sends all of them back to their queue', async () => {
    const { letters } = await queueOf('to-redrive', 12);
    const pages = await queues.createQueue('pages');
    expect(await letters.redrive(pages)).toBe(12);
    expect(await contents('to-redrive')).toEqual({ ready: 0, held: 0 });
    expect(await contents('pages')).toEqual({ ready: 12, held: 0 });
  });

  it('puts back those that it does not come to, because it fails', async () => {
    const { letters } = await queueOf('failing', 12, 4);
    await expect(letters.discard()).rejects.toThrow('no deletion');
    expect(await contents('failing')).toEqual({ ready: 9, held: 0 });
    expect(await letters.discard()).toBe(9);
    expect(await letters.count()).toBe(0);
  });
});
