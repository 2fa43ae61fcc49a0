import { describe, expect, it } from 'vitest';

import { tombstonesOf } from '../../support/changing-list.ts';
import { killedAt } from '../../support/killed.ts';
import { madeUpWorld, nextRun, numbers, people } from '../../support/made-up-vendor.ts';

describe('a list that is too long for one answer', () => {
  const stream = 'made-up/people';

  it('comes in one answer until it is known how long it is, then by batches of its ids', async () => {
    const world = madeUpWorld(
      ['people'],
      people(() => numbers(32)),
    );
    expect(await nextRun(world, 'people')).toEqual([
      expect.objectContaining({ body: { all: true, fields: ['id', 'name'] } }),
    ]);
    const second = await nextRun(world, 'people');
    expect(second.map(({ body }) => body)).toEqual([
      { all: true, fields: ['id'] },
      { all: true, fields: ['id', 'name'], only: numbers(32).slice(0, 10) },
      { all: true, fields: ['id', 'name'], only: numbers(32).slice(10, 20) },
      { all: true, fields: ['id', 'name'], only: numbers(32).slice(20, 30) },
      { all: true, fields: ['id', 'name'], only: numbers(32).slice(30) },
    ]);
    expect((await world.checkpoint(stream)).progress).toMatchObject({
      records: 32,
      written: 0,
      unchanged: 32,
    });
  });

  it.each([
    [0, 1, 3],
    [20, 20, 1],
    [20, 21, 4],
  ])('is asked for as the user says: batches over %i rows, %i rows', async (batchOver, rows, requests) => {
    const world = madeUpWorld(
      ['people'],
      people(() => numbers(rows)),
      { batchOver },
    );
    await nextRun(world, 'people');
    expect(await nextRun(world, 'people')).toHaveLength(requests === 3 ? 2 : requests);
    expect(await world.storedIds(stream)).toEqual(numbers(rows));
  });

  it('loses those that have gone', async () => {
    let ids = numbers(32);
    const world = madeUpWorld(
      ['people'],
      people(() => ids),
      { batchOver: 0 },
    );
    await nextRun(world, 'people');
    ids = ids.filter((id) => id !== 'p007');
    await nextRun(world, 'people');
    expect(await tombstonesOf(world, stream)).toEqual(['p007']);
  });

  it('is partial where a row is listed and does not come, and then nothing is deleted', async () => {
    const world = madeUpWorld(
      ['people'],
      people(() => numbers(32)),
      { batchOver: 0 },
    );
    await nextRun(world, 'people');
    world.vendor.handle(people(() => numbers(31), ['p004']));
    await nextRun(world, 'people');
    expect(await world.checkpoint(stream)).toMatchObject({
      outcome: 'partial',
      reason: 'the vendor lists 1 rows that it does not give',
    });
    expect(await tombstonesOf(world, stream)).toEqual([]);
  });

  it('goes on with the batch at which it was killed', async () => {
    const world = madeUpWorld(
      ['people'],
      people(() => numbers(32)),
      { batchOver: 0 },
    );
    await world.tick(stream);
    await world.deliver();
    const killed = world.queue.receive();
    if (killed === undefined) throw new Error('no message');
    const { deps: dying, revive } = killedAt('records', world);
    await expect(world.invoke({ kind: 'message', message: killed.message }, dying)).rejects.toThrow('killed');
    revive();
    await world.clock.advance(10 * 60_000);
    await world.drain();
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
    expect(await world.storedIds(stream)).toEqual(numbers(32));
    expect(world.vendor.requests).toHaveLength(6);
  });

  it('lists them anew where the list has been forgotten', async () => {
    const world = madeUpWorld(
      ['people'],
      people(() => numbers(32)),
      { batchOver: 0 },
    );
    await world.tick(stream);
    await world.deliver();
    world.idBatches.forget(stream);
    await world.drain();
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete', progress: { setbacks: 1 } });
    expect(await world.storedIds(stream)).toEqual(numbers(32));
    // The list twice, the first batch twice and the three others; where the list was forgotten nobody was asked.
    expect(world.reports.reduce((sum, { requests }) => sum + requests, 0)).toBe(7);
    expect(world.vendor.requests).toHaveLength(7);
  });

  it('may have no rows at all', async () => {
    const world = madeUpWorld(
      ['people'],
      people(() => []),
      { batchOver: 0 },
    );
    expect(await nextRun(world, 'people')).toHaveLength(1);
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
  });
});
