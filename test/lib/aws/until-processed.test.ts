import { describe, expect, it, vi } from 'vitest';

import { chunksOf, inParallel, untilProcessed } from '../../../lib/aws/until-processed.ts';

describe('untilProcessed', () => {
  it('pauses longer each time and gives up after eight tries', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const random = vi.spyOn(Math, 'random').mockReturnValue(1);
    try {
      const sent: number[] = [];
      const ending = untilProcessed('batch', () => {
        sent.push(sent.length);
        return Promise.resolve('batch');
      }).catch((error: unknown) => error);
      const end = await ending;
      expect(String(end)).toContain('unprocessed 8 times in a row');
      expect(sent).toHaveLength(8);
    } finally {
      random.mockRestore();
      vi.useRealTimers();
    }
  });

  it('stops in a pause when it is told to', async () => {
    const controller = new AbortController();
    let sent = 0;
    const ending = untilProcessed(
      'batch',
      () => {
        sent++;
        controller.abort();
        return Promise.resolve('batch');
      },
      controller.signal,
    );
    await expect(ending).rejects.toThrow(/abort/i);
    expect(sent).toBe(1);
  });

  it('sends what was left, until nothing is', async () => {
    const sent: string[] = [];
    await untilProcessed('abc', (batch) => {
      sent.push(batch);
      return Promise.resolve(batch.length > 1 ? batch.slice(1) : undefined);
    });
    expect(sent).toEqual(['abc', 'bc', 'c']);
  });
});

describe('inParallel', () => {
  it('runs no more than the limit at a time, and everything in the end', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      done.push(item);
    });
    expect(most).toBe(3);
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('begins nothing after a failure, waits for what has begun, and throws the failure', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = async (item: number): Promise<void> => {
      begun.push(item);
      if (item === 1) throw new Error('first');
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(item);
    };
    await expect(inParallel([1, 2, 3, 4, 5], 2, work)).rejects.toThrow('first');
    expect(begun).toEqual([1, 2]);
    expect(ended).toEqual([2]);
  });
});

describe('chunksOf', () => {
  it('cuts a list into pieces of the size, the last one shorter', () => {
    expect(chunksOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(chunksOf([], 2)).toEqual([]);
  });
});
