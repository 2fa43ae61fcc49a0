import { describe, expect, it } from 'vitest';

import { definitionHash } from '../../../lib/sync/definition-hash.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { madeUpWorld, nextRun } from '../../support/made-up-vendor.ts';
import type { SyncWorld } from '../../support/sync-world.ts';

const day = 86_400_000;
const stream = 'made-up/changes';

/** Changes as a vendor shows them that counts in either, both or none of a window's bounds. */
function feed(
  changes: Map<string, number>,
  counted: 'both' | 'since' | 'until' | 'none' = 'both',
): FakeHandler {
  return ({ url }) => {
    const query = new URL(url).searchParams;
    const [since, until] = [Date.parse(query.get('since') ?? ''), Date.parse(query.get('to') ?? '')];
    const rows = [...changes]
      .filter(([, at]) => (counted === 'both' || counted === 'since' ? at >= since : at > since))
      .filter(([, at]) => (counted === 'both' || counted === 'until' ? at <= until : at < until))
      .map(([id, at]) => ({ id, at }));
    return { status: 200, body: { rows } };
  };
}

const checkpoint = (world: SyncWorld) => world.checkpoint(stream);

const sinceOf = (url: string): number => Date.parse(new URL(url).searchParams.get('since') ?? '');

async function runToItsEnd(world: SyncWorld, deps: SyncWorld['deps']): Promise<void> {
  for (let received = world.queue.receive(); received !== undefined; received = world.queue.receive()) {
    await world.invoke({ kind: 'message', message: received.message }, deps);
    world.queue.delete(received.receiptHandle);
  }
}

