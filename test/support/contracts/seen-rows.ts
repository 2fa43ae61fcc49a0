import { describe, expect, it } from 'vitest';

import { digestOf } from '../../../lib/paging/digest.ts';
import type { PageInMemory, Recalled, SeenRows } from '../../../lib/sync/ports.ts';
import { FieldCounter, noFields, type FieldCounts } from '../../../lib/tables/field-counts.ts';

/** Enough time for whatever is read. */
const inTime = { until: Number.MAX_SAFE_INTEGER, signal: new AbortController().signal };

/** Of rows of which nobody wants to know the fields. */
export function pageOf(digests: readonly string[]): PageInMemory {
  return { digests, fields: noFields };
}

function fieldsOf(rows: readonly Readonly<Record<string, unknown>>[]): FieldCounts {
  const counter = new FieldCounter();
  for (const row of rows) counter.add(row);
  return counter.counted();
}

/**
 * What every memory of a run's rows must do.
 * @param make a memory that recalls so many digests at most
 */
export function describeSeenRows(name: string, make: (most?: number) => SeenRows): void {
  describe(`${name} as the memory of a run`, () => {
    const digests = ['a', 'users/1-A', 'é'].map(digestOf);
    const others = ['', 'A', 'users/1-B', 'e'].map(digestOf);
    /** Those of the digests above that it has seen; or why it cannot tell. */
    const seenOf = (recalled: Recalled): readonly string[] | string => {
      if (typeof recalled === 'string') return recalled;
      expect(others.filter((digest) => recalled.has(digest))).toEqual([]);
      const known = digests.filter((digest) => recalled.has(digest));
      expect(recalled.size).toBe(known.length);
      return known;
    };

    it('recalls what the pages before have remembered', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-1', 0, pageOf(digests.slice(0, 2)), 1);
      await seen.remember('mobaro/users', 'run-1', 1, pageOf([]), 1);
      await seen.remember('mobaro/users', 'run-1', 2, pageOf(digests.slice(2)), 1);
      expect(seenOf(await seen.recall('mobaro/users', 'run-1', 3, inTime))).toEqual(digests);
      expect(seenOf(await seen.recall('mobaro/users', 'run-1', 2, inTime))).toEqual(digests.slice(0, 2));
      expect(seenOf(await seen.recall('mobaro/users', 'run-1', 0, inTime))).toEqual([]);
    });

    it('recalls from a page on, and what was before may have been forgotten', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-10', 1, pageOf(digests.slice(0, 1)), 1);
      await seen.remember('mobaro/users', 'run-10', 2, pageOf(digests.slice(1)), 1);
      expect(seenOf(await seen.recall('mobaro/users', 'run-10', 3, inTime, 2))).toEqual(digests.slice(1));
      expect(seenOf(await seen.recall('mobaro/users', 'run-10', 3, inTime, 1))).toEqual(digests);
      expect(await seen.recall('mobaro/users', 'run-10', 3, inTime)).toBe('forgotten');
    });

    it('keeps runs and streams apart', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-2', 0, pageOf(digests), 1);
      expect(await seen.recall('mobaro/users', 'run-3', 1, inTime)).toBe('forgotten');
      expect(await seen.recall('mobaro/locations', 'run-2', 1, inTime)).toBe('forgotten');
    });

    it('says so when a page has been forgotten', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-7', 0, pageOf(digests.slice(0, 1)), 1);
      await seen.remember('mobaro/users', 'run-7', 2, pageOf(digests.slice(2)), 1);
      expect(await seen.recall('mobaro/users', 'run-7', 3, inTime)).toBe('forgotten');
    });

    it('counts a row once that came on several pages, or twice on one', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-11', 0, pageOf([...digests, ...digests]), 1);
      await seen.remember('mobaro/users', 'run-11', 1, pageOf(digests.slice(2)), 1);
      await seen.remember('mobaro/users', 'run-11', 2, pageOf(digests.slice(0, 1)), 1);
      expect(seenOf(await seen.recall('mobaro/users', 'run-11', 3, inTime))).toEqual(digests);
    });

    it('remembers the hundred thousand rows of a single answer', async () => {
      const seen = make();
      const many = Array.from({ length: 100_000 }, (_, index) => digestOf(`row-${index}`));
      await seen.remember('bob/people', 'run-8', 0, pageOf(many), 1);
      const recalled = await seen.recall('bob/people', 'run-8', 1, inTime);
      if (typeof recalled === 'string') throw new Error(recalled);
      expect(recalled.size).toBe(100_000);
      expect(many.every((digest) => recalled.has(digest))).toBe(true);
      expect(others.some((digest) => recalled.has(digest))).toBe(false);
    });

    it('remembers a page that comes again once, as it came last', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-4', 0, pageOf(digests.slice(0, 2)), 1);
      await seen.remember('mobaro/users', 'run-4', 0, pageOf(digests.slice(1)), 1);
      expect(seenOf(await seen.recall('mobaro/users', 'run-4', 1, inTime))).toEqual(digests.slice(1));
    });

    it('is not changed by what an earlier holder of the page writes late', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-9', 0, pageOf(digests.slice(1)), 7);
      await seen.remember('mobaro/users', 'run-9', 0, pageOf(digests), 6);
      expect(seenOf(await seen.recall('mobaro/users', 'run-9', 1, inTime))).toEqual(digests.slice(1));
      await seen.remember('mobaro/users', 'run-9', 0, pageOf(digests), 7);
      expect(seenOf(await seen.recall('mobaro/users', 'run-9', 1, inTime))).toEqual(digests);
    });

    it('remembers a page without rows', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-5', 0, pageOf([]), 1);
      expect(seenOf(await seen.recall('mobaro/users', 'run-5', 1, inTime))).toEqual([]);
    });

    it('recalls a long run', async () => {
      const seen = make();
      const pages = Array.from({ length: 230 }, (_, page) => [digestOf(`${page}-a`), digestOf(`${page}-b`)]);
      await Promise.all(
        pages.map((page, index) => seen.remember('mobaro/users', 'run-6', index, pageOf(page), 1)),
      );
      const recalled = await seen.recall('mobaro/users', 'run-6', pages.length, inTime);
      if (typeof recalled === 'string') throw new Error(recalled);
      expect(recalled.size).toBe(460);
      expect(pages.flat().every((digest) => recalled.has(digest))).toBe(true);
    });

    it.each([
      ['in one page', [3]],
      ['in three', [1, 1, 1]],
      ['in a page among others', [0, 3, 0]],
    ])('says so when there is no room for one row more, %s', async (where, lengths) => {
      const run = `run-12 ${where}`;
      const small = make(3);
      for (const [page, length] of lengths.entries()) {
        await small.remember('mobaro/users', run, page, pageOf(digests.slice(0, length)), 1);
      }
      expect(await small.recall('mobaro/users', run, lengths.length, inTime)).toMatchObject({
        size: expect.any(Number),
      });
      await small.remember('mobaro/users', run, lengths.length, pageOf(others.slice(0, 1)), 1);
      expect(await small.recall('mobaro/users', run, lengths.length + 1, inTime)).toBe('too many');
      expect(await small.recall('mobaro/users', run, lengths.length + 1, inTime, 1)).not.toBe('forgotten');
    });

    it('says so when its time is over, and reads nothing', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-13', 0, pageOf(digests), 1);
      const within = { ...inTime, until: 0 };
      expect(await seen.recall('mobaro/users', 'run-13', 1, within)).toBe('too slow');
    });

    it('throws when it is told to stop', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-14', 0, pageOf(digests), 1);
      const signal = AbortSignal.abort(new Error('out of time'));
      await expect(seen.recall('mobaro/users', 'run-14', 1, { ...inTime, signal })).rejects.toThrow();
    });

    const ofNames = [{ id: '1', name: 'made up' }, { id: '2' }];
    const ofDates = [
      { id: '3', pay: 1.5, since: '2026-11-30', work: { title: 'also', tags: ['a'] }, is: true },
    ];

    const whole = (rows: Parameters<typeof fieldsOf>[0]) => ({ counts: fieldsOf(rows), isSample: false });

    it('adds up the fields of its pages', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-15', 0, { digests: [], fields: fieldsOf(ofNames) }, 1);
      await seen.remember('mobaro/users', 'run-15', 1, pageOf([]), 1);
      await seen.remember('mobaro/users', 'run-15', 2, { digests, fields: fieldsOf(ofDates) }, 1);
      expect(await seen.fieldsOf('mobaro/users', 'run-15', 1, inTime)).toEqual(whole(ofNames));
      const all = await seen.fieldsOf('mobaro/users', 'run-15', 3, inTime);
      expect(all).toEqual(whole([...ofNames, ...ofDates]));
      // What was read of one part is what was written of it: the digests are there as before.
      expect(seenOf(await seen.recall('mobaro/users', 'run-15', 3, inTime))).toEqual(digests);
    });

    it('knows no fields of a run of which a page is forgotten, or without time', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-16', 0, { digests, fields: fieldsOf(ofNames) }, 1);
      expect(await seen.fieldsOf('mobaro/users', 'run-16', 2, inTime)).toBeNull();
      expect(await seen.fieldsOf('mobaro/users', 'run-16', 1, { ...inTime, until: 0 })).toBeNull();
    });
  });
}
