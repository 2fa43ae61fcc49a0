import { describe, expect, it } from 'vitest';

import { changeCheckpoint } from '../../../lib/sync/compare-and-swap.ts';
import { ChangingList, runOf, tombstonesOf, worldOf } from '../../support/changing-list.ts';
import { kill } from '../../support/killed.ts';
import type { SyncWorld } from '../../support/sync-world.ts';

const day = 86_400_000;

const tombstoneOf = async (world: SyncWorld, id: string) =>
  (await Array.fromAsync(world.records.scan('mobaro/users'))).find((record) => record.id === id);

const last = (world: SyncWorld) => world.reports.at(-1);

describe('a row that the vendor does not give any more', () => {
  it('becomes a tombstone at the end of the next complete run, and nothing else is written', async () => {
    const list = new ChangingList(200);
    const world = await worldOf(list);
    list.remove('row-0007', 'row-0100', 'row-0199');
    const requests = await runOf(world);
    expect(await tombstonesOf(world)).toEqual(['row-0007', 'row-0100', 'row-0199']);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'complete',
      progress: { written: 0, unchanged: 197, deleted: 3 },
    });
    expect(last(world)).toMatchObject({ outcome: 'fetched', requests: 0, deleted: 3, next: 'none' });
    // 197 rows in pages of 20 that overlap by one, and the request that confirms the end.
    expect(requests).toBe(12);
    expect(await tombstoneOf(world, 'row-0007')).toMatchObject({
      json: '{"id":"row-0007"}',
      deletedAt: new Date(world.clock.now()).toISOString(),
      changedAt: new Date(world.clock.now()).toISOString(),
    });
  });

  it('costs no request where nothing has gone', async () => {
    const world = await worldOf(new ChangingList(19));
    expect(await runOf(world)).toBe(1);
    expect(await runOf(world)).toBe(1);
    expect((await world.checkpoint()).progress).toMatchObject({ pages: 1, deleted: 0 });
  });

  it('lives again when it comes back', async () => {
    const list = new ChangingList(40);
    const world = await worldOf(list);
    list.remove('row-0003');
    await runOf(world);
    expect(await tombstonesOf(world)).toEqual(['row-0003']);
    list.rows = ['row-0003', ...list.rows];
    await runOf(world);
    expect(await tombstonesOf(world)).toEqual([]);
    expect((await world.checkpoint()).progress).toMatchObject({ written: 1, unchanged: 39 });
  });

  it('is deleted once only', async () => {
    const list = new ChangingList(40);
    const world = await worldOf(list);
    list.remove('row-0003');
    await runOf(world);
    const { deletedAt } = (await tombstoneOf(world, 'row-0003')) ?? {};
    await runOf(world);
    expect((await world.checkpoint()).progress).toMatchObject({ deleted: 0 });
    expect((await tombstoneOf(world, 'row-0003'))?.deletedAt).toBe(deletedAt);
  });

  it('is found in as many parts as there are, each carried by a message', async () => {
    const list = new ChangingList(12_000);
    const world = await worldOf(list, { pageSize: 128 });
    list.remove('row-0003', 'row-9999');
    await runOf(world);
    expect(await tombstonesOf(world)).toEqual(['row-0003', 'row-9999']);
    const parts = world.reports.filter(({ requests, outcome }) => requests === 0 && outcome === 'fetched');
    // Three to count, three to delete.
    expect(parts.map(({ next }) => next)).toEqual([...Array<string>(5).fill('continue'), 'none']);
  });

  it.each([
    ['ten lists of records', { listLimit: 10, rows: 250, gone: 25 }, [10, 10, 5]],
    [
      'a list that brings it over 500 tombstones',
      { listLimit: 300, rows: 2000, gone: 1500 },
      [675, 675, 150],
    ],
  ])('is looked for by one invocation in %s at most', async (_, { listLimit, rows, gone }, most) => {
    const list = new ChangingList(rows);
    const settings = { pageSize: 500, deletionGuard: { rows: 2000, percent: 100 } };
    const world = await worldOf(list, settings, { listLimit });
    list.rows = list.rows.filter((_id, index) => (index * gone) % rows >= gone);
    expect(rows - list.rows.length).toBe(gone);
    await runOf(world);
    expect(world.reports.map(({ deleted }) => deleted).filter((deleted) => deleted > 0)).toEqual(most);
    expect((await world.checkpoint()).progress).toMatchObject({ deleted: gone });
  });

  it('is counted also where the invocation that deleted it was killed before it could say so', async () => {
    const list = new ChangingList(40);
    const world = await worldOf(list);
    list.remove('row-0003');
    await runOf(world);
    list.remove('row-0005', 'row-0007', 'row-0009');
    await world.clock.advance(15 * 60_000);
    await world.tick();
    await world.clock.advance(1000);
    const { markDeleted } = world.records;
    let revive = (): void => undefined;
    world.records.markDeleted = async (stream, ids, ...rest) => {
      await markDeleted.call(world.records, stream, ids.slice(0, 2), ...rest);
      revive = kill(world);
      throw new Error('out of memory');
    };
    await expect(world.drain()).rejects.toThrow('out of memory');
    world.records.markDeleted = markDeleted;
    revive();
    await world.clock.advance(30 * 60_000);
    await world.watch();
    await world.drain();
    expect(await tombstonesOf(world)).toEqual(['row-0003', 'row-0005', 'row-0007', 'row-0009']);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { deleted: 3 } });
    // Its own one, after the one of the run before.
    expect(world.reports.map(({ deleted }) => deleted).filter((deleted) => deleted > 0)).toEqual([1, 1]);
  });

  it('is found by messages also where the pages come by ticks', async () => {
    const list = new ChangingList(19);
    const world = await worldOf(list, { continuation: 'nextTick' });
    await runOf(world);
    list.remove('row-0003');
    await runOf(world);
    // The end is confirmed with the next tick, for that is a request.
    expect(await world.checkpoint()).toMatchObject({ state: 'running', position: { confirming: true } });
    await runOf(world);
    expect(await tombstonesOf(world)).toEqual(['row-0003']);
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
  });
});

