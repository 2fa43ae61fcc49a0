import { describe, expect, it } from 'vitest';

import type { IdBatches } from '../../../lib/sync/ports.ts';

/** What every keeper of a run's list of ids must do. */
export function describeIdBatches(name: string, make: () => IdBatches): void {
  describe(`${name} as the keeper of ids`, () => {
    it('gives each batch as it was kept', async () => {
      const ids = make();
      await ids.keep('bob/people', 'run-1', [['1', 'users/2-A'], ['é']], 1);
      expect(await ids.read('bob/people', 'run-1', 0)).toEqual(['1', 'users/2-A']);
      expect(await ids.read('bob/people', 'run-1', 1)).toEqual(['é']);
    });

    it('knows nothing of what was never kept, nor of another run or stream', async () => {
      const ids = make();
      await ids.keep('bob/people', 'run-2', [['1']], 1);
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
      await ids.keep('bob/people', 'run-5', batches, 1);
      expect(await ids.read('bob/people', 'run-5', 99)).toEqual(batches[99]);
    });
  });
}
