import { describe, expect, it } from 'vitest';

import { newCheckpoint } from '../../../lib/sync/checkpoint.ts';
import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { madeUpWorld, nextRun } from '../../support/made-up-vendor.ts';
import { tombstonesOf } from '../../support/changing-list.ts';
import type { SyncWorld } from '../../support/sync-world.ts';

const numbers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `p${String(index).padStart(3, '0')}`);

interface Asked {
  readonly fields: readonly string[];
  readonly only?: readonly string[];
}

/** People as Bob gives them: all of them, or those that a filter names. */
function people(ids: () => readonly string[], hidden: readonly string[] = []): FakeHandler {
  return ({ body }) => {
    const { fields, only } = JSON.parse(body ?? '{}') as Asked;
    const wanted = ids().filter((id) => only === undefined || (only.includes(id) && !hidden.includes(id)));
    const rows = wanted.map((id) => (fields.includes('name') ? { id, name: `N ${id}` } : { id }));
    return { status: 200, body: { rows } };
  };
}

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
      reason: 'the vendor left something out of a page of this run',
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
    const dying = {
      ...world.deps,
      records: { ...world.deps.records, upsert: () => Promise.reject(new Error('killed')) },
    };
    await expect(world.invoke({ kind: 'message', message: killed.message }, dying)).rejects.toThrow('killed');
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

describe('a list that is asked for one parent at a time', () => {
  const stream = 'made-up/tables';
  const rows = new Map<string, readonly string[]>();
  const vendor: FakeHandler = (request) => {
    const person = /\/people\/(.+)\/rows/.exec(request.url)?.[1];
    if (person === undefined) return people(() => [...rows.keys()])(request);
    const of = rows.get(person);
    return of === undefined
      ? { status: 404 }
      : { status: 200, body: { rows: of.map((id) => ({ person, id })) } };
  };
  const world = async (): Promise<SyncWorld> => {
    rows.clear();
    for (const id of ['p1', 'p2', 'p3']) rows.set(id, ['a', 'b']);
    const made = madeUpWorld(['people', 'tables'], vendor);
    await nextRun(made, 'people');
    return made;
  };

  it('is asked for each record of the other stream that lives', async () => {
    const made = await world();
    expect((await nextRun(made, 'tables')).map(({ asked }) => asked)).toEqual([
      'GET /people/p1/rows',
      'GET /people/p2/rows',
      'GET /people/p3/rows',
    ]);
    expect(await made.storedIds(stream)).toEqual(['p1/a', 'p1/b', 'p2/a', 'p2/b', 'p3/a', 'p3/b']);
    rows.delete('p2');
    await nextRun(made, 'people');
    expect(await nextRun(made, 'tables')).toHaveLength(2);
    expect(await tombstonesOf(made, stream)).toEqual(['p2/a', 'p2/b']);
  });

  it('leaves out one that the vendor does not know any more, and deletes nothing then', async () => {
    const made = await world();
    await nextRun(made, 'tables');
    rows.delete('p2');
    await nextRun(made, 'tables');
    expect(await made.checkpoint(stream)).toMatchObject({ state: 'idle', outcome: 'partial' });
    expect(await tombstonesOf(made, stream)).toEqual([]);
  });

  it('goes on behind the first one, too, where the vendor does not know that any more', async () => {
    const made = await world();
    await nextRun(made, 'tables');
    rows.delete('p1');
    expect(await nextRun(made, 'tables')).toHaveLength(3);
    expect(await made.checkpoint(stream)).toMatchObject({ state: 'idle', outcome: 'partial' });
    expect(await tombstonesOf(made, stream)).toEqual([]);
  });

  it('halts where the vendor knows none of it', async () => {
    const made = await world();
    rows.clear();
    await nextRun(made, 'tables');
    expect(await made.checkpoint(stream)).toMatchObject({ state: 'halted', outcome: 'missing' });
  });

  it('asks for nothing where there is nobody, and deletes nothing', async () => {
    const made = madeUpWorld(['people', 'tables'], vendor);
    expect(await nextRun(made, 'tables')).toEqual([]);
    expect(made.reports.at(-1)).toMatchObject({ outcome: 'fetched', requests: 0, streamOutcome: 'complete' });
  });

  it('does not take a 204 for a parent without rows', async () => {
    const made = await world();
    await nextRun(made, 'tables');
    made.vendor.handle((request) => (request.url.includes('p2') ? { status: 204 } : vendor(request)));
    await nextRun(made, 'tables');
    expect(await made.checkpoint(stream)).toMatchObject({ outcome: 'partial' });
    expect(await tombstonesOf(made, stream)).toEqual([]);
  });

  it('may be told by the user whom to ask for', async () => {
    const made = madeUpWorld(
      ['groups'],
      ({ url }) => ({
        status: 200,
        body: { rows: [{ id: `of ${decodeURIComponent(url.split('/').at(-1) ?? '')}` }] },
      }),
      { params: { groups: ['g/2', 'g/1'] } },
    );
    expect((await nextRun(made, 'groups')).map(({ asked }) => asked)).toEqual([
      'GET /groups/g/1',
      'GET /groups/g/2',
    ]);
    expect(made.vendor.requests[0]?.request.url).toBe('https://vendor.example/groups/g%2F1');
    expect(await made.storedIds('made-up/groups')).toEqual(['of g/1', 'of g/2']);
  });
});