describe('nothing is deleted', () => {
  it('after the first complete run with a new version of the secret', async () => {
    const list = new ChangingList(40);
    const world = await worldOf(list);
    list.remove('row-0003');
    world.secrets.change({ apiKey: 'another' });
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { deleted: 0 } });
    expect(last(world)?.reason).toBe(
      'nothing is deleted: it is the first complete run with this key and definition',
    );
    await runOf(world);
    expect(await tombstonesOf(world)).toEqual(['row-0003']);
  });

  it('after a run in whose midst the secret has changed, nor after the next one', async () => {
    const list = new ChangingList(40);
    const world = await worldOf(list);
    list.remove('row-0003');
    await world.clock.advance(15 * 60_000);
    await world.tick();
    world.secrets.change({ apiKey: 'another' });
    await world.clock.advance(6 * 60_000);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', trustedFingerprint: null });
    await runOf(world);
    expect(await tombstonesOf(world)).toEqual([]);
    await runOf(world);
    expect(await tombstonesOf(world)).toEqual(['row-0003']);
  });

  it('after the first complete run with another definition, or another host', async () => {
    const list = new ChangingList(40);
    const world = await worldOf(list);
    list.remove('row-0003');
    for (const change of [{ baseUrl: 'https://sandbox.example' }, { baseUrl: 'https://vendor.example' }]) {
      const deps = { ...world.deps, ...change };
      await world.clock.advance(15 * 60_000);
      await world.invoke({ kind: 'tick', stream: 'mobaro/users', scheduledAt: world.clock.now() }, deps);
      await runToItsEnd(world, deps);
      expect(await tombstonesOf(world)).toEqual([]);
    }
    const [users] = [...world.streams.values()];
    if (users === undefined) throw new Error('no stream');
    const streams = new Map([[users.name, { ...users, settings: { ...users.settings, pageSize: 10 } }]]);
    const deps = { ...world.deps, streams };
    await world.clock.advance(15 * 60_000);
    await world.invoke({ kind: 'tick', stream: 'mobaro/users', scheduledAt: world.clock.now() }, deps);
    await runToItsEnd(world, deps);
    expect(await tombstonesOf(world)).toEqual([]);
  });

  it('after a run in which rows had gone so far in front that it began anew', async () => {
    const list = new ChangingList(40);
    const world = await worldOf(list);
    await world.clock.advance(15 * 60_000);
    await world.tick();
    list.rows = list.rows.slice(25);
    await world.drain();
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', progress: { setbacks: 1 } });
    expect(await tombstonesOf(world)).toEqual([]);
  });

  it.each([
    ['more rows than it gives', 45],
    ['more rows than it gives, by one', 41],
  ])('where the vendor counts %s: that is partial', async (_, total) => {
    const list = new ChangingList(42);
    const world = await worldOf(list);
    list.rows = [...list.rows.slice(0, 38), 'row-0000', 'row-0001'];
    list.total = ({ length }) => (total > length ? length : total);
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'partial',
      reason: 'the vendor counts 40 rows and gave 38 different ones',
    });
    expect(await tombstonesOf(world)).toEqual([]);
  });

  it('where nothing comes with status 204', async () => {
    const list = new ChangingList(3);
    const world = await worldOf(list);
    world.vendor.handle(() => ({ status: 204 }));
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', heldDeletions: null });
    expect(await tombstonesOf(world)).toEqual([]);
  });

  it('when what the run has seen has been forgotten', async () => {
    const list = new ChangingList(40);
    const world = await worldOf(list);
    list.remove('row-0003');
    const deps = {
      ...world.deps,
      seenRows: {
        recall: async () => 'forgotten' as const,
        remember: world.seenRows.remember.bind(world.seenRows),
        fieldsOf: world.seenRows.fieldsOf.bind(world.seenRows),
      },
    };
    await world.clock.advance(15 * 60_000);
    await world.invoke({ kind: 'tick', stream: 'mobaro/users', scheduledAt: world.clock.now() }, deps);
    await runToItsEnd(world, deps);
    expect(last(world)).toMatchObject({
      streamOutcome: 'complete',
      reason: 'nothing is deleted: what the run has seen has been forgotten',
    });
    expect(await tombstonesOf(world)).toEqual([]);
  });

  it('as long as the list goes on behind what its total says', async () => {
    const list = new ChangingList(60);
    list.total = () => undefined;
    const world = await worldOf(list);
    list.remove('row-0003');
    // It counts 39 only, which is where the second page ends: a third of the list would look as if it had gone.
    list.total = () => 39;
    const requests = await runOf(world);
    expect(await tombstonesOf(world)).toEqual(['row-0003']);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'complete',
      heldDeletions: null,
      totals: 'too low',
    });
    // From then on it is known, and costs no more.
    expect(await runOf(world)).toBe(requests);
  });
});

