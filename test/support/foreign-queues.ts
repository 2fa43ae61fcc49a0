import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import type { QueueServer } from './queue-server.ts';

/** Of MiniStack: account, region, queue. Times are whole seconds, cut off. */
const peeked = z.object({
  messages: z.record(
    z.string(),
    z.record(
      z.string(),
      z.record(
        z.string(),
        z.array(
          z.object({
            Body: z.string(),
            VisibleAt: z.number(),
            IsVisible: z.boolean(),
            ReceiveCount: z.number(),
          }),
        ),
      ),
    ),
  ),
});

/** The queues of a MiniStack, which tells what is in them in a way of its own. */
export function foreignQueuesAt(endpoint: string): QueueServer {
  return {
    endpoint,
    suffix: `-${randomUUID()}`,
    async inspect(name) {
      const url = `${endpoint}/000000000000/${name}`;
      const now = Date.now();
      const response = await fetch(`${endpoint}/_ministack/sqs/messages?QueueUrl=${encodeURIComponent(url)}`);
      const regions = Object.values(peeked.parse(await response.json()).messages);
      const all = regions.flatMap((region) => Object.values(region).flatMap((queue) => Object.values(queue)));
      const messages = all.flat().map(({ Body: body, VisibleAt, IsVisible, ReceiveCount }) => {
        // Both are cut off: their difference is that of the times themselves, within one second of the clock.
        const at = now + (VisibleAt - Math.floor(now / 1000)) * 1000;
        return { body, at, isVisible: IsVisible, received: ReceiveCount > 0 };
      });
      return {
        messages: {
          ready: messages.filter(({ isVisible }) => isVisible),
          delayed: messages
            .filter(({ isVisible, received }) => !isVisible && !received)
            .map(({ body, at }) => ({ body, delayUntil: at })),
          inflight: messages
            .filter(({ isVisible, received }) => !isVisible && received)
            .map(({ at }) => ({ visibilityDeadline: at })),
        },
      };
    },
    untilYoung: () => sleep(1000 - (Date.now() % 1000)),
    close: () => Promise.resolve(),
  };
}
