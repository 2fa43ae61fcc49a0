import { describe, expect, it } from 'vitest';

import { resumeStream } from '../../../lib/operations/resume.ts';
import type { FakeAnswer, FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { runOf, tombstonesOf } from '../../support/changing-list.ts';
import { SyncWorld } from '../../support/sync-world.ts';

const minute = 60_000;
const users = 'mobaro/users';

interface Server {
  rows: number;
  total: boolean;
  /** Instead of rows, where it says so. */
  refuse: (offset: number) => FakeAnswer | null;
}

/** Mobaro's list of users, as a test has it. */
function serverOf(rows: number, part: Partial<Server> = {}): Server & { readonly answer: FakeHandler } {
  const server = {
    ...{ rows, total: false, refuse: () => null, ...part },
    answer: ((request) => {
      const query = new URL(request.url).searchParams;
      const offset = Number(query.get('Offset'));
      const length = Math.max(0, Math.min(Number(query.get('Limit')), server.rows - offset));
      const items = Array.from({ length }, (_, index) => ({ id: `row-${offset + index}` }));
      const page = { status: 200, body: { items, ...(server.total && { total: server.rows }) } };
      return server.refuse(offset) ?? page;
    }) satisfies FakeHandler,
  } as Server & { readonly answer: FakeHandler };
  return server;
}

async function ranOnce(server: { readonly answer: FakeHandler }): Promise<SyncWorld> {
  const world = new SyncWorld({ vendor: server.answer });
  await runOf(world);
  return world;
}

const sentence = { message: 'The offset is too large' };

describe('an offset behind all rows', () => {
  it.each([404, 416])('that is answered with %i ends the run, and deletes nothing', async (status) => {
    const server = serverOf(40);
    server.refuse = (offset) => (offset >= server.rows ? { status } : null);
    const world = await ranOnce(server);
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete', halt: null });
    expect(await world.storedIds()).toHaveLength(40);
    server.rows = 38;
    for (let run = 0; run < 3; run += 1) await runOf(world);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { deleted: 0 } });
    expect(await tombstonesOf(world)).toEqual([]);
    expect(world.troubles(users) ?? []).toEqual([]);
  });

  it.each([404, 416, 400, 422])(
    'that is refused with %i behind a full page leaves the run partial; the second one in a row is told',
    async (status) => {
      const server = serverOf(100, {
        refuse: (offset) => (offset >= 50 ? { status, body: sentence } : null),
      });
      const world = await ranOnce(server);
      expect(await world.checkpoint()).toMatchObject({
        ...{ state: 'idle', outcome: 'partial', lastStatus: status, cutShortRuns: 1 },
        reason: expect.stringMatching(/^the vendor goes no deeper into the list: HTTP \d+/) as string,
      });
      expect(await world.storedIds()).toHaveLength(58);
      expect(world.troubles(users) ?? []).toEqual([]);
      await runOf(world);
      expect(world.troubles(users)).toEqual(['held']);
      // Until a run is whole again.
      server.refuse = () => null;
      await runOf(world);
      expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', cutShortRuns: 0 });
      expect(world.troubles(users)).toEqual([]);
    },
  );

  it('is 400 where the vendor goes no deeper, whatever the page before', async () => {
    const server = serverOf(45, { refuse: (offset) => (offset >= 45 ? { status: 400 } : null) });
    expect(await (await ranOnce(server)).checkpoint()).toMatchObject({ outcome: 'partial' });
  });

  it.each([404, 400, 416])(
    'is not the first page: %i halts there, and fires its alarm at once',
    async (status) => {
      const world = await ranOnce(serverOf(0, { refuse: () => ({ status }) }));
      expect(await world.checkpoint()).toMatchObject({ state: 'halted' });
      expect(world.troubles(users)).toEqual([status === 404 ? 'missing' : 'halted']);
    },
  );

  it('is not asked for again where its owner is forbidden', async () => {
    const server = serverOf(45, { refuse: (offset) => (offset > 0 ? { status: 403 } : null) });
    expect(await (await ranOnce(server)).checkpoint()).toMatchObject({
      state: 'halted',
      outcome: 'forbidden',
    });
  });
});