describe('a run that does not vouch for all rows', () => {
  const everyday = async (world: SyncWorld): Promise<void> => {
    for (let hour = 0; hour < 49; hour += 1) {
      await world.clock.advance(45 * 60_000);
      await runOf(world);
    }
  };

  it('is nothing bad, unless it is never otherwise for two days: then a person is told', async () => {
    const list = new ChangingList(60);
    const world = await worldOf(list);
    let page = 0;
    world.vendor.handle((request) => {
      // A row in front goes while the second page is asked for, and another one comes at the end.
      if ((page += 1) % 4 === 2) list.rows = [...list.rows.slice(1), `new-${page}`];
      return list.answer(request);
    });
    await runOf(world);
    const { outcome, progress, totals } = await world.checkpoint();
    expect(outcome).toBe('complete');
    expect(progress?.setbacks).toBeGreaterThan(0);
    // A total that has shrunk with its list is no lie.
    expect(totals).toBe('confirmed');
    await world.watch();
    expect(world.troubles()).toEqual([]);
    await everyday(world);
    await world.watch();
    expect(world.troubles()).toEqual(['held']);
    world.vendor.handle(list.answer);
    await runOf(world);
    expect(world.troubles()).not.toContain('stale');
    expect((await world.checkpoint()).doubtedSince).toBeNull();
  });

  it.each([
    [3, ['held']],
    [0, []],
  ])('is one that is answered with 204, where there were %i rows', async (rows, troubles) => {
    const world = await worldOf(new ChangingList(rows));
    world.vendor.handle(() => ({ status: 204 }));
    await everyday(world);
    await world.watch();
    expect(world.troubles()).toEqual(troubles);
  });
});

