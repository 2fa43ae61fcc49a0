import { describe, expect, it } from 'vitest';

import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { changeCheckpoint } from '../../../lib/sync/compare-and-swap.ts';
import { resetCheckpoint, resumedCheckpoint } from '../../../lib/sync/transitions/person.ts';
import type { FakeAnswer, FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { madeUpWorld, nextRun } from '../../support/made-up-vendor.ts';
import type { SyncWorld } from '../../support/sync-world.ts';

const minute = 60_000;
const day = 86_400_000;

/** What the vendor has: by id when it has changed last, epoch milliseconds, and how often. */
class List {
  readonly rows = new Map<string, { at: number | string | undefined; version: number }>();

  change(id: string, at: number | string | undefined): void {
    this.rows.set(id, { at, version: (this.rows.get(id)?.version ?? 0) + 1 });
  }

  /** Old rows, a minute apart. */
  fill(count: number, before: number): this {
    for (let index = 0; index < count; index += 1) {
      this.change(`r${String(index).padStart(2, '0')}`, before - (index + 1) * minute);
    }
    return this;
  }

  /** By offset or by cursor, in the order of ids or newest first, all or since a time. */
  readonly answer: FakeHandler = ({ url }) => {
    const query = new URL(url).searchParams;
    const since = Date.parse(query.get('updated_since') ?? '1970-01-01T00:00:00Z');
    const found = [...this.rows]
      .filter(([, { at }]) => !query.has('updated_since') || (typeof at === 'number' && at > since))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .sort(([, a], [, b]) => (query.has('sort') ? Number(b.at) - Number(a.at) : 0));
    const start = Number(query.get('offset') ?? query.get('cursor') ?? 0);
    const end = start + Number(query.get('limit'));
    const isOrders = url.includes('/orders');
    const rows = found.slice(start, end).map(([id, { at, version }]) => ({
      ...{ id, version },
      changed: isOrders && typeof at === 'number' ? new Date(at).toISOString() : at,
    }));
    const next = end < found.length ? String(end) : null;
    return { status: 200, body: isOrders ? { rows, total: found.length } : { rows, next } };
  };
}

interface Case {
  readonly list: List;
  readonly world: SyncWorld;
  readonly run: () => ReturnType<typeof nextRun>;
  readonly stream: string;
}

/** 12 rows that have been read by a whole walk. @param kind of the definition */
async function begun(kind: 'orders' | 'posts', fill = 12): Promise<Case> {
  const list = new List();
  const world = madeUpWorld([kind], list.answer);
  list.fill(fill, world.clock.now());
  const run = (): ReturnType<typeof nextRun> => nextRun(world, kind);
  await run();
  return { list, world, run, stream: `made-up/${kind}` };
}

const isPart = ({ asked }: { readonly asked: string }): boolean => /updated_since|sort/.test(asked);

/** By a person; what is due goes on with the next tick. */
async function changed(
  world: SyncWorld,
  stream: string,
  change: (checkpoint: Checkpoint, now: number) => Checkpoint | null,
): Promise<void> {
  await changeCheckpoint(world.checkpoints, stream, (checkpoint) => change(checkpoint, world.clock.now()));
}

const versionsIn = async (world: SyncWorld, stream: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await Array.fromAsync(world.records.scan(stream)))
      .filter(({ deletedAt }) => deletedAt === null)
      .map(({ id, json }) => [id, (JSON.parse(json ?? '{}') as { version: number }).version]),
  );