describe('a file that the vendor has to write first', () => {
  const stream = 'made-up/report';
  const started = {
    status: 202,
    headers: { location: 'https://files.elsewhere.example/v1/download/report%201' },
  };
  const written = { status: 200, body: { rows: [{ id: 'a' }, { id: 'b' }] } };

  it('is asked for until it is there, at the vendor alone, and stored', async () => {
    let polls = 0;
    const world = madeUpWorld(['report'], ({ url }) => {
      if (url.endsWith('/report')) return started;
      return (polls += 1) < 3 ? { status: 204 } : written;
    });
    const requests = await nextRun(world, 'report');
    expect(requests.map(({ asked }) => asked)).toEqual([
      'GET /report',
      'GET /files/report 1',
      'GET /files/report 1',
      'GET /files/report 1',
    ]);
    expect(world.vendor.requests[1]?.request.url).toBe('https://vendor.example/files/report%201');
    const waits = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(20_000);
    expect(await world.storedIds(stream)).toEqual(['a', 'b']);
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete', attempt: 0 });
  });

  it('may come at once', async () => {
    const world = madeUpWorld(['report'], () => written);
    expect(await nextRun(world, 'report')).toHaveLength(1);
    expect(await world.storedIds(stream)).toEqual(['a', 'b']);
  });

  it('is asked for anew where it has gone, or has not been written within an hour; then the run is given up', async () => {
    const world = madeUpWorld(['report'], ({ url }) => (url.endsWith('/report') ? started : { status: 404 }));
    await nextRun(world, 'report');
    expect(await world.checkpoint(stream)).toMatchObject({ state: 'idle', outcome: 'drifted' });
    world.vendor.handle(({ url }) => (url.endsWith('/report') ? started : { status: 204 }));
    const requests = await nextRun(world, 'report');
    expect(requests.filter(({ asked }) => asked === 'GET /report').length).toBe(2);
    expect(await world.checkpoint(stream)).toMatchObject({ state: 'idle', outcome: 'drifted' });
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

describe('an answer that takes longer to store than a function has', () => {
  const stream = 'made-up/people';
  const slow = (ids: () => readonly string[]): SyncWorld => {
    const world = madeUpWorld(['people'], people(ids), { batchOver: 1_000_000 });
    const upsert = world.records.upsert.bind(world.records);
    world.records.upsert = async (...rows) => {
      // Half of what the function has.
      await world.clock.advance(8000);
      return upsert(...rows);
    };
    return world;
  };

  it('is stored in the order of its ids, and goes on after the last', async () => {
    const ids = numbers(2600);
    const world = slow(() => ids.toReversed());
    const requests = await nextRun(world, 'people');
    expect(requests.length).toBeGreaterThan(1);
    expect(await world.storedIds(stream)).toEqual(ids.toSorted());
    expect((await world.checkpoint(stream)).progress).toMatchObject({ written: 2600, unchanged: 0 });
    await nextRun(world, 'people');
    expect((await world.checkpoint(stream)).progress).toMatchObject({
      written: 0,
      unchanged: 2600,
      deleted: 0,
    });
  });

  it('deletes what has gone, and not what came in front of it meanwhile', async () => {
    let ids = numbers(2600);
    const world = slow(() => ids);
    await nextRun(world, 'people');
    await world.clock.advance(15 * 60_000);
    await world.tick(stream);
    expect(await world.checkpoint(stream)).toMatchObject({ position: { kind: 'answer' } });
    ids = ['a-new-one', ...ids.slice(0, -1)];
    await world.drain();
    expect(await tombstonesOf(world, stream)).toEqual(['p2599']);
    await nextRun(world, 'people');
    expect(await world.storedIds(stream)).toContain('a-new-one');
  });
});

describe('fields that are not to be kept', () => {
  it('are left out and masked before anything is stored', async () => {
    const world = madeUpWorld(
      ['people'],
      () => ({ status: 200, body: { rows: [{ id: '1', name: 'N', pay: 1 }] } }),
      { omit: ['name'], mask: ['pay'] },
    );
    await nextRun(world, 'people');
    const [record] = await Array.fromAsync(world.records.scan('made-up/people'));
    expect(record?.json).toMatch(/^\{"id":"1","pay":"masked:[\w-]{22}"\}$/);
  });

  it('are not asked for as long as there is no key to mask them with', async () => {
    const world = madeUpWorld(
      ['people'],
      people(() => numbers(1)),
      { mask: ['pay'] },
    );
    world.secrets.change({ apiKey: 'made-up' });
    expect(await nextRun(world, 'people')).toEqual([]);
    expect(await world.checkpoint('made-up/people')).toMatchObject({
      outcome: 'unconfigured',
      reason: 'the secret has no maskKey yet',
    });
  });
});

describe('fields that the key may not see any more', () => {
  const stream = 'made-up/people';
  const all = { id: '1', work: { title: 'T', site: 'S' } };
  const fields = ['id', 'work.title', 'work.site', 'payroll.salary'];
  const answer = (row: object): FakeHandler => {
    return () => ({ status: 200, body: { rows: [row] } });
  };
  const jsonOf = async (world: SyncWorld) =>
    (await Array.fromAsync(world.records.scan(stream))).map(({ json }) => json);

  it('are no fields that have been emptied: what was stored of them is kept, and on-call is told in time', async () => {
    const world = madeUpWorld(['people'], answer(all), { fields });
    await nextRun(world, 'people');
    expect((await world.checkpoint(stream)).coverage?.absent).toEqual(['payroll.salary']);
    world.vendor.handle(answer({ id: '1', name: 'new' }));
    await nextRun(world, 'people');
    await nextRun(world, 'people');
    expect(await jsonOf(world)).toEqual([JSON.stringify(all)]);
    expect(await world.checkpoint(stream)).toMatchObject({
      outcome: 'partial',
      reason:
        'the vendor gives nothing of work any more, so nothing is written: it may not be shown to this key',
      coverage: { absent: ['payroll.salary'] },
    });
    world.vendor.handle(answer({ ...all, name: 'new' }));
    await nextRun(world, 'people');
    expect(await jsonOf(world)).toEqual([JSON.stringify({ ...all, name: 'new' })]);
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete', doubtedSince: null });
  });

  it('may be empty by themselves, as long as something of their category comes', async () => {
    const world = madeUpWorld(['people'], answer(all), { fields });
    await nextRun(world, 'people');
    world.vendor.handle(answer({ id: '1', work: { site: 'S' } }));
    await nextRun(world, 'people');
    expect(await world.checkpoint(stream)).toMatchObject({
      outcome: 'complete',
      coverage: { absent: ['work.title', 'payroll.salary'] },
    });
  });

  it('are not missed once they are not asked for', async () => {
    const world = madeUpWorld(['people'], answer(all), { fields });
    await nextRun(world, 'people');
    world.vendor.handle(answer({ id: '1' }));
    const [people] = [...world.streams.values()];
    if (people === undefined) throw new Error('no stream');
    const settings = { ...people.settings, fields: ['id', 'work.title'] };
    const deps = { ...world.deps, streams: new Map([[stream, { ...people, settings }]]) };
    await world.clock.advance(15 * 60_000);
    await world.invoke({ kind: 'tick', stream, scheduledAt: world.clock.now() }, deps);
    expect(await jsonOf(world)).toEqual(['{"id":"1"}']);
  });
});

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

describe('a category of fields that only some have', () => {
  const stream = 'made-up/people';
  const fields = ['id', 'name', 'pay.iban'];
  const payees = (from: number, version: string): FakeHandler => {
    return ({ body }) => {
      const { fields: asked, only } = JSON.parse(body ?? '{}') as Asked;
      const rows = numbers(32)
        .map((id, index) => ({ id, name: version, ...(index >= from && { pay: { iban: 'x' } }) }))
        .filter(({ id }) => only === undefined || only.includes(id));
      return { status: 200, body: { rows: asked.length === 1 ? rows.map(({ id }) => ({ id })) : rows } };
    };
  };
  const namesOf = async (world: SyncWorld) => {
    const records = await Array.fromAsync(world.records.scan(stream));
    return new Set(records.map(({ json }) => (JSON.parse(json ?? '{}') as { name?: string }).name));
  };

  it('may be missing from the first batches: their rows are written all the same', async () => {
    const world = madeUpWorld(['people'], payees(20, 'v0'), { fields, batchOver: 0 });
    for (const version of ['v0', 'v1', 'v2']) {
      world.vendor.handle(payees(20, version));
      await nextRun(world, 'people');
      expect(await namesOf(world)).toEqual(new Set([version]));
      expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete', size: 32 });
    }
  });

  it('is withdrawn where it was in the first batch and is not any more; then it still comes in batches', async () => {
    const world = madeUpWorld(['people'], payees(0, 'v0'), { fields, batchOver: 10 });
    await nextRun(world, 'people');
    await nextRun(world, 'people');
    world.vendor.handle(payees(99, 'v1'));
    for (let run = 0; run < 3; run += 1) {
      // The list of the ids and four batches.
      expect(await nextRun(world, 'people')).toHaveLength(5);
      expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'partial', size: 32 });
    }
    expect(await namesOf(world)).toEqual(new Set(['v0']));
  });
});
