import { describe, expect, it } from 'vitest';

import type { Connector } from '../../../lib/connectors/connector.ts';
import { tombstonesOf } from '../../support/changing-list.ts';
import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { madeUp } from '../../support/made-up-vendor.ts';
import { SyncWorld } from '../../support/sync-world.ts';

const stream = 'made-up/members';

const vendorOf = (path: 'none' | 'offset'): Connector => ({
  ...madeUp,
  streams: {
    members: {
      ...{
        about: 'a member',
        method: 'GET',
        path: '/members',
        items: { path: ['rows'] },
        grade: 'unverified',
      },
      id: [[['group']], [['id']]],
      paging:
        path === 'none'
          ? { kind: 'none' }
          : {
              ...{ kind: 'offset', limit: 'limit', offset: 'offset', total: ['total'] },
              pageSize: { default: 3, max: 10 },
            },
    },
  },
});

interface Member {
  readonly group: string;
  readonly id: string;
}

/** As Mobaro's ids are: each with a slash of its own. */
const members: readonly Member[] = [
  ...['users/1-A', 'users/2-A', 'users/3-B'].map((id) => ({ group: 'groups/1-A', id })),
  ...['users/1-A', 'x~y', 'plain'].map((id) => ({ group: 'groups/2-A', id })),
  { group: 'plain', id: 'plain' },
];

const answer =
  (rows: () => readonly Member[]): FakeHandler =>
  ({ url }) => {
    const query = new URL(url).searchParams;
    const offset = Number(query.get('offset') ?? 0);
    const all = rows();
    const part = all.slice(offset, offset + Number(query.get('limit') ?? all.length));
    return { status: 200, body: { rows: part, total: all.length } };
  };

async function runOf(world: SyncWorld): Promise<void> {
  await world.clock.advance(15 * 60_000);
  await world.tick(stream);
  await world.drain();
}

/** What a version stored that joined the parts of an id as they are, in a run of its own. */
async function worldOf(paging: 'none' | 'offset', rows: () => readonly Member[]): Promise<SyncWorld> {
  const connector = vendorOf(paging);
  const world = new SyncWorld({
    connector,
    streams: [stream],
    vendor: answer(rows),
    settings: { pageSize: 3 },
  });
  const { records } = world;
  const { upsert } = records;
  records.upsert = (name, all, ...rest) => {
    const joined = all.map(({ id, formerId, json, hash }) => ({ id: formerId ?? id, json, hash }));
    return upsert.call(records, name, joined, ...rest);
  };
  await runOf(world);
  records.upsert = upsert;
  return world;
}

const stored = (world: SyncWorld) => Array.fromAsync(world.records.scan(stream));
const timesOf = async (world: SyncWorld) =>
  (await stored(world))
    .map(({ json, firstSeenAt, changedAt, deletedAt }) =>
      JSON.stringify([json, firstSeenAt, changedAt, deletedAt]),
    )
    .sort();

describe.each(['none', 'offset'] as const)('records with ids of several parts, walked as %s', (paging) => {
  it('have another id after the first run that escapes the parts, and nothing else is different', async () => {
    const world = await worldOf(paging, () => members);
    const before = await timesOf(world);
    expect(await world.storedIds(stream)).toContain('groups/1-A/users/1-A');
    for (let runs = 0; runs < 2; runs += 1) {
      world.reports.length = 0;
      await runOf(world);
      expect(await world.storedIds(stream)).toEqual(
        [
          ...['1', '2'].map((n) => `groups~11-A/users~1${n}-A`),
          ...['groups~11-A/users~13-B', 'groups~12-A/users~11-A', 'groups~12-A/x~0y', 'groups~12-A/plain'],
          'plain/plain',
        ].sort(),
      );
      expect(await timesOf(world)).toEqual(before);
      expect(await world.checkpoint(stream)).toMatchObject({
        outcome: 'complete',
        progress: { written: 0, unchanged: members.length, deleted: 0 },
      });
    }
  });

  it('become tombstones under it once they have gone', async () => {
    let rows = members;
    const world = await worldOf(paging, () => rows);
    await runOf(world);
    rows = members.filter(({ id }) => id !== 'x~y');
    await runOf(world);
    expect(await tombstonesOf(world, stream)).toEqual(['groups~12-A/x~0y']);
  });

  it('become tombstones under the former one, if they have gone before it was escaped', async () => {
    let rows = members;
    const world = await worldOf(paging, () => rows);
    rows = members.filter(({ id }) => id !== 'x~y');
    await runOf(world);
    expect(await tombstonesOf(world, stream)).toEqual(['groups/2-A/x~y']);
    rows = members;
    await runOf(world);
    expect(await tombstonesOf(world, stream)).toEqual([]);
    expect(await world.storedIds(stream)).toHaveLength(members.length);
  });

  it('are two where they were one', async () => {
    const two = [{ group: 'a/b', id: 'c' }, { group: 'a', id: 'b/c' }, ...members.slice(0, 3)];
    const world = await worldOf(paging, () => two);
    expect(await stored(world)).toHaveLength(4);
    await runOf(world);
    expect(await tombstonesOf(world, stream)).toEqual([]);
    expect((await world.storedIds(stream)).filter((id) => id.startsWith('a'))).toEqual(['a/b~1c', 'a~1b/c']);
    expect(await world.checkpoint(stream)).toMatchObject({
      progress: { written: 1, unchanged: 4, deleted: 0 },
    });
    await runOf(world);
    expect(await world.checkpoint(stream)).toMatchObject({
      progress: { written: 0, unchanged: 5, deleted: 0 },
    });
  });
});
