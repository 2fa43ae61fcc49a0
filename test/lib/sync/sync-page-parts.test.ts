import { describe, expect, it } from 'vitest';

import { newCheckpoint } from '../../../lib/sync/checkpoint.ts';
import { tombstonesOf } from '../../support/changing-list.ts';
import { madeUpWorld, nextRun, people } from '../../support/made-up-vendor.ts';

describe('the pages of a part', () => {
  const paged = (rows: readonly string[], url: string, total: number): object => {
    const query = new URL(url).searchParams;
    const offset = Number(query.get('offset'));
    const items = rows.slice(offset, offset + Number(query.get('limit'))).map((id) => ({ id }));
    return { rows: items, total };
  };

  it('delete nothing by offset, for no total vouches for a part', async () => {
    const world = madeUpWorld(['people', 'rides'], (request) =>
      request.url.includes('/rides')
        ? { status: 200, body: paged(['a', 'b', 'c', 'd'], request.url, lie ? 3 : 4) }
        : people(() => ['p1'])(request),
    );
    let lie = false;
    await nextRun(world, 'people');
    await nextRun(world, 'rides');
    lie = true;
    await nextRun(world, 'rides');
    await nextRun(world, 'rides');
    expect(await tombstonesOf(world, 'made-up/rides')).toEqual([]);
  });

  it('are not taken for seen because another part had seen a row of theirs', async () => {
    const world = madeUpWorld(['results'], ({ url }) => {
      const first = (windows.add(new URL(url).searchParams.get('since') ?? ''), windows.size === 1);
      const rows = first ? ['x', 'w'] : second;
      const answer = paged(rows, url, rows.length);
      // Two rows in front of the one that both windows have go while the second window is walked.
      if (!first) second = ['r3', 'x'];
      return { status: 200, body: answer };
    });
    const windows = new Set<string>();
    let second = ['r1', 'r2', 'r3', 'x'];
    await nextRun(world, 'results');
    expect(await world.storedIds('made-up/results')).toContain('r3');
  });

  it.each([
    ['once', 1, ['a', 'b', 'c'], 1],
    ['for good', Infinity, ['a', 'b'], 2],
  ])(
    'are at their end where the vendor refuses what lies behind twice: 404 %s',
    async (_, times, stored, refusals) => {
      let left = times;
      let refused = 0;
      const rows = ['a', 'b'];
      const windows = new Set<string>();
      const world = madeUpWorld(['results'], ({ url }) => {
        const query = new URL(url).searchParams;
        const isFirst = (windows.add(query.get('since') ?? ''), windows.size === 1);
        const offset = Number(query.get('offset'));
        // The overlap of one row is answered with that row alone, so that the next request is for what lies behind all rows.
        if (isFirst && offset === 2 && left > 0) {
          left -= 1;
          refused += 1;
          return { status: 404 };
        }
        if (isFirst && offset === 2) rows.push('c');
        return { status: 200, body: { rows: (isFirst ? rows : []).slice(offset).map((id) => ({ id })) } };
      });
      await nextRun(world, 'results');
      expect(refused).toBe(refusals);
      expect(await world.storedIds('made-up/results')).toEqual(stored);
      expect(await world.checkpoint('made-up/results')).toMatchObject({ outcome: 'complete' });
    },
  );

  it('that contradict themselves end their part, and not the run', async () => {
    let contradicts = true;
    const world = madeUpWorld(['results'], ({ url }) => {
      const first = (windows.add(new URL(url).searchParams.get('since') ?? ''), windows.size === 1);
      const rows = first ? ['a', 'b', 'c'] : ['d'];
      return { status: 200, body: paged(rows, url, first && contradicts ? 9 : rows.length) };
    });
    const windows = new Set<string>();
    await nextRun(world, 'results');
    expect(await world.storedIds('made-up/results')).toEqual(['a', 'b', 'c', 'd']);
    expect(await world.checkpoint('made-up/results')).toMatchObject({ outcome: 'partial', readUntil: null });
    contradicts = false;
    windows.clear();
    await nextRun(world, 'results');
    expect(await world.checkpoint('made-up/results')).toMatchObject({ outcome: 'complete' });
  });

  it('begin anew where the open run stands at a place that the definition does not have any more', async () => {
    const world = madeUpWorld(['results'], ({ url }) => ({ status: 200, body: paged(['a'], url, 1) }));
    const run = { state: 'parked', run: 'run', position: { kind: 'offset', offset: 4 }, retryAt: 1 } as const;
    await world.checkpoints.replace({ ...newCheckpoint('made-up/results'), ...run });
    await nextRun(world, 'results');
    expect(await world.storedIds('made-up/results')).toEqual(['a']);
    expect(await world.checkpoint('made-up/results')).toMatchObject({ outcome: 'complete' });
  });
});

describe('a cursor in the body', () => {
  it('goes where the vendor wants it, beside what else is there', async () => {
    const pages = [['a', 'b'], ['c', 'd'], ['e']];
    const world = madeUpWorld(['hiring'], ({ body }) => {
      const { pagination } = JSON.parse(body ?? '{}') as { pagination: { cursor?: string } };
      const page = Number(pagination.cursor ?? 0);
      const rows = (pages[page] ?? []).map((id) => ({ id }));
      return { status: 200, body: { rows, next: page < 2 ? String(page + 1) : null } };
    });
    expect((await nextRun(world, 'hiring')).map(({ body }) => body)).toEqual([
      { pagination: { sort: 'id', limit: 2 } },
      { pagination: { sort: 'id', limit: 2, cursor: '1' } },
      { pagination: { sort: 'id', limit: 2, cursor: '2' } },
    ]);
    expect(await world.storedIds('made-up/hiring')).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
