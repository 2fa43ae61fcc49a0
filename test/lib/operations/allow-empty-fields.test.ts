import { describe, expect, it } from 'vitest';

import { allowEmptyFields } from '../../../lib/operations/allow-empty-fields.ts';
import { resetStream } from '../../../lib/operations/reset.ts';
import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { madeUpWorld, nextRun } from '../../support/made-up-vendor.ts';
import type { SyncWorld } from '../../support/sync-world.ts';

const stream = 'made-up/people';
const fields = ['id', 'name', 'payroll.grade', 'work.title'];

const answer = (rows: readonly object[]): FakeHandler => {
  return () => ({ status: 200, body: { rows } });
};
const [first, second] = [
  { id: '1', name: 'A', payroll: { grade: 'A' }, work: { title: 'T' } },
  { id: '2', name: 'B', work: { title: 'T' } },
];

/** The only one who had a grade has left, and another has come. */
async function lastOneLeft(): Promise<SyncWorld> {
  const world = madeUpWorld(['people'], answer([first, second]), { fields });
  await nextRun(world, 'people');
  await nextRun(world, 'people');
  world.vendor.handle(answer([second, { ...second, id: '3' }]));
  await nextRun(world, 'people');
  expect(await world.checkpoint(stream)).toMatchObject({
    outcome: 'partial',
    coverage: { withheld: ['payroll.grade'] },
  });
  expect(await world.storedIds(stream)).toEqual(['1', '2']);
  return world;
}

describe('allowEmptyFields', () => {
  it('lets the next run write rows without what has come to an end', async () => {
    const world = await lastOneLeft();
    expect(await allowEmptyFields(stream, world)).toEqual({
      target: stream,
      changed: true,
      sentence:
        'The rows of made-up/people are written by its next run without payroll, as the vendor gives them.',
    });
    await nextRun(world, 'people');
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete', doubtedSince: null });
    const living = (await Array.fromAsync(world.records.scan(stream))).filter(
      (one) => one.deletedAt === null,
    );
    expect(living.map(({ id }) => id)).toEqual(['2', '3']);
  });

  it('says so only once, and that nothing waits where nothing does', async () => {
    const nothing = {
      target: stream,
      changed: false,
      sentence: 'No rows of made-up/people wait for fields that come no more; there is nothing to allow.',
    };
    const world = await lastOneLeft();
    await allowEmptyFields(stream, world);
    expect(await allowEmptyFields(stream, world)).toEqual(nothing);
    expect(await allowEmptyFields(stream, madeUpWorld(['people'], answer([])))).toEqual(nothing);
  });

  it('is no word about another category', async () => {
    const world = await lastOneLeft();
    await allowEmptyFields(stream, world);
    world.vendor.handle(answer([{ id: '2', name: 'B' }]));
    await nextRun(world, 'people');
    expect(await world.checkpoint(stream)).toMatchObject({
      outcome: 'partial',
      reason: expect.stringContaining('gives nothing of work any more'),
      coverage: { withheld: ['work.title'] },
    });
  });

  it('can be asked for while a run is under way, and after a reset, which goes on waiting', async () => {
    const world = await lastOneLeft();
    const { definition } = world.streams.get(stream) ?? {};
    const ports = { checkpoints: world.checkpoints, clock: world.clock, newId: world.deps.newId };
    await resetStream({ name: stream, definition }, 0, ports);
    expect((await world.checkpoint(stream)).coverage?.withheld).toEqual(['payroll.grade']);
    expect((await allowEmptyFields(stream, world)).sentence).toBe(
      'The rows of made-up/people are written by the run that is under way, or by its next one, without payroll, as the vendor gives them.',
    );
    await nextRun(world, 'people');
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
  });

  it('is over by itself once the fields come again', async () => {
    const world = await lastOneLeft();
    world.vendor.handle(answer([first, second]));
    await nextRun(world, 'people');
    expect((await world.checkpoint(stream)).coverage).toMatchObject({ absent: [], withheld: [] });
  });
});