describe('nothing is deleted that lives', () => {
  it('where an invocation that was frozen writes what it has seen long after its lease', async () => {
    const list = new ChangingList(60);
    const world = await worldOf(list);
    await world.clock.advance(15 * 60_000);
    await world.tick();
    let late = (): Promise<void> => Promise.reject(new Error('it never got so far'));
    const frozen = Promise.withResolvers<never>();
    const seenRows = {
      recall: world.seenRows.recall.bind(world.seenRows),
      fieldsOf: world.seenRows.fieldsOf.bind(world.seenRows),
      remember: (...page: Parameters<typeof world.seenRows.remember>) => {
        late = () => world.seenRows.remember(...page);
        return frozen.promise;
      },
    };
    const received = world.queue.receive();
    if (received === undefined) throw new Error('no message');
    const dead = world.invoke({ kind: 'message', message: received.message }, { ...world.deps, seenRows });
    dead.catch(() => undefined);
    await world.clock.advance(0);
    // The next holder's page has one row more at its end.
    list.remove('row-0025');
    await world.clock.advance(30 * 60_000);
    await world.watch();
    await world.deliver();
    await late();
    await world.drain();
    expect(await tombstonesOf(world)).toEqual(['row-0025']);
  });

  it('where the request that confirms the end is told that there are more', async () => {
    const list = new ChangingList(110);
    const world = await worldOf(list);
    world.vendor.handle(({ url }) => {
      const query = new URL(url).searchParams;
      const offset = Number(query.get('Offset'));
      const isBehind = offset >= 99;
      const limit = isBehind ? 1 : Math.min(Number(query.get('Limit')), 100 - offset);
      const items = list.rows.slice(offset, offset + limit).map((id) => ({ id }));
      return { status: 200, body: { items, total: isBehind ? 110 : 100 } };
    });
    await runOf(world);
    expect(await tombstonesOf(world)).toEqual([]);
    expect((await world.checkpoint()).progress).toMatchObject({ unchanged: 110 });
  });
});

describe('a list that grows all the time', () => {
  it('is confirmed to its end all the same, and what has gone is deleted', async () => {
    const list = new ChangingList(200);
    const world = await worldOf(list);
    list.remove('row-0150');
    let inserted = 0;
    world.vendor.handle((request) => {
      if (world.vendor.requests.length % 2 === 0) list.rows = [`new-${(inserted += 1)}`, ...list.rows];
      return list.answer(request);
    });
    expect(await runOf(world)).toBeLessThan(20);
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
    expect(await tombstonesOf(world)).toEqual(['row-0150']);
  });

  it('at its end ends without deletions', async () => {
    const list = new ChangingList(200);
    const world = await worldOf(list);
    list.remove('row-0150');
    let inserted = 0;
    world.vendor.handle((request) => {
      const answer = list.answer(request);
      list.rows = [...list.rows, `new-${(inserted += 1)}`];
      return answer;
    });
    expect(await runOf(world)).toBeLessThan(40);
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
    expect(last(world)?.reason).toBe(
      'nothing is deleted: the list kept growing when its end was to be confirmed',
    );
    expect(await tombstonesOf(world)).toEqual([]);
  });

  it('does not delete a row that has changed its place while another one went', async () => {
    const list = new ChangingList(200);
    const world = await worldOf(list);
    world.vendor.handle((request) => {
      const page = world.vendor.requests.length % 11;
      if (page === 5) list.rows = ['row-0150', ...list.rows.filter((id) => id !== 'row-0150')];
      if (page === 8) list.remove('row-0020');
      return list.answer(request);
    });
    await runOf(world);
    expect(await tombstonesOf(world)).not.toContain('row-0150');
  });
});