describe('a list that is read by time', () => {
  it('is read from the beginning of its history, a window a page, and then from where it stopped', async () => {
    const changes = new Map<string, number>();
    const world = madeUpWorld(['changes'], feed(changes));
    const start = world.clock.now();
    changes.set('old', start - 70 * day).set('new', start - 3_600_000);
    const first = await nextRun(world, 'changes');
    expect(first).toHaveLength(3);
    expect(await world.storedIds(stream)).toEqual(['new', 'old']);
    expect(await checkpoint(world)).toMatchObject({ state: 'idle', outcome: 'complete' });

    changes.set('late', world.clock.now());
    const second = await nextRun(world, 'changes');
    expect(second).toHaveLength(1);
    const since = Date.parse(new URLSearchParams(second[0]?.asked.split('?')[1]).get('since') ?? '');
    // A day is looked back, for a vendor may show a change late.
    expect((world.clock.now() - since) / day).toBeCloseTo(1 + 15 / (24 * 60), 1);
    expect(await world.storedIds(stream)).toEqual(['late', 'new', 'old']);
    expect((await checkpoint(world)).progress).toMatchObject({ written: 1, unchanged: 1 });
  });

  it('goes on where it was, however long it has stood still', async () => {
    const changes = new Map<string, number>();
    const world = madeUpWorld(['changes'], feed(changes));
    await nextRun(world, 'changes');
    changes.set('meanwhile', world.clock.now() + 10 * day);
    // Longer than its history.
    await world.clock.advance(100 * day);
    await nextRun(world, 'changes');
    expect(await world.storedIds(stream)).toEqual(['meanwhile']);
  });

  it.each([
    [
      'a longer history',
      (one: Stream, now: number) => ({ settings: { ...one.settings, historyFrom: now - 300 * day } }),
    ],
    ['another path', (one: Stream) => ({ definition: { ...one.definition, path: '/changes-of-all' } })],
  ])('is read anew where %s is deployed while a run is open', async (_, change) => {
    const changes = new Map<string, number>();
    const world = madeUpWorld(['changes'], feed(changes));
    changes.set('old', world.clock.now() - 70 * day);
    await world.clock.advance(15 * 60_000);
    await world.tick(stream);
    expect((await checkpoint(world)).run).not.toBeNull();
    const before = world.vendor.requests.length;
    const [one] = [...world.streams.values()];
    if (one === undefined) throw new Error('no stream');
    const redefined = { ...one, ...change(one, world.clock.now()) };
    const deps = { ...world.deps, streams: new Map([[stream, redefined]]) };
    await runToItsEnd(world, deps);
    await world.clock.advance(15 * 60_000);
    await world.invoke({ kind: 'tick', stream, scheduledAt: world.clock.now() }, deps);
    await runToItsEnd(world, deps);
    const asked = world.vendor.requests.slice(before).map(({ request }) => sinceOf(request.url));
    // The rest of the open run, and then all of it once more.
    expect(asked.filter((since) => since === Math.min(...asked))).toHaveLength(1);
    expect((world.clock.now() - Math.min(...asked)) / day).toBeGreaterThan(74);
    expect(await checkpoint(world)).toMatchObject({
      outcome: 'complete',
      readUntil: { definition: definitionHash(redefined) },
    });
  });

  it('deletes nothing, though what it was given once does not come again', async () => {
    const changes = new Map<string, number>();
    const world = madeUpWorld(['changes'], feed(changes));
    for (let index = 0; index < 30; index += 1) changes.set(`row-${index}`, world.clock.now() - 60 * day);
    await nextRun(world, 'changes');
    changes.clear();
    await nextRun(world, 'changes');
    await nextRun(world, 'changes');
    expect(await checkpoint(world)).toMatchObject({ outcome: 'complete', heldDeletions: null, reason: null });
    const records = await Array.fromAsync(world.records.scan(stream));
    expect(records.filter(({ deletedAt }) => deletedAt === null)).toHaveLength(30);
  });

  it.each(['both', 'since', 'until', 'none'] as const)(
    'loses no row on the edge of a window where the vendor counts in %s of its bounds',
    async (counted) => {
      const changes = new Map<string, number>();
      const world = madeUpWorld(['changes'], feed(changes, counted));
      const runAt = world.clock.now() + 15 * 60_000;
      const edge = Math.floor((runAt - 75 * day) / 1000) * 1000 + 30 * day;
      for (const offset of [-1000, -999, -1, 0, 1, 999]) changes.set(`at ${offset}`, edge + offset);
      await nextRun(world, 'changes');
      expect(await world.storedIds(stream)).toHaveLength(6);
    },
  );

  it('is read again from the same place after a run that was told it was not all', async () => {
    const world = madeUpWorld(['changes'], () => ({ status: 200, body: { rows: [], errors: ['x'] } }));
    await nextRun(world, 'changes');
    expect(await checkpoint(world)).toMatchObject({ outcome: 'partial', readUntil: null });
    world.vendor.handle(feed(new Map()));
    expect(await nextRun(world, 'changes')).toHaveLength(3);
    expect((await checkpoint(world)).readUntil?.at).toBeGreaterThan(0);
  });

  it('goes on with the window that failed, and with the bounds it had', async () => {
    const world = madeUpWorld(['changes'], feed(new Map()));
    let asked = 0;
    world.vendor.handle((request) => ((asked += 1) === 2 ? { status: 503 } : feed(new Map())(request)));
    const requests = await nextRun(world, 'changes');
    expect(requests).toHaveLength(4);
    expect(requests[2]?.asked).toBe(requests[1]?.asked);
  });

  it('takes a 204 for a window in which nothing has changed', async () => {
    const world = madeUpWorld(['changes'], () => ({ status: 204 }));
    expect(await nextRun(world, 'changes')).toHaveLength(3);
    expect(await checkpoint(world)).toMatchObject({ outcome: 'complete' });
    expect((await checkpoint(world)).readUntil?.at).toBeGreaterThan(0);
  });

  it('begins where the user says, and anew where that changes', async () => {
    const changes = new Map<string, number>();
    const historyFrom = Date.parse('2026-01-01T00:00:00Z') - 400 * day;
    const world = madeUpWorld(['changes'], feed(changes), { historyFrom });
    const [first] = await nextRun(world, 'changes');
    expect(first?.asked).toContain(`since=${new Date(historyFrom).toISOString().slice(0, 19)}Z`);
    const [users] = [...world.streams.values()];
    if (users === undefined) throw new Error('no stream');
    const settings = { ...users.settings, historyFrom: historyFrom - day };
    const deps = { ...world.deps, streams: new Map([[stream, { ...users, settings }]]) };
    await world.clock.advance(15 * 60_000);
    const before = world.vendor.requests.length;
    await world.invoke({ kind: 'tick', stream, scheduledAt: world.clock.now() }, deps);
    expect(world.vendor.requests[before]?.request.url).toContain(
      encodeURIComponent(new Date(historyFrom - day).toISOString().slice(0, 19)),
    );
  });
});
