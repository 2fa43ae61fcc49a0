import { describe, expect, it } from 'vitest';

import { ChangingList, runOf, tombstonesOf, worldOf } from '../../support/changing-list.ts';
import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { SyncWorld } from '../../support/sync-world.ts';

describe('a walk that meets contradictions', () => {
  it('ends as partial where the vendor goes on counting more rows than it gives', async () => {
    const list = new ChangingList(58);
    list.total = () => 60;
    const world = await worldOf(list);
    expect(await world.checkpoint()).toMatchObject({
      state: 'idle',
      outcome: 'partial',
      reason: 'no rows, where the vendor counts 60 in all',
    });
    list.rows = ['row-new', ...list.rows.slice(1)];
    await runOf(world);
    expect(await world.storedIds()).toContain('row-new');
    expect(await tombstonesOf(world)).toEqual([]);
  });

  it('steps back from a 204 as from any page without rows', async () => {
    const list = new ChangingList(60);
    const answer: FakeHandler = (request) => {
      const { body } = list.answer(request) as { body: { items: unknown[] } };
      return body.items.length === 0 ? { status: 204 } : { status: 200, body };
    };
    const world = await worldOf(list);
    world.vendor.handle(answer);
    await world.clock.advance(15 * 60_000);
    await world.tick();
    await world.deliver();
    list.rows = list.rows.slice(0, 30);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', progress: { setbacks: 1 } });
  });

  it.each([204, 304])('does not take a %i behind a cursor for the end', async (status) => {
    const world = new SyncWorld({
      streams: ['bob/employment'],
      vendor: ({ url }) =>
        new URL(url).searchParams.has('cursor')
          ? { status }
          : { status: 200, body: { results: [], response_metadata: { next_cursor: 'c-1' } } },
    });
    await world.tick('bob/employment');
    await world.drain();
    expect(await world.checkpoint('bob/employment')).toMatchObject({
      state: 'exhausted',
      outcome: 'malformed',
      completedAt: null,
    });
  });

  it('is not given up while it gets on, however many rows go one by one', async () => {
    const list = new ChangingList(3000);
    const world = new SyncWorld({
      vendor: (request) => {
        if (world.vendor.requests.length % 6 === 0) list.rows = list.rows.slice(1);
        return list.answer(request);
      },
    });
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
    expect(await world.storedIds()).toEqual(expect.arrayContaining(list.rows));
  });
});