describe('a mass deletion', () => {
  const massive = async (): Promise<{ list: ChangingList; world: SyncWorld }> => {
    const list = new ChangingList(197);
    const world = await worldOf(list);
    list.rows = list.rows.slice(0, 47);
    await runOf(world);
    return { list, world };
  };

  it('waits for a person: nothing is deleted, and its gauge is up until a run finds otherwise', async () => {
    const { list, world } = await massive();
    expect(await tombstonesOf(world)).toEqual([]);
    expect(await world.checkpoint()).toMatchObject({
      state: 'idle',
      outcome: 'suspicious',
      reason: 'the vendor does not give 150 of 197 records any more',
      heldDeletions: { rows: 150, of: 197, since: world.clock.now() },
    });
    expect(world.troubles()).toContain('held');
    expect(last(world)).toMatchObject({ streamOutcome: 'suspicious', deleted: 0, next: 'none' });
    const since = world.clock.now();
    list.rows = ['row-new', ...list.rows];
    await world.clock.advance(15 * 60_000);
    await world.tick();
    // A later run is under way: the alarm stays.
    expect(world.troubles()).toContain('held');
    await world.drain();
    expect(await world.storedIds()).toContain('row-new');
    expect(await world.checkpoint()).toMatchObject({ heldDeletions: { rows: 150, of: 198, since } });
    list.rows = new ChangingList(197).rows;
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', heldDeletions: null });
    expect(world.troubles()).not.toContain('held');
  });

  it('is let through by a person, once and up to the number that was shown', async () => {
    const { list, world } = await massive();
    const allow = (rows: number) =>
      changeCheckpoint(world.checkpoints, 'mobaro/users', (found) => ({ ...found, allowed: rows }));
    await allow(149);
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'suspicious', allowed: null });
    await allow(150);
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'complete',
      heldDeletions: null,
      allowed: null,
      progress: { deleted: 150 },
    });
    expect(await tombstonesOf(world)).toHaveLength(150);
    list.rows = list.rows.slice(0, 20);
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'suspicious',
      heldDeletions: { rows: 27, of: 47 },
    });
  });

  it.each([
    [100, 10, 'complete'],
    [111, 11, 'complete'],
    [109, 11, 'suspicious'],
    [12, 10, 'complete'],
  ])('of %i rows begins beyond ten of them and a tenth: %i are %s', async (rows, gone, outcome) => {
    const list = new ChangingList(rows);
    const world = await worldOf(list);
    list.rows = list.rows.slice(gone);
    await runOf(world);
    expect((await world.checkpoint()).outcome).toBe(outcome);
  });

  it('is what the settings say it is', async () => {
    const list = new ChangingList(20);
    const world = await worldOf(list, { deletionGuard: { rows: 0, percent: 0 } });
    list.remove('row-0003');
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'suspicious',
      heldDeletions: { rows: 1, of: 20 },
    });
  });

  it('is every list that comes empty, however short it was', async () => {
    const list = new ChangingList(3);
    const world = await worldOf(list);
    list.rows = [];
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'suspicious',
      reason: 'the vendor gives no rows at all, and 3 are stored',
      heldDeletions: { rows: 3, of: 3 },
    });
    await changeCheckpoint(world.checkpoints, 'mobaro/users', (found) => ({ ...found, allowed: 3 }));
    await runOf(world);
    expect(await tombstonesOf(world)).toHaveLength(3);
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', heldDeletions: null });
  });

  it('that has solved itself while a person allowed it leaves nothing allowed behind', async () => {
    const { list, world } = await massive();
    list.rows = new ChangingList(197).rows;
    await world.clock.advance(15 * 60_000);
    await world.tick();
    while ((await world.checkpoint()).position?.kind !== 'sweep') await world.deliver();
    const look = world.records.list.bind(world.records);
    world.records.list = async (...part) => {
      await changeCheckpoint(world.checkpoints, 'mobaro/users', (found) => ({ ...found, allowed: 150 }));
      return look(...part);
    };
    await world.deliver();
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'complete',
      heldDeletions: null,
      allowed: null,
    });
  });

  it('that a person allows while it is being counted is allowed to the run after it', async () => {
    const { world } = await massive();
    await world.clock.advance(15 * 60_000);
    await world.tick();
    for (;;) {
      const { position } = await world.checkpoint();
      if (position?.kind === 'sweep') break;
      await world.deliver();
    }
    const list = world.records.list.bind(world.records);
    world.records.list = async (...part) => {
      await changeCheckpoint(world.checkpoints, 'mobaro/users', (found) => ({ ...found, allowed: 150 }));
      return list(...part);
    };
    await world.deliver();
    world.records.list = list;
    expect(await world.checkpoint()).toMatchObject({ outcome: 'suspicious', allowed: 150 });
    await runOf(world);
    expect(await tombstonesOf(world)).toHaveLength(150);
  });
});

describe('a tombstone', () => {
  it('is kept for its time, then emptied, then erased', async () => {
    const list = new ChangingList(40);
    const world = await worldOf(list, { tombstoneRetentionDays: 30 });
    list.remove('row-0003');
    await runOf(world);
    await world.clock.advance(29 * day);
    await runOf(world);
    expect(await tombstoneOf(world, 'row-0003')).toMatchObject({ json: '{"id":"row-0003"}' });
    await world.clock.advance(day);
    await runOf(world);
    expect(await tombstoneOf(world, 'row-0003')).toMatchObject({ json: null });
    await runOf(world);
    expect(await world.storedIds()).toHaveLength(39);
  });
});

async function runToItsEnd(world: SyncWorld, deps: SyncWorld['deps']): Promise<void> {
  for (;;) {
    const received = world.queue.receive();
    if (received === undefined) return;
    await world.invoke({ kind: 'message', message: received.message }, deps);
    world.queue.delete(received.receiptHandle);
  }
}
