import { describe, expect, it } from 'vitest';

import type { IdEraser } from '../../../lib/operations/forget.ts';
import type { IdBatches } from '../../../lib/sync/ports.ts';

/** What every keeper of a run's list of ids must do. */
export function describeIdBatches(name: string, make: () => IdBatches & IdEraser): void {
  describe(`${name} as the keeper of ids`, () => {
    it('gives each batch as it was kept', async () => {
      const ids = make();
      await ids.keep('bob/people', 'run-1', [['1', 'users/2-A'], ['é']], 1);
      expect(await ids.read('bob/people', 'run-1', 0)).toEqual(['1', 'users/2-A']);
      expect(await ids.read('bob/people', 'run-1', 1)).toEqual(['é']);
    });

    it('knows nothing of what was never kept, nor of another run or stream', async () => {
      const ids = make();
      await ids.keep('bob/people', 'run-2', [['1']], 2);
      expect(await ids.read('bob/people', 'run-2', 1)).toBeNull();
      expect(await ids.read('bob/people', 'run-3', 0)).toBeNull();
      expect(await ids.read('bob/tasks', 'run-2', 0)).toBeNull();
    });

    it('keeps what was listed last, and not what an earlier holder writes late', async () => {
      const ids = make();
      await ids.keep('bob/people', 'run-4', [['1'], ['2']], 5);
      await ids.keep('bob/people', 'run-4', [['3'], ['4']], 6);
      await ids.keep('bob/people', 'run-4', [['1'], ['2']], 5);
      expect(await ids.read('bob/people', 'run-4', 0)).toEqual(['3']);
      expect(await ids.read('bob/people', 'run-4', 1)).toEqual(['4']);
    });

    it('keeps the ids of a hundred batches', async () => {
      const ids = make();
      const batches = Array.from({ length: 100 }, (_, batch) =>
        Array.from({ length: 100 }, (__, index) => `${batch}-${index}`),
      );
      await ids.keep('bob/people', 'run-5', batches, 7);
      expect(await ids.read('bob/people', 'run-5', 99)).toEqual(batches[99]);
    });

    it('keeps the list of one run at a time, and not what an earlier one writes late', async () => {
      const ids = make();
      await ids.keep('bob/people', 'run-6', [['1'], ['2']], 8);
      await ids.keep('bob/people', 'run-7', [['3']], 9);
      expect(await ids.read('bob/people', 'run-6', 0)).toBeNull();
      expect(await ids.read('bob/people', 'run-7', 1)).toBeNull();
      await ids.keep('bob/people', 'run-6', [['1'], ['2']], 8);
      expect(await ids.read('bob/people', 'run-7', 0)).toEqual(['3']);
    });

    it('takes an id off the list, and says whether it was on it', async () => {
      const ids = make();
      await ids.keep('bob/tasks', 'run-8', [['1', '2', '3'], ['4']], 1);
      await ids.keep('bob/tasks-too', 'run-8', [['2']], 1);
      expect(await ids.remove('bob/tasks', '2')).toBe(true);
      expect(await ids.read('bob/tasks', 'run-8', 0)).toEqual(['1', '3']);
      expect(await ids.read('bob/tasks', 'run-8', 1)).toEqual(['4']);
      expect(await ids.read('bob/tasks-too', 'run-8', 0)).toEqual(['2']);
      expect(await ids.remove('bob/tasks', '2')).toBe(false);
      expect(await ids.remove('bob/none', '2')).toBe(false);
    });

    it('takes one off what a longer list of an earlier run has left behind', async () => {
      const ids = make();
      const long = Array.from({ length: 130 }, (_, index) => [`old-${index}`]);
      await ids.keep('bob/jobs', 'run-9', long, 1);
      await ids.keep('bob/jobs', 'run-10', [['new']], 2);
      expect(await ids.remove('bob/jobs', 'old-0')).toBe(false);
      expect(await ids.remove('bob/jobs', 'old-129')).toBe(true);
      expect(await ids.remove('bob/jobs', 'old-129')).toBe(false);
    });

    it('has forgotten a batch of which nothing is left: a request for no id might ask for all', async () => {
      const ids = make();
      await ids.keep('bob/lists', 'run-11', [['1']], 1);
      expect(await ids.remove('bob/lists', '1')).toBe(true);
      expect(await ids.read('bob/lists', 'run-11', 0)).toBeNull();
    });
  });
}