describe('a vendor that does not take any offset', () => {
  it.each([
    [
      'answers from the multiple below',
      (offset: number, limit: number) => Math.floor(offset / limit) * limit,
    ],
    ['counts pages', (offset: number, limit: number) => offset * limit],
  ])('but %s is walked to its end, and its runs delete nothing', async (_, startOf) => {
    let rows = 93;
    const world = await ranOnce({
      answer: ({ url }) => {
        const query = new URL(url).searchParams;
        const limit = Number(query.get('Limit'));
        const start = startOf(Number(query.get('Offset')), limit);
        const length = Math.max(0, Math.min(limit, rows - start));
        const items = Array.from({ length }, (__, index) => ({ id: `row-${start + index}` }));
        return { status: 200, body: { items, total: rows } };
      },
    });
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
    expect(await world.storedIds()).toHaveLength(93);
    rows = 91;
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { deleted: 0 } });
    expect(await tombstonesOf(world)).toEqual([]);
  });
});

/** By how a vendor answers an offset and a limit, of so many rows: all that it says. */
type Manner = (rows: number, offset: number, limit: number) => FakeAnswer;

const slice = (rows: number, start: number, limit: number): { id: string }[] =>
  Array.from({ length: Math.max(0, Math.min(limit, rows - start)) }, (_, index) => ({
    id: `row-${start + index}`,
  }));
const listed = (rows: number, start: number, limit: number, total: number | null = rows): FakeAnswer => ({
  status: 200,
  body: { items: slice(rows, start, limit), ...(total !== null && { total }) },
});

describe('a list whose vendor has manners of its own', () => {
  const manners: Readonly<Record<string, Manner>> = {
    'gives the whole list whatever it is asked for': (rows) => listed(rows, 0, rows),
    'gives its last page behind the end': (rows, offset, limit) =>
      listed(rows, Math.max(0, Math.min(offset, rows - limit)), limit),
    'answers from the multiple below': (rows, offset, limit) =>
      listed(rows, Math.floor(offset / limit) * limit, limit),
    'counts pages': (rows, offset, limit) => listed(rows, offset * limit, limit),
    'counts pages, and answers 404 behind the last one': (rows, offset, limit) =>
      offset > 0 && offset * limit >= rows ? { status: 404 } : listed(rows, offset * limit, limit),
    'refuses all but multiples of the limit': (rows, offset, limit) =>
      offset % limit > 0 ? { status: 400 } : listed(rows, offset, limit),
    'answers 404 behind its last row': (rows, offset, limit) =>
      offset > 0 && offset >= rows ? { status: 404 } : listed(rows, offset, limit),
    'answers 204 behind its last row': (rows, offset, limit) =>
      offset > 0 && offset >= rows ? { status: 204 } : listed(rows, offset, limit),
    'counts pages, and the rows of each': (rows, offset, limit) =>
      listed(rows, offset * limit, limit, slice(rows, offset * limit, limit).length),
    'answers from the multiple below, and counts the rows of the page': (rows, offset, limit) => {
      const start = Math.floor(offset / limit) * limit;
      return listed(rows, start, limit, slice(rows, start, limit).length);
    },
  };

  it.each(
    Object.entries(manners).flatMap(([name, manner]) =>
      [1, 2, 8, 19, 20, 58].map((rows) => ({ name, manner, rows })),
    ),
  )('$name: $rows rows are complete, in each run, and wake nobody', async ({ name, manner, rows }) => {
    // Who gives the whole list gives no page of it.
    if (name.startsWith('gives the whole') && rows > 20) return;
    const world = new SyncWorld({
      vendor: ({ url }) => {
        const query = new URL(url).searchParams;
        return manner(rows, Number(query.get('Offset')), Number(query.get('Limit')));
      },
    });
    for (let run = 0; run < 4; run += 1) {
      const requests = await runOf(world);
      expect(await world.checkpoint()).toMatchObject({
        state: 'idle',
        outcome: 'complete',
        heldDeletions: null,
      });
      expect(await world.storedIds()).toHaveLength(rows);
      // A list of one short page is known from the second run on.
      if (run > 0 && rows < 20 && !name.includes('the rows')) expect(requests).toBe(1);
    }
    expect(world.troubles(users) ?? []).toEqual([]);
    expect(await tombstonesOf(world)).toEqual([]);
  });

  it.each(['answers from the multiple below', 'counts pages'])(
    '%s: what has gone from a list of one page is deleted',
    async (name) => {
      let rows = 12;
      const world = new SyncWorld({
        vendor: ({ url }) => {
          const query = new URL(url).searchParams;
          return manners[name]!(rows, Number(query.get('Offset')), Number(query.get('Limit')));
        },
      });
      for (let run = 0; run < 2; run += 1) await runOf(world);
      rows = 10;
      for (let run = 0; run < 2; run += 1) await runOf(world);
      expect(await tombstonesOf(world)).toEqual(['row-10', 'row-11']);
    },
  );
});

