import { describe, expect, it } from 'vitest';

import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';
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
      // Each page overlaps the one before by a row, which is not counted again.
      ['fetched', 19],
      ['fetched', 6],
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
    // Three pages, the last row alone, and nothing behind it.
    expect(world.vendor.requests).toHaveLength(5);
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
      reason: 'the vendor left 1 out (errors in its answer)',
      progress: { records: 2 },
    });
    expect(await world.storedIds('bob/employment')).toEqual(['1/1', '3/1']);
  });

  it('halts where the cursor goes in a circle', async () => {
    const results = (id: number): unknown => [{ employeeId: '1', values: [{ id }] }];
    let page = 0;
    const world = new SyncWorld({
      streams: ['bob/employment'],
      vendor: () => ({
        status: 200,
        body: { results: results((page += 1)), response_metadata: { next_cursor: 'a' } },
      }),
    });
    await world.tick('bob/employment');
    await world.drain();
    expect(world.vendor.requests).toHaveLength(2);
    // What came with the page that closes it is stored all the same.
    expect(await world.storedIds('bob/employment')).toEqual(['1/1', '1/2']);
    expect(world.reports.at(-1)).toMatchObject({ outcome: 'rejected', records: 1, written: 1 });
    expect(await world.checkpoint('bob/employment')).toMatchObject({ state: 'halted', outcome: 'looping' });
    expect(world.troubles('bob/employment')).toEqual(['held']);
  });

  it("halts when the run's budget of pages is spent, without another call", async () => {
    const world = new SyncWorld({ vendor: mobaroWith(1000), settings: { pageBudget: 3 } });
    await world.tick();
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
    expect(await world.checkpoint()).toMatchObject({
      state: 'halted',
      outcome: 'runaway',
      position: { kind: 'offset', offset: 58 },
      reason: "the run's budget of 3 pages is spent",
    });
  });
});

describe('a list that moves while it is paged', () => {
  /** Rows that a test inserts and deletes between two requests. */
  function moving(rows: string[], before: (request: number) => void): FakeHandler {
    let requests = 0;
    return ({ url }) => {
      before((requests += 1));
      const query = new URL(url).searchParams;
      const offset = Number(query.get('Offset'));
      const items = rows.slice(offset, offset + Math.min(20, Number(query.get('Limit'))));
      return { body: { items: items.map((id) => ({ id })), total: rows.length, amount: items.length } };
    };
  }
  const named = (count: number): string[] => Array.from({ length: count }, (_, row) => `row-${row}`);

  it('is stored whole: every row that was there throughout', async () => {
    const rows = named(100);
    const world = new SyncWorld({
      vendor: moving(rows, (request) => {
        if (request === 3) rows.splice(5, 4);
        if (request === 5) rows.splice(0, 0, 'new-1', 'new-2');
        if (request === 6) rows.splice(10, 25);
      }),
    });
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
    const stored = new Set(await world.storedIds());
    for (const row of rows) if (row.startsWith('row-')) expect(stored).toContain(row);
    expect(world.reports.some(({ reason }) => reason === 'rows have gone from before the page')).toBe(true);
  });

  it('and never stands still ends as drifted: kept, and tried again by the next tick', async () => {
    const rows = named(60);
    const world = new SyncWorld({
      vendor: moving(rows, (request) => {
        // Everything is new at every request.
        rows.splice(0, rows.length, ...Array.from({ length: 60 }, (_, row) => `r${request}-${row}`));
      }),
    });
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({
      state: 'idle',
      outcome: 'drifted',
      run: null,
      position: null,
    });
    expect(world.vendor.requests.length).toBeLessThan(100);
    expect(await world.storedIds()).not.toEqual([]);
    world.vendor.handle(mobaroWith(45));
    await world.clock.advance(900_000);
    await world.tick();
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete' });
  });

  it('halts where the server ignores the offset', async () => {
    const world = new SyncWorld({ vendor: () => pageOf(100, 0, 20) });
    await world.tick();
    await world.drain();
    expect(world.vendor.requests).toHaveLength(3);
    expect(await world.checkpoint()).toMatchObject({ state: 'halted', outcome: 'looping' });
  });
});

describe('a cursor that has expired', () => {
  const bulk = (id: number, next: string | null): object => ({
    body: { results: [{ employeeId: '1', values: [{ id }] }], response_metadata: { next_cursor: next } },
  });

  it('lets the run begin anew', async () => {
    const answers = [bulk(1, 'a'), { status: 400 }, bulk(1, 'b'), bulk(2, null)];
    const world = new SyncWorld({
      streams: ['bob/employment'],
      vendor: () => answers.shift() ?? { status: 500 },
    });
    await world.tick('bob/employment');
    await world.drain();
    expect(await world.checkpoint('bob/employment')).toMatchObject({
      outcome: 'complete',
      progress: { setbacks: 1 },
    });
    expect(await world.storedIds('bob/employment')).toEqual(['1/1', '1/2']);
  });

  it('and does so again and again ends the run as drifted', async () => {
    const world = new SyncWorld({
      streams: ['bob/employment'],
      vendor: ({ url }) => (url.includes('cursor=') ? { status: 410 } : bulk(1, 'a')),
    });
    await world.tick('bob/employment');
    await world.drain();
    expect(await world.checkpoint('bob/employment')).toMatchObject({ state: 'idle', outcome: 'drifted' });
    expect(world.vendor.requests).toHaveLength(4);
  });
});
