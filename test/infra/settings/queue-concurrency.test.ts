import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { queueConcurrencies } from '../../../infra/settings/queue-concurrency.ts';

describe('how many messages of each queue are handled at once', () => {
  it.each([
    [[1], [2]],
    [[4], [4]],
    [[30], [5]],
    [
      [4, 3],
      [4, 3],
    ],
    [
      [30, 30],
      [3, 4],
    ],
    [
      [30, 1, 30],
      [2, 2, 3],
    ],
    [
      [30, 30, 30, 30, 30],
      [2, 2, 2, 2, 2],
    ],
  ])('for %j streams is %j', (streams, shares) => {
    expect(queueConcurrencies(streams)).toEqual(shares);
  });

  it('leaves ticks and the watchdog three of ten invocations, as far as the least of each allows', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 30 }), (streams) => {
        const shares = queueConcurrencies(streams);
        const sum = shares.reduce((all, share) => all + share, 0);
        expect(sum).toBeLessThanOrEqual(Math.max(7, 2 * streams.length));
        for (const [index, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(2);
          expect(share).toBeLessThanOrEqual(Math.max(2, Math.min(5, streams[index] ?? 0)));
        }
      }),
    );
  });
});
