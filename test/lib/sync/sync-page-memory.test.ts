import { describe, expect, it, vi } from 'vitest';

import type { Recalled } from '../../../lib/sync/ports.ts';
import type { StreamSettings } from '../../../lib/sync/settings.ts';
import { ChangingList, runOf, tombstonesOf, worldOf } from '../../support/changing-list.ts';
import type { SyncWorld } from '../../support/sync-world.ts';

const last = (world: SyncWorld) => world.reports.at(-1);

/** A world whose next run would find that `row-0003` has gone. */
async function afterOneGone(settings: Partial<StreamSettings> = {}): Promise<[ChangingList, SyncWorld]> {
  const list = new ChangingList(60);
  const world = await worldOf(list, settings);
  list.remove('row-0003');
  return [list, world];
}

/** From the call of this number on (from 1), reading what the run has seen comes to this. @returns how often it was asked for */
function recalling(world: SyncWorld, from: number, result: () => Promise<Recalled>): { asked: number } {
  const count = { asked: 0 };
  const recall = world.seenRows.recall.bind(world.seenRows);
  vi.spyOn(world.seenRows, 'recall').mockImplementation((...given) => {
    count.asked += 1;
    return count.asked < from ? recall(...given) : result();
  });
  return count;
}

/** Goes on until the run is over, as queue and watchdog let it after each crash. */
async function comeToItsEnd(world: SyncWorld): Promise<void> {
  await world.clock.advance(15 * 60_000);
  await world.tick().catch(() => undefined);
  for (let round = 0; round < 40 && (await world.checkpoint()).run !== null; round += 1) {
    await world.drain().catch(() => undefined);
    await world.clock.advance(10 * 60_000);
    await world.watch();
    expect((await world.checkpoint()).state).not.toBe('exhausted');
  }
}

const words = {
  forgotten: 'what the run has seen has been forgotten',
  'too many': 'the run has seen more rows than fit into memory',
  'too slow': 'what the run has seen takes longer to read than a function has',
} satisfies Record<Extract<Recalled, string>, string>;

describe.each(Object.entries(words))('a run whose memory answers “%s”', (what, why) => {
  const unread = (): Promise<Recalled> => Promise.resolve(what as Extract<Recalled, string>);

  it.each([
    ['when its rows are held against the total', 1],
    ['when its records are counted', 2],
  ])('ends whole and deletes nothing, says so once, and the next one begins: %s', async (_, from) => {
    const [, world] = await afterOneGone();
    const count = recalling(world, from, unread);
    await runOf(world);
    expect(count.asked).toBe(from);
    const reason = `nothing is deleted: ${why}`;
    expect(await world.checkpoint()).toMatchObject({
      state: 'idle',
      outcome: 'complete',
      reason,
      heldDeletions: null,
    });
    expect((await world.checkpoint()).doubtedSince).not.toBeNull();
    expect(world.reports.filter((report) => report.reason === reason)).toEqual([last(world)]);
    // A history keeps 80 characters of a reason.
    const begins = reason.slice(0, 60);
    const { history } = await world.checkpoint();
    expect(history.filter((event) => event.reason?.startsWith(begins))).toHaveLength(1);
    expect(await tombstonesOf(world)).toEqual([]);
    vi.restoreAllMocks();
    await runOf(world);
    expect(await tombstonesOf(world)).toEqual(['row-0003']);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', reason: null, doubtedSince: null });
  });

  it('keeps what it has deleted before, and says that it is not all', async () => {
    const [list, world] = await afterOneGone({ deletionGuard: { rows: 60, percent: 100 } });
    list.rows = list.rows.slice(0, 50);
    // Its total is held against its rows, its records are counted, and the end of its list is confirmed and all counted anew.
    world.records.list = list1(world);
    const recall = world.seenRows.recall.bind(world.seenRows);
    vi.spyOn(world.seenRows, 'recall').mockImplementation(async (...given) =>
      ((await world.checkpoint()).progress?.deleted ?? 0) > 0 ? unread() : recall(...given),
    );
    await runOf(world);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'complete',
      reason: `nothing more is deleted: ${why}`,
      progress: { deleted: 1 },
    });
    expect(await tombstonesOf(world)).toEqual(['row-0003']);
  });

  it('takes no row for seen that it meets in the wrong place, and steps back', async () => {
    const list = new ChangingList(60);
    const world = await worldOf(list);
    await world.clock.advance(15 * 60_000);
    await world.tick();
    // A row comes in front: what is met is a row that has been seen, but not the one that was expected.
    list.rows = ['new-1', ...list.rows];
    recalling(world, 1, unread);
    await world.drain();
    expect((await world.checkpoint()).progress?.setbacks).toBeGreaterThan(0);
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
  });
});