describe('a list in one answer', () => {
  const people = (ids: readonly number[]): object => ({ employees: ids.map((id) => ({ id: String(id) })) });
  const all = Array.from({ length: 40 }, (_, id) => id + 1);
  const some = people(all.slice(0, 38));

  it.each<[string, FakeAnswer]>([
    ['206 and a range', { status: 206, headers: { 'content-range': 'items 0-37/40' }, body: some }],
    ['206', { status: 206, body: some }],
    ['a total above what came', { status: 200, body: { ...some, total: 40 } }],
    ['a next cursor', { status: 200, body: { ...some, next_cursor: 'abc' } }],
    ['has_more', { status: 200, body: { ...some, has_more: true } }],
    ['a link', { status: 200, headers: { link: '<https://v.example>; rel="next"' }, body: some }],
  ])('that says that it is a part is stored, and deletes nothing: %s', async (_, answer) => {
    const world = new SyncWorld({
      streams: ['bob/people'],
      vendor: () => ({ status: 200, body: people(all) }),
    });
    const run = async (): Promise<void> => {
      await world.clock.advance(15 * minute);
      await world.tick('bob/people');
      await world.drain();
    };
    await run();
    world.vendor.handle(() => answer);
    await run();
    expect(await world.checkpoint('bob/people')).toMatchObject({
      ...{ state: 'idle', outcome: 'partial' },
      progress: { records: 38, deleted: 0 },
    });
    expect(await tombstonesOf(world, 'bob/people')).toEqual([]);
    // And what has gone is deleted once the answer is whole again.
    world.vendor.handle(() => ({ status: 200, body: some }));
    await run();
    expect(await tombstonesOf(world, 'bob/people')).toHaveLength(2);
  });
});

