import { describe, expect, it } from 'vitest';

import { mobaroWith, pageOf, SyncWorld } from '../../support/sync-world.ts';

const minute = 60_000;

describe('a run', () => {
  it('goes from the first page to the last, one page an invocation', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    const tick = await world.tick();
    expect(tick).toMatchObject({
      outcome: 'fetched',
      streamOutcome: 'running',
      next: 'continue',
      endpoint: 'GET /users',
      status: 200,
      attempt: 1,
      requests: 1,
      records: 20,
      written: 20,
    });
    expect(await world.checkpoint()).toMatchObject({ position: { kind: 'offset', offset: 20 }, sequence: 1 });
    await world.drain();
    expect(world.reports.map(({ outcome, records }) => [outcome, records])).toEqual([
      ['fetched', 20],
      ['fetched', 20],
      ['fetched', 5],
    ]);
    expect(await world.checkpoint()).toMatchObject({
      state: 'idle',
      outcome: 'complete',
      run: null,
      position: null,
      attempt: 0,
      lease: null,
      progress: { pages: 3, records: 45, written: 45, unchanged: 0 },
    });
    expect(await world.storedIds()).toHaveLength(45);
  });

  it('rewrites nothing the second time', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45) });
    await world.tick();
    await world.drain();
    await world.clock.advance(15 * minute);
    await world.tick();
    await world.drain();
    expect((await world.checkpoint()).progress).toMatchObject({ records: 45, written: 0, unchanged: 45 });
  });

  it('ends on an empty page where the vendor gives no total', async () => {
    const world = new SyncWorld({
      vendor: ({ url }) => {
        const { body } = pageOf(40, Number(new URL(url).searchParams.get('Offset')), 20);
        return { status: 200, body: { items: (body as { items: unknown[] }).items } };
      },
    });
    await world.tick();
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { records: 40 } });
  });

  it.each([204, 304])('takes %i for an empty last page', async (status) => {
    const world = new SyncWorld({ vendor: () => ({ status }) });
    expect(await world.tick()).toMatchObject({ outcome: 'fetched', status, records: 0, next: 'none' });
    expect(await world.checkpoint()).toMatchObject({
      state: 'idle',
      outcome: 'complete',
      lastStatus: status,
    });
  });

  it('takes one page a tick, and sends no message, where it is told to', async () => {
    const world = new SyncWorld({ vendor: mobaroWith(45), settings: { continuation: 'nextTick' } });
    for (const next of ['tick', 'tick', 'none']) {
      expect(await world.tick()).toMatchObject({ outcome: 'fetched', next });
      expect(world.queue.contents).toEqual([]);
      await world.clock.advance(minute);
    }
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { pages: 3 } });
  });

  it('is partial when a page of it says so, and stays so to its end', async () => {
    const pages = [
      {
        results: [{ employeeId: '1', values: [{ id: 1 }] }],
        errors: { 2: {} },
        response_metadata: { next_cursor: 'b' },
      },
      { results: [{ employeeId: '3', values: [{ id: 1 }] }], response_metadata: { next_cursor: null } },
    ];
    const world = new SyncWorld({
      streams: ['bob/employment'],
      vendor: () => ({ status: 200, body: pages.shift() }),
    });
    await world.tick('bob/employment');
    await world.drain();
    expect(await world.checkpoint('bob/employment')).toMatchObject({
      state: 'idle',
      outcome: 'partial',
      reason: 'the vendor left something out of a page of this run',
      progress: { records: 2 },
    });
    expect(await world.storedIds('bob/employment')).toEqual(['1/1', '3/1']);
  });

  it('halts where the cursor goes in a circle', async () => {
    const body = { results: [], response_metadata: { next_cursor: 'a' } };
    const world = new SyncWorld({ streams: ['bob/employment'], vendor: () => ({ status: 200, body }) });
    await world.tick('bob/employment');
    await world.drain();
    expect(world.vendor.requests).toHaveLength(2);
    expect(await world.checkpoint('bob/employment')).toMatchObject({ state: 'halted', outcome: 'looping' });
    expect(world.measured.streams.get('bob/employment')).toMatchObject({ Halted: 1, Missing: 0 });
  });

  it("halts when the run's budget of pages is spent, without another call", async () => {
    const world = new SyncWorld({ vendor: mobaroWith(1000), settings: { pageBudget: 3 } });
    await world.tick();
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
    expect(await world.checkpoint()).toMatchObject({
      state: 'halted',
      outcome: 'runaway',
      position: { kind: 'offset', offset: 60 },
      reason: "the run's budget of 3 pages is spent",
    });
  });
});