describe.each(['orders', 'posts'] as const)('a list that is walked by what has changed: %s', (kind) => {
  it('is walked whole first, and then by what has changed, and deletes nothing by that', async () => {
    const { list, world, run, stream } = await begun(kind);
    expect(await world.storedIds(stream)).toHaveLength(12);
    expect((await world.checkpoint(stream)).readUntil).toMatchObject({
      at: Math.max(...[...list.rows.values()].map(({ at }) => Number(at))),
      whole: { nextAt: expect.any(Number) as number },
    });
    list.change('r05', world.clock.now());
    list.change('new', world.clock.now());
    list.rows.delete('r11');
    const asked = await run();
    expect(asked.every(isPart)).toBe(true);
    expect(asked.length).toBeLessThanOrEqual(2);
    const checkpoint = await world.checkpoint(stream);
    expect(checkpoint).toMatchObject({
      ...{ outcome: 'complete', doubtedSince: null, reason: 'it walked what has changed alone' },
      progress: { written: 2, deleted: 0 },
    });
    expect(checkpoint.progress?.changesSince).not.toBeNull();
    expect(await versionsIn(world, stream)).toMatchObject({ r05: 2, new: 1, r11: 1 });
  });

  it('asks again for rows of the very time that it knows, and does not write them again', async () => {
    const { list, world, run } = await begun(kind);
    list.change('first', world.clock.now());
    const at = Number(list.rows.get('first')?.at);
    await run();
    list.change('of the same time', at);
    await run();
    expect(await versionsIn(world, `made-up/${kind}`)).toMatchObject({ first: 1, 'of the same time': 1 });
    expect((await world.checkpoint(`made-up/${kind}`)).progress).toMatchObject({ written: 1 });
  });

  it('walks all once the last whole walk is a week old, and finds what has gone', async () => {
    const { list, world, run, stream } = await begun(kind);
    list.rows.delete('r11');
    // Late: it had changed before what is known, and is shown only now.
    list.change('late', world.clock.now() - 5 * day);
    await run();
    expect(await world.storedIds(stream)).toContain('r11');
    expect(await world.storedIds(stream)).not.toContain('late');
    await world.clock.advance(7 * day);
    const asked = await run();
    expect(asked.some(isPart)).toBe(false);
    expect(await versionsIn(world, stream)).not.toHaveProperty('r11');
    expect(await versionsIn(world, stream)).toHaveProperty('late');
    expect(await world.checkpoint(stream)).toMatchObject({
      outcome: 'complete',
      progress: { deleted: 1, changesSince: null },
    });
    expect((await run()).every(isPart)).toBe(true);
  });

  it.each([
    [
      'a page that says that it lacks something',
      (list: List): FakeHandler =>
        (request) => {
          const { body } = list.answer(request) as FakeAnswer;
          return { status: 200, body: { ...(body as object), errors: ['one row'] } };
        },
    ],
    ['a page that fails for good', (): FakeHandler => () => ({ status: 403 })],
  ])('begins where it had begun after %s', async (_, spoiled) => {
    const { list, world, run, stream } = await begun(kind);
    const before = (await world.checkpoint(stream)).readUntil;
    list.change('r05', world.clock.now());
    world.vendor.handle(spoiled(list));
    await run();
    expect((await world.checkpoint(stream)).readUntil).toEqual(before);
    world.vendor.handle(list.answer);
    await changed(world, stream, (checkpoint, now) => resumedCheckpoint(checkpoint, now));
    await run();
    expect((await world.checkpoint(stream)).readUntil?.at).toBe(list.rows.get('r05')?.at);
    expect(await versionsIn(world, stream)).toMatchObject({ r05: 2 });
  });

  it('does not build on a time that is yet to come, and keeps what it knows where no row says any', async () => {
    const { list, world, run, stream } = await begun(kind);
    const before = (await world.checkpoint(stream)).readUntil?.at;
    list.change('from the future', world.clock.now() + 400 * day);
    list.change('no time', undefined);
    await run();
    expect((await world.checkpoint(stream)).readUntil?.at).toBe(before);
    list.change('r03', world.clock.now());
    await run();
    expect((await world.checkpoint(stream)).readUntil?.at).toBe(list.rows.get('r03')?.at);
    expect(await versionsIn(world, stream)).toMatchObject({ r03: 2, 'from the future': 1 });
  });

  it('walks all where no row has ever said when it has changed', async () => {
    const list = new List();
    const world = madeUpWorld([kind], list.answer);
    for (let index = 0; index < 5; index += 1) list.change(`r${index}`, 'never');
    await nextRun(world, kind);
    expect((await world.checkpoint(`made-up/${kind}`)).readUntil).toBeNull();
    expect((await nextRun(world, kind)).some(isPart)).toBe(false);
  });

  it('walks all after a reset, and with another key', async () => {
    const { world, run, stream } = await begun(kind);
    await changed(world, stream, (checkpoint, now) =>
      resetCheckpoint(checkpoint, { newRun: 'reset', offset: 0, now }),
    );
    expect((await run()).some(isPart)).toBe(false);
    expect((await world.checkpoint(stream)).progress).toMatchObject({ records: 12, changesSince: null });
    expect((await run()).every(isPart)).toBe(true);
    world.secrets.change({ apiKey: 'another' });
    expect((await run()).some(isPart)).toBe(false);
    expect((await run()).every(isPart)).toBe(true);
  });

  it('walks all in each run while deletions are held', async () => {
    const { list, world, run, stream } = await begun(kind, 30);
    for (const id of [...list.rows.keys()].slice(0, 20)) list.rows.delete(id);
    await world.clock.advance(7 * day);
    await run();
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'suspicious' });
    expect((await run()).some(isPart)).toBe(false);
  });
});

describe('a list that is given newest first', () => {
  it('ends at the first page of which all is known', async () => {
    const { list, world, run } = await begun('posts', 30);
    expect(await run()).toHaveLength(1);
    for (const id of ['r10', 'r11', 'r12', 'r13']) list.change(id, world.clock.now());
    // Two pages with what has changed, and one behind it.
    expect(await run()).toHaveLength(3);
    expect((await world.checkpoint('made-up/posts')).progress).toMatchObject({ written: 4 });
  });

  it('goes on behind a page with a row that came late', async () => {
    const { list, world, run } = await begun('posts', 30);
    list.change('late', Number(list.rows.get('r01')?.at) - 1);
    await run();
    expect(await versionsIn(world, 'made-up/posts')).toMatchObject({ late: 1 });
  });

  it('does not end early after a page that it had stored before it died', async () => {
    const { list, world, run } = await begun('posts', 30);
    for (let index = 0; index < 7; index += 1) list.change(`n${index}`, world.clock.now());
    const { checkpoints } = world;
    const replace = checkpoints.replace.bind(checkpoints);
    let writes = 0;
    checkpoints.replace = (next) => {
      writes += 1;
      // The claim is the first: the rows are stored, and the position is not.
      return writes === 2 ? Promise.reject(new Error('killed')) : replace(next);
    };
    await run();
    for (let round = 0; round < 3; round += 1) {
      await world.clock.advance(15 * minute);
      await world.watch();
      await world.drain();
    }
    const stored = await versionsIn(world, 'made-up/posts');
    expect(Object.keys(stored).filter((id) => id.startsWith('n'))).toHaveLength(7);
  });
});
