import { describe, expect, it } from 'vitest';

import { digestOf } from '../../../lib/paging/digest.ts';
import type { SeenRows } from '../../../lib/sync/ports.ts';

/** What every memory of a run's rows must do. */
export function describeSeenRows(name: string, make: () => SeenRows): void {
  describe(`${name} as the memory of a run`, () => {
    const digests = ['a', 'users/1-A', 'é'].map(digestOf);

    it('recalls what the pages before have remembered', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-1', 0, digests.slice(0, 2), 1);
      await seen.remember('mobaro/users', 'run-1', 1, [], 1);
      await seen.remember('mobaro/users', 'run-1', 2, digests.slice(2), 1);
      expect(await seen.recall('mobaro/users', 'run-1', 3)).toEqual(new Set(digests));
      expect(await seen.recall('mobaro/users', 'run-1', 2)).toEqual(new Set(digests.slice(0, 2)));
      expect(await seen.recall('mobaro/users', 'run-1', 0)).toEqual(new Set());
    });

    it('recalls from a page on, and what was before may have been forgotten', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-10', 1, digests.slice(0, 1), 1);
      await seen.remember('mobaro/users', 'run-10', 2, digests.slice(1), 1);
      expect(await seen.recall('mobaro/users', 'run-10', 3, 2)).toEqual(new Set(digests.slice(1)));
      expect(await seen.recall('mobaro/users', 'run-10', 3, 1)).toEqual(new Set(digests));
      expect(await seen.recall('mobaro/users', 'run-10', 3)).toBeNull();
    });

    it('keeps runs and streams apart', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-2', 0, digests, 1);
      expect(await seen.recall('mobaro/users', 'run-3', 1)).toBeNull();
      expect(await seen.recall('mobaro/locations', 'run-2', 1)).toBeNull();
    });

    it('says so when a page has been forgotten', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-7', 0, digests.slice(0, 1), 1);
      await seen.remember('mobaro/users', 'run-7', 2, digests.slice(2), 1);
      expect(await seen.recall('mobaro/users', 'run-7', 3)).toBeNull();
    });

    it('remembers the hundred thousand rows of a single answer', async () => {
      const seen = make();
      const many = Array.from({ length: 100_000 }, (_, index) => digestOf(`row-${index}`));
      await seen.remember('bob/people', 'run-8', 0, many, 1);
      const recalled = await seen.recall('bob/people', 'run-8', 1);
      expect(recalled?.size).toBe(100_000);
      expect(many.every((digest) => recalled?.has(digest))).toBe(true);
    });

    it('remembers a page that comes again once, as it came last', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-4', 0, digests.slice(0, 2), 1);
      await seen.remember('mobaro/users', 'run-4', 0, digests.slice(1), 1);
      expect(await seen.recall('mobaro/users', 'run-4', 1)).toEqual(new Set(digests.slice(1)));
    });

    it('is not changed by what an earlier holder of the page writes late', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-9', 0, digests.slice(1), 7);
      await seen.remember('mobaro/users', 'run-9', 0, digests, 6);
      expect(await seen.recall('mobaro/users', 'run-9', 1)).toEqual(new Set(digests.slice(1)));
      await seen.remember('mobaro/users', 'run-9', 0, digests, 7);
      expect(await seen.recall('mobaro/users', 'run-9', 1)).toEqual(new Set(digests));
    });

    it('remembers a page without rows', async () => {
      const seen = make();
      await seen.remember('mobaro/users', 'run-5', 0, [], 1);
      expect(await seen.recall('mobaro/users', 'run-5', 1)).toEqual(new Set());
    });

    it('recalls a long run', async () => {
      const seen = make();
      const pages = Array.from({ length: 230 }, (_, page) => [digestOf(`${page}-a`), digestOf(`${page}-b`)]);
      await Promise.all(pages.map((page, index) => seen.remember('mobaro/users', 'run-6', index, page, 1)));
      expect(await seen.recall('mobaro/users', 'run-6', pages.length)).toEqual(new Set(pages.flat()));
    });
  });
}
