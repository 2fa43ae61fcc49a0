import { describe, expect, it } from 'vitest';

import { typeOf } from '../../../lib/tables/column-type.ts';
import { SyncWorld, type WorldOptions } from '../../support/sync-world.ts';
import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';

const stream = 'mobaro/users';
const quarter = 15 * 60_000;

/** A list of 45 rows in three pages. */
const rowsOf =
  (row: (index: number) => object): FakeHandler =>
  ({ url }) => {
    const offset = Number(new URL(url).searchParams.get('Offset'));
    const length = Math.max(0, Math.min(20, 45 - offset));
    const items = Array.from({ length }, (_, at) => ({
      id: `row-${String(offset + at)}`,
      ...row(offset + at),
    }));
    return { status: 200, body: { items, total: 45, amount: length } };
  };

async function synced(row: (index: number) => object, options: WorldOptions = {}): Promise<SyncWorld> {
  const world = new SyncWorld({ vendor: rowsOf(row), ...options });
  await world.tick();
  await world.drain();
  return world;
}

async function again(world: SyncWorld, row: (index: number) => object): Promise<void> {
  world.vendor.handle(rowsOf(row));
  await world.clock.advance(quarter);
  await world.tick();
  await world.drain();
}

const told = (world: SyncWorld): readonly string[] =>
  world.schemas.news.flat().map(({ kind, field }) => `${kind} ${field}`);

describe('a run that has ended', () => {
  it('is learned from, with all of its pages', async () => {
    const world = await synced((index) => ({ n: index, ...(index > 40 && { late: true }) }));
    const schema = await world.schemas.read(stream);
    expect([...(schema?.fields.keys() ?? [])]).toEqual(['id', 'n', 'late']);
    expect(world.schemas.news).toEqual([[]]);
  });

  it('tells what is new, what comes no more, and what has another type', async () => {
    const world = await synced((index) => ({ n: index, old: 'made up' }));
    await again(world, (index) => ({ n: index === 44 ? 'many' : index, new: true }));
    expect(told(world).toSorted()).toEqual(['added new', 'gone old', 'type n']);
  });

  it('is written of once a day where nothing is news', async () => {
    const world = await synced((index) => ({ n: index }));
    for (let run = 0; run < 10; run += 1) await again(world, (index) => ({ n: index }));
    expect(world.schemas.news).toHaveLength(1);
    await world.clock.advance(86_400_000);
    await again(world, (index) => ({ n: index }));
    expect(world.schemas.news).toHaveLength(2);
  });

  it('says nothing of a field that is omitted, and masks are text', async () => {
    const settings = { omit: ['secret'], mask: ['pay'] };
    const secret = { apiKey: 'made-up', maskKey: 'made up' };
    const world = await synced(() => ({ secret: 'x', pay: 4711 }), { settings, secret });
    const schema = await world.schemas.read(stream);
    expect([...(schema?.fields ?? [])].map(([key, { seen }]) => `${key} ${typeOf(seen).kind}`)).toEqual([
      ...['id text', 'pay text'],
    ]);
  });

  it('is as good where nothing can be learned', async () => {
    const world = new SyncWorld({ vendor: rowsOf(() => ({})) });
    world.schemas.read = () => Promise.reject(new Error('throttled'));
    await world.tick();
    await world.drain();
    expect((await world.checkpoint(stream)).outcome).toBe('complete');
    expect(world.faults).toMatchObject([{ stream, name: 'Error' }]);
    expect(world.reports.at(-1)).toMatchObject({ streamOutcome: 'complete' });
  });

  it('of which a page is forgotten teaches nothing', async () => {
    const world = new SyncWorld({ vendor: rowsOf(() => ({})) });
    world.seenRows.fieldsOf = () => Promise.resolve(null);
    await world.tick();
    await world.drain();
    expect(world.schemas.news).toEqual([]);
    expect(world.faults).toEqual([]);
  });

  it('of which pages were requested with another key than others teaches nothing', async () => {
    const world = new SyncWorld({ vendor: rowsOf((index) => ({ n: index })) });
    await world.tick();
    world.secrets.change({ apiKey: 'another' });
    await world.clock.advance(6 * 60_000);
    await world.drain();
    expect((await world.checkpoint(stream)).outcome).toBe('complete');
    expect(world.schemas.news).toEqual([]);
  });

  it('that is suspicious makes nothing gone', async () => {
    const world = await synced((index) => ({ n: index, x: 1 }));
    world.vendor.handle(({ url }) => {
      const first = new URL(url).searchParams.get('Offset') === '0';
      return {
        status: 200,
        body: { items: first ? [{ id: 'row-0', n: 1 }] : [], total: 1, amount: first ? 1 : 0 },
      };
    });
    await world.clock.advance(quarter);
    await world.tick();
    await world.drain();
    expect((await world.checkpoint(stream)).outcome).toBe('suspicious');
    expect(told(world)).toEqual([]);
  });
});