describe('a list by cursor', () => {
  const employment = 'bob/employment';

  /** Pages of a row each, with their cursors, as a test changes them. */
  function worldOf(answer: (cursor: string | null) => FakeAnswer): SyncWorld {
    return new SyncWorld({
      streams: [employment],
      vendor: ({ url }) => answer(new URL(url).searchParams.get('cursor')),
    });
  }
  const page = (id: number, metadata: object): FakeAnswer => ({
    status: 200,
    body: { results: [{ employeeId: String(id), values: [{ id: 1 }] }], response_metadata: metadata },
  });
  const nothing = (metadata: object): FakeAnswer => ({
    status: 200,
    body: { results: [], response_metadata: metadata },
  });

  it('ends with its last page, also where that names its own cursor beside a null', async () => {
    const world = worldOf((cursor) =>
      cursor === null
        ? page(1, { cursor: 'i:0', next_cursor: 'i:30' })
        : page(2, { cursor: 'i:30', next_cursor: null }),
    );
    await world.tick(employment);
    await world.drain();
    expect(await world.checkpoint(employment)).toMatchObject({ outcome: 'complete' });
    expect(await world.storedIds(employment)).toEqual(['1/1', '2/1']);
  });

  it('ends with an empty page that names the cursor it was asked with', async () => {
    const world = worldOf((cursor) =>
      cursor === null ? page(1, { next_cursor: 'i:7' }) : nothing({ next_cursor: 'i:7' }),
    );
    await world.tick(employment);
    await world.drain();
    expect(await world.checkpoint(employment)).toMatchObject({ state: 'idle', outcome: 'complete' });
  });

  it.each([400, 404, 410, 422])(
    'begins anew, once, where a cursor that it was given is answered with %i',
    async (status) => {
      let isDead = true;
      const asked: (string | null)[] = [];
      const world = worldOf((cursor) => {
        asked.push(cursor);
        if (cursor === null) return page(1, { next_cursor: 'c1' });
        if (cursor === 'c1') return page(2, { next_cursor: 'c2' });
        if (!isDead) return page(3, { next_cursor: null });
        isDead = false;
        return { status, body: { error: 'scroll parameter not found' } };
      });
      await world.tick(employment);
      await world.drain();
      expect(asked).toEqual([null, 'c1', 'c2', null, 'c1', 'c2']);
      expect(await world.checkpoint(employment)).toMatchObject({ outcome: 'complete' });
      expect(await world.storedIds(employment)).toEqual(['1/1', '2/1', '3/1']);
    },
  );

  it('is over where its cursors are dead again, and no refused one is kept', async () => {
    const world = worldOf((cursor) => (cursor === null ? page(1, { next_cursor: 'c1' }) : { status: 404 }));
    await world.tick(employment);
    await world.drain();
    expect(await world.checkpoint(employment)).toMatchObject({
      ...{ state: 'idle', outcome: 'drifted', position: null, run: null },
    });
    expect(world.vendor.requests).toHaveLength(4);
  });

  it('halts as missing where its first page is not there', async () => {
    const world = worldOf(() => ({ status: 404 }));
    await world.tick(employment);
    expect(await world.checkpoint(employment)).toMatchObject({ state: 'halted', outcome: 'missing' });
  });

  it('that an older version halted at a dead cursor begins anew once it is resumed', async () => {
    const asked: (string | null)[] = [];
    const world = worldOf((cursor) => {
      asked.push(cursor);
      return cursor === null ? page(1, { next_cursor: 'c1' }) : page(2, { next_cursor: null });
    });
    await world.tick(employment);
    const stored = await world.checkpoint(employment);
    await world.checkpoints.replace({
      ...stored,
      ...{
        state: 'halted',
        outcome: 'missing',
        lastStatus: 404,
        position: { kind: 'cursor', cursor: 'dead' },
      },
      halt: { outcome: 'missing', at: world.clock.now(), definition: 'any' },
    });
    await resumeStream(employment, world);
    await world.clock.advance(15 * minute);
    await world.tick(employment);
    await world.drain();
    expect(asked).toEqual([null, null, 'c1']);
    expect(await world.checkpoint(employment)).toMatchObject({ outcome: 'complete' });
  });
});

describe('a total that becomes that of the page while a list of one row a page is walked', () => {
  it('is known to be too low from the page that leads back, and does not end the walk at its beginning', async () => {
    let lies: 'never' | 'from the third row on' | 'always' = 'never';
    const answer: FakeHandler = (request) => {
      const offset = Number(new URL(request.url).searchParams.get('Offset'));
      const items = offset < 5 ? [{ id: `row-${offset}` }] : [];
      if (lies === 'from the third row on' && offset === 2) lies = 'always';
      return { status: 200, body: { items, total: lies === 'always' ? items.length : 5 } };
    };
    const world = await ranOnce({ answer });
    lies = 'from the third row on';
    const before = world.vendor.requests.length;
    await runOf(world);

    const offsets = world.vendor.requests
      .slice(before)
      .map(({ request: { url } }) => Number(new URL(url).searchParams.get('Offset')));
    expect(Math.max(...offsets)).toBeGreaterThanOrEqual(5);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', totals: 'too low' });
  });
});
