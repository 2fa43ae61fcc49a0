import { describe, expect, it } from 'vitest';

import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { madeUpWorld, nextRun, numbers, people, type Asked } from '../../support/made-up-vendor.ts';
import type { SyncWorld } from '../../support/sync-world.ts';

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

  it('make the stream stale in its time: nothing of it is written', async () => {
    const world = madeUpWorld(['people'], answer(all), { fields });
    await world.watch();
    await nextRun(world, 'people');
    const { freshFrom } = await world.checkpoint(stream);
    world.vendor.handle(answer({ id: '1' }));
    await nextRun(world, 'people');
    await nextRun(world, 'people');
    expect((await world.checkpoint(stream)).freshFrom).toBe(freshFrom);
    const freshnessMs = world.streams.get(stream)?.freshnessMs ?? 0;
    await world.clock.advance(freshnessMs);
    await world.watch();
    expect(world.troubles(stream)).toContain('stale');
    world.vendor.handle(answer(all));
    await nextRun(world, 'people');
    expect(world.troubles(stream)).toEqual([]);
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
      expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete', lastRunRows: 32 });
    }
  });

  const plates = (of: readonly string[], ids: readonly string[], version: string): FakeHandler => {
    return ({ body }) => {
      const { fields: asked, only } = JSON.parse(body ?? '{}') as Asked;
      const rows = ids
        .filter((id) => only === undefined || only.includes(id))
        .map((id) => ({ id, name: version, ...(of.includes(id) && { pay: { iban: 'x' } }) }));
      return { status: 200, body: { rows: asked.length === 1 ? rows.map(({ id }) => ({ id })) : rows } };
    };
  };

  it('is written again by the next run where the one in the first batch has left, and another batch has it still', async () => {
    const world = madeUpWorld(['people'], plates(['p000', 'p025'], numbers(32), 'v0'), {
      fields,
      batchOver: 0,
    });
    await nextRun(world, 'people');
    await nextRun(world, 'people');
    const left = numbers(32).filter((id) => id !== 'p000');
    world.vendor.handle(plates(['p025'], left, 'v1'));
    await nextRun(world, 'people');
    expect(await world.checkpoint(stream)).toMatchObject({
      outcome: 'partial',
      reason: 'the first rows had nothing of pay, which came later: the next run writes them',
      coverage: { absent: [], first: { page: 'part', absent: ['pay.iban'] }, withheld: [] },
    });
    expect(await namesOf(world)).toEqual(new Set(['v0', 'v1']));
    await nextRun(world, 'people');
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete', reason: null });
    const living = (await Array.fromAsync(world.records.scan(stream))).filter(
      ({ deletedAt }) => deletedAt === null,
    );
    expect(living.map(({ json }) => json).filter((json) => json?.includes('v0'))).toEqual([]);
  });

  it('is expected still where none of the batches has it, though another one came later', async () => {
    const wide = [...fields, 'work.site'];
    const answer = (pay: boolean, work: number): FakeHandler => {
      return ({ body }) => {
        const { fields: asked, only } = JSON.parse(body ?? '{}') as Asked;
        const rows = numbers(32)
          .map((id, index) => ({
            id,
            ...(pay && { pay: { iban: 'x' } }),
            ...(index >= work && { work: { site: 'S' } }),
          }))
          .filter(({ id }) => only === undefined || only.includes(id));
        return { status: 200, body: { rows: asked.length === 1 ? rows.map(({ id }) => ({ id })) : rows } };
      };
    };
    const world = madeUpWorld(['people'], answer(true, 0), { fields: wide, batchOver: 0 });
    await nextRun(world, 'people');
    world.vendor.handle(answer(false, 20));
    for (let run = 0; run < 3; run += 1) {
      await nextRun(world, 'people');
      const { coverage, reason } = await world.checkpoint(stream);
      expect(reason).toMatch(/^the vendor gives nothing of pay any more/);
      expect(coverage?.withheld).toEqual(['pay.iban']);
      expect(coverage?.first?.absent).not.toContain('pay.iban');
    }
  });

  it('keeps saying which it is, where the last batch leaves out something else', async () => {
    const world = madeUpWorld(['people'], payees(0, 'v0'), { fields, batchOver: 0 });
    await nextRun(world, 'people');
    world.vendor.handle(({ body }) => {
      const { fields: asked, only = [] } = JSON.parse(body ?? '{}') as Asked;
      const ids = asked.length === 1 ? numbers(32) : only.filter((id) => id !== 'p031');
      return {
        status: 200,
        body: { rows: ids.map((id) => (asked.length === 1 ? { id } : { id, name: 'N' })) },
      };
    });
    await nextRun(world, 'people');
    expect((await world.checkpoint(stream)).reason).toMatch(/^the vendor gives nothing of pay any more/);
  });

  it('is withdrawn where it was in the first batch and is not any more; then it still comes in batches', async () => {
    const world = madeUpWorld(['people'], payees(0, 'v0'), { fields, batchOver: 10 });
    await nextRun(world, 'people');
    await nextRun(world, 'people');
    world.vendor.handle(payees(99, 'v1'));
    for (let run = 0; run < 3; run += 1) {
      // The list of the ids and four batches.
      expect(await nextRun(world, 'people')).toHaveLength(5);
      expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'partial', lastRunRows: 32 });
    }
    expect(await namesOf(world)).toEqual(new Set(['v0']));
  });
});
