import { describe, expect, it } from 'vitest';

import { mobaroWith, SyncWorld } from '../support/sync-world.ts';
import { liveMortally, moments, type Dies } from './live-mortally.ts';

/**
 * Kills a run before and after every call that it makes of the world, and lets what AWS and the watchdog do bring it to its
 * end: every row stored, at most one page asked for again, the position never beyond what is stored.
 */

const minute = 60_000;
const rows = 45;

async function live(
  dies: Dies,
  world = new SyncWorld({ vendor: mobaroWith(rows) }),
): Promise<{ readonly world: SyncWorld; readonly calls: readonly string[] }> {
  const calls = await liveMortally(world, 'mobaro/users', dies, { looked: () => positionIsStored(world) });
  return { world, calls };
}

async function positionIsStored(world: SyncWorld): Promise<void> {
  const checkpoint = await world.checkpoints.read('mobaro/users');
  if (checkpoint?.position?.kind !== 'offset') return;
  const stored = new Set(await world.storedIds());
  for (let row = 0; row < checkpoint.position.offset; row += 1) expect(stored).toContain(`row-${row}`);
}

/** The pages asked for until the run was first complete. */
function firstWalk(world: SyncWorld): number[] {
  const offsets = world.vendor.requests.map(({ request }) =>
    Number(new URL(request.url).searchParams.get('Offset')),
  );
  const restart = offsets.indexOf(0, offsets.indexOf(38) + 1);
  return offsets.slice(0, restart === -1 ? undefined : restart);
}

describe('the crash matrix', async () => {
  const { calls } = await live(() => false);
  // Up to the write that closes the run: the one after its third page's records.
  const thirdPage = calls.flatMap((name, call) => (name === 'records.upsert' ? [call] : []))[2] ?? 0;
  const ofOneRun = calls.slice(0, thirdPage + 2);
  const cases = moments(ofOneRun);

  it('covers every port', () => {
    const names = new Set(ofOneRun);
    for (const port of ['checkpoints.read', 'checkpoints.replace', 'breakers.read', 'governor.permit']) {
      expect(names).toContain(port);
    }
    for (const port of ['records.upsert', 'queue.send', 'secrets.read', 'vendor.call'])
      expect(names).toContain(port);
  });

  it.each(cases)('a kill $when call $call, $name: the run ends whole', async ({ call, when }) => {
    const { world } = await live((at, moment) => at === call && moment === when);
    const ids = await world.storedIds();
    expect(ids.sort()).toEqual(Array.from({ length: rows }, (_, row) => `row-${row}`).sort());
    expect(await world.checkpoint()).toMatchObject({ state: 'idle', outcome: 'complete' });
    const walk = firstWalk(world);
    expect(walk.length).toBeLessThanOrEqual(3 + 1);
    expect([...walk].sort((a, b) => a - b)).toEqual(walk);
  });
});

/** Two runs, of which the second has found two rows gone, and a vendor that has lost three more. */
async function afterTwoRuns(): Promise<SyncWorld> {
  const settings = { tombstoneRetentionDays: 2 / 24 };
  const world = new SyncWorld({ vendor: mobaroWith(rows), settings });
  for (const left of [rows, rows - 2]) {
    world.vendor.handle(mobaroWith(left));
    await world.tick();
    await world.drain();
    await world.clock.advance(180 * minute);
  }
  world.vendor.handle(mobaroWith(rows - 5));
  return world;
}

describe('the crash matrix of a run that deletes', async () => {
  const { calls } = await live(() => false, await afterTwoRuns());
  // The next run after it begins with a tick's reads.
  const end = calls.lastIndexOf('records.markDeleted');
  const ofOneRun = calls.slice(0, end + 3);
  const cases = moments(ofOneRun);

  it('covers what a sweep asks of its ports', () => {
    for (const port of [
      'seenRows.remember',
      'seenRows.recall',
      'records.list',
      'records.markDeleted',
      'records.purge',
    ])
      expect(ofOneRun).toContain(port);
    // To look through the records, to count and to delete, and to confirm the end of the list in between.
    expect(ofOneRun.filter((name) => name === 'records.list')).toHaveLength(2);
    expect(ofOneRun.filter((name) => name === 'vendor.call')).toHaveLength(4);
  });

  it.each(cases)(
    'a kill $when call $call, $name: what has gone is a tombstone, and nothing else',
    async (one) => {
      const { call, when } = one;
      const { world } = await live((at, moment) => at === call && moment === when, await afterTwoRuns());
      const living: string[] = [];
      const deleted = new Map<string, string | null>();
      for await (const { id, json, deletedAt } of world.records.scan('mobaro/users')) {
        if (deletedAt === null) living.push(id);
        else deleted.set(id, json);
      }
      const ids = (from: number, to: number): string[] =>
        Array.from({ length: to - from }, (_, row) => `row-${from + row}`).sort();
      expect(living.sort()).toEqual(ids(0, rows - 5));
      expect([...deleted].flatMap(([id, json]) => (json === null ? [] : [id])).sort()).toEqual(
        ids(rows - 5, rows - 2),
      );
      expect(await world.checkpoint()).toMatchObject({
        state: 'idle',
        outcome: 'complete',
        heldDeletions: null,
      });
    },
  );
});
