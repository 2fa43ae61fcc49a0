import { beforeEach, describe, expect, it } from 'vitest';

import type { PageMessage } from '../../../lib/sync/message.ts';
import type { PageQueue } from '../../../lib/sync/ports.ts';

export interface PageQueueHarness {
  readonly queue: PageQueue & { defer(receiptHandle: string, seconds: number): Promise<void> };
  /** What waits in the queue and for how many more seconds, to the second. */
  waiting(): Promise<readonly { readonly message: PageMessage; readonly seconds: number }[]>;
  receive(): Promise<{ readonly message: PageMessage; readonly receiptHandle: string } | undefined>;
  /** For how many more seconds the one message in flight stays invisible, to the second. */
  invisibleFor(): Promise<number>;
}

const message: PageMessage = { v: 1, stream: 'mobaro/users', run: 'run-1', sequence: 3 };

export function describePageQueue(name: string, makeHarness: () => Promise<PageQueueHarness>): void {
  describe(`${name} keeps the contract of PageQueue`, () => {
    let harness: PageQueueHarness;

    beforeEach(async () => {
      harness = await makeHarness();
    });

    it('hands on the message and nothing more', async () => {
      const more = { ...message, apiKey: 'made-up' };
      await harness.queue.send(more, 0);
      expect((await harness.receive())?.message).toMatchObject(message);
      expect(await harness.receive()).toBeUndefined();
    });

    it.each([
      [30, 30],
      [0.2, 1],
      [900, 900],
      [901, 900],
      [Number.POSITIVE_INFINITY, 900],
    ])('delays by %d s: %d', async (asked, seconds) => {
      await harness.queue.send(message, asked);
      expect(await harness.waiting()).toEqual([{ message, seconds }]);
      expect(await harness.receive()).toBeUndefined();
    });

    it('takes a negative delay as none', async () => {
      await harness.queue.send(message, -5);
      expect((await harness.receive())?.message).toEqual(message);
    });

    it.each([
      [7, 7],
      [7.1, 8],
      [39_600, 39_600],
      [50_000, 39_600],
    ])('defers by %d s: %d', async (asked, seconds) => {
      await harness.queue.send(message, 0);
      const received = await harness.receive();
      const start = performance.now();
      await harness.queue.defer(received?.receiptHandle ?? '', asked);
      const left = await harness.invisibleFor();
      // What has passed since is gone: on a busy machine half a second and more.
      const passed = Math.round((performance.now() - start) / 1000);
      expect(left).toBeLessThanOrEqual(seconds);
      expect(left).toBeGreaterThanOrEqual(seconds - passed);
      expect(await harness.receive()).toBeUndefined();
    });

    it('takes a negative deferral as none', async () => {
      await harness.queue.send(message, 0);
      const received = await harness.receive();
      await harness.queue.defer(received?.receiptHandle ?? '', -1);
      expect((await harness.receive())?.message).toEqual(message);
    });

    it('cannot defer what is not in flight', async () => {
      await expect(harness.queue.defer('nobody has this', 5)).rejects.toThrow();
    });
  });
}
