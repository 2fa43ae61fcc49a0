import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { chunksOf, inParallel, untilProcessed } from '../../../lib/aws/until-processed.ts';

describe('untilProcessed', () => {
  beforeEach(() => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('gives up after eight tries in a row in which nothing was processed, and after no other', async () => {
    const processedByTries = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 2), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(processedByTries, fc.integer({ min: 1, max: 9 }), async (processed, size) => {
        const all = [...processed, size];
        const upTo = (count: number): number => all.slice(0, count).reduce((sum, one) => sum + one, 0);
        const done = all.findIndex((_, index) => upTo(index + 1) >= size) + 1;
        const vain = all.findIndex((_, index) => index >= 7 && upTo(index - 7) === upTo(index + 1)) + 1;
        const givesUp = vain > 0 && vain < done;
        let tries = 0;
        const ending = untilProcessed('x'.repeat(size), (batch) => {
          const left = batch.slice(all[tries]);
          tries += 1;
          return Promise.resolve(left === '' ? undefined : left);
        });
        if (givesUp) await expect(ending).rejects.toThrow('processed nothing of a batch in 8 tries in a row');
        else await ending;
        expect(tries).toBe(givesUp ? vain : done);
      }),
    );
  });

  it('does not give up while a batch that is sent beside it gets on', async () => {
    const progress = { processed: 0 };
    let tries = 0;
    await untilProcessed(
      'batch',
      () => {
        tries += 1;
        if (tries % 7 === 0) progress.processed += 1;
        return Promise.resolve(tries < 40 ? 'batch' : undefined);
      },
      undefined,
      progress,
    );
    expect(tries).toBe(40);
  });

  it('takes an error that says it is throttled for a try in which nothing was processed', async () => {
    const throttled = Object.assign(new Error('slower'), { name: 'ProvisionedThroughputExceededException' });
    const sent: string[] = [];
    await untilProcessed('abc', (batch) => {
      sent.push(batch);
      return sent.length < 4 ? Promise.reject(throttled) : Promise.resolve(undefined);
    });
    expect(sent).toEqual(['abc', 'abc', 'abc', 'abc']);
    await expect(untilProcessed('abc', () => Promise.reject(throttled))).rejects.toThrow('8 tries in a row');
    const other = Object.assign(new Error('no such table'), { name: 'ResourceNotFoundException' });
    await expect(untilProcessed('abc', () => Promise.reject(other))).rejects.toBe(other);
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