/** Lists one record at a time, and ten of them in an invocation. */
function list1(world: SyncWorld): SyncWorld['records']['list'] {
  const list = world.records.list.bind(world.records);
  return (stream, after, signal) => list(stream, after, signal, 1);
}

describe('reading what a run has seen', () => {
  it.each([
    ['fails', () => Promise.reject(new Error('throttled'))],
    ['is the end of the function', () => Promise.reject(new Error('out of memory'))],
  ])('is given up with the last try where it %s each time', async (_, result) => {
    for (const from of [1, 2]) {
      const [, world] = await afterOneGone({ attemptCap: 4 });
      const count = recalling(world, from, result);
      await comeToItsEnd(world);
      // Three tries come to nothing, and the fourth and last one does not depend on it.
      expect(count.asked).toBe(from - 1 + 3);
      const reason = 'nothing is deleted: the tries to read what the run has seen have failed';
      expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete', reason });
      expect(await tombstonesOf(world)).toEqual([]);
      vi.restoreAllMocks();
      await runOf(world);
      expect(await tombstonesOf(world)).toEqual(['row-0003']);
    }
  });

  it('costs no deletion where a try fails and a later one does not', async () => {
    const [, world] = await afterOneGone({ attemptCap: 3 });
    const recall = world.seenRows.recall.bind(world.seenRows);
    let asked = 0;
    vi.spyOn(world.seenRows, 'recall').mockImplementation((...given) =>
      (asked += 1) % 2 === 1 ? Promise.reject(new Error('throttled')) : recall(...given),
    );
    await comeToItsEnd(world);
    expect(await world.checkpoint()).toMatchObject({ outcome: 'complete', reason: null });
    expect(await tombstonesOf(world)).toEqual(['row-0003']);
  });

  it('may take until 10 s before the function is out of time, and ends with it', async () => {
    const [, world] = await afterOneGone();
    const within: number[] = [];
    const recall = world.seenRows.recall.bind(world.seenRows);
    vi.spyOn(world.seenRows, 'recall').mockImplementation((...given) => {
      within.push(given[3].until - world.clock.now());
      expect(given[3].signal).toBeInstanceOf(AbortSignal);
      return recall(...given);
    });
    await runOf(world);
    // Of 30 s.
    expect(within.length).toBeGreaterThan(2);
    expect(new Set(within)).toEqual(new Set([20_000]));
  });

  it('is left out at the last page where the vendor gives no total', async () => {
    const [list, world] = await afterOneGone();
    list.total = () => undefined;
    const count = recalling(world, 1, () => Promise.resolve('too many'));
    await runOf(world);
    // By the sweep.
    expect(count.asked).toBe(1);
  });

  it('is not needed for a list of one page, not in the last try either', async () => {
    const list = new ChangingList(10);
    const world = await worldOf(list, { attemptCap: 3 });
    let asked = 0;
    world.vendor.handle((request) => ((asked += 1) < 3 ? { status: 503 } : list.answer(request)));
    list.rows = [...list.rows.slice(0, 9), 'row-0000'];
    await comeToItsEnd(world);
    expect(await world.checkpoint()).toMatchObject({
      outcome: 'partial',
      reason: 'the vendor counts 10 rows and gave 9 different ones',
    });
  });
});

describe('a sweep', () => {
  it('begins no other list of records once its time is nearly over, and gets on by one at least', async () => {
    const [, world] = await afterOneGone();
    const list = world.records.list.bind(world.records);
    let lists = 0;
    world.records.list = async (stream, after, signal) => {
      lists += 1;
      await world.clock.advance(21_000);
      return list(stream, after, signal, 30);
    };
    await runOf(world);
    const sweeps = world.reports.filter(({ requests, outcome }) => requests === 0 && outcome === 'fetched');
    expect(sweeps.length).toBe(lists);
    expect(await tombstonesOf(world)).toEqual(['row-0003']);
  });
});
