import { describe, expect, it } from 'vitest';

import { allowDeletions } from '../../../lib/operations/allow-deletions.ts';
import { resumeStream } from '../../../lib/operations/resume.ts';
import { tombstonesOf } from '../../support/changing-list.ts';
import type { FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { madeUpWorld, nextRun, numbers, people } from '../../support/made-up-vendor.ts';
import type { SyncWorld } from '../../support/sync-world.ts';

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

  it.each([
    ['the first ones', ['.', '..', 'p1'], ['p1/a', 'p1/b']],
    ['one of them', ['-', '..', 'p1'], ['-/a', '-/b', 'p1/a', 'p1/b']],
    ['the last one', ['!', '.'], ['!/a', '!/b']],
    [
      'one that only looks like it',
      ['...', '%2e', '.a'],
      ['%2e/a', '%2e/b', '.a/a', '.a/b', '.../a', '.../b'],
    ],
  ])(
    'leaves out those that a path takes for a step, and asks for all behind them: %s',
    async (_, ids, kept) => {
      rows.clear();
      for (const id of ids) rows.set(encodeURIComponent(id), ['a', 'b']);
      const list = madeUpWorld(['people', 'tables'], (request) =>
        request.url.includes('/rows') ? vendor(request) : people(() => ids)(request),
      );
      await nextRun(list, 'people');
      const asked = await nextRun(list, 'tables');
      const usable = ids.filter((id) => id !== '.' && id !== '..');
      expect(asked).toHaveLength(usable.length);
      expect((await list.storedIds(stream)).map(decodeURIComponent).sort()).toEqual([...kept].sort());
      expect(await list.checkpoint(stream)).toMatchObject({
        ...{ state: 'idle', outcome: usable.length === ids.length ? 'complete' : 'partial' },
        progress: { pages: ids.length, unknownParentsInRow: 0 },
      });
      const left = list.reports.filter((report) => report.stream === stream && report.requests === 0);
      expect(left.filter(({ reason }) => reason?.includes('cannot stand in a path'))).toHaveLength(
        ids.length - usable.length,
      );
      expect(await tombstonesOf(list, stream)).toEqual([]);
      expect(list.faults).toEqual([]);
    },
  );

  it('leaves out one that goes while its rows are walked, and keeps what was stored of it', async () => {
    let gone = false;
    const made = madeUpWorld(['people', 'rides'], (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (!pathname.includes('/rides')) return people(() => ['p1', 'p2'])(request);
      const person = pathname.split('/')[2] ?? '';
      const offset = Number(searchParams.get('offset'));
      if (gone && person === 'p1' && offset > 0) return { status: 404 };
      const items = ['a', 'b', 'c', 'd'].map((id) => ({ id: `${person}-${id}` }));
      const rows = items.slice(offset, offset + Number(searchParams.get('limit')));
      return { status: 200, body: { rows, total: items.length } };
    });
    await nextRun(made, 'people');
    gone = true;
    await nextRun(made, 'rides');
    expect(await made.checkpoint('made-up/rides')).toMatchObject({ state: 'idle', outcome: 'partial' });
    const ids = await made.storedIds('made-up/rides');
    expect(ids).toEqual(['p1-a', 'p1-b', 'p2-a', 'p2-b', 'p2-c', 'p2-d']);
    gone = false;
    await nextRun(made, 'rides');
    expect(await made.storedIds('made-up/rides')).toHaveLength(8);
    expect(await made.checkpoint('made-up/rides')).toMatchObject({ outcome: 'complete' });
  });

  it('halts where the vendor knows none of it, and begins anew once that is fixed', async () => {
    const made = await world();
    const before = new Map(rows);
    rows.clear();
    await nextRun(made, 'tables');
    expect(await made.checkpoint(stream)).toMatchObject({ state: 'halted', outcome: 'missing', run: null });
    expect(await nextRun(made, 'tables')).toEqual([]);
    // The one at which it stood does not come back.
    for (const id of ['p1', 'p2']) rows.set(id, before.get(id) ?? []);
    await resumeStream(stream, made.deps);
    await nextRun(made, 'people');
    expect(await nextRun(made, 'tables')).toHaveLength(2);
    expect(await made.checkpoint(stream)).toMatchObject({ state: 'idle', outcome: 'complete' });
  });

  it('does not halt where others are known, and only have no rows', async () => {
    const made = await world();
    for (const id of ['p1', 'p2', 'p4', 'p5']) rows.set(id, []);
    for (const id of ['p6', 'p7']) rows.set(id, ['a']);
    await nextRun(made, 'people');
    for (const id of ['p3', 'p6']) rows.delete(id);
    expect(await nextRun(made, 'tables')).toHaveLength(7);
    expect(await made.checkpoint(stream)).toMatchObject({ state: 'idle', outcome: 'partial' });
  });

  it('halts in its midst, too, where very many in a row are unknown', async () => {
    const made = await world();
    for (const id of numbers(40)) rows.set(`q${id}`, ['a']);
    await nextRun(made, 'people');
    for (const id of numbers(40).slice(10)) rows.delete(`q${id}`);
    // Three, ten, and then twenty-five that are unknown.
    expect(await nextRun(made, 'tables')).toHaveLength(38);
    expect(await made.checkpoint(stream)).toMatchObject({ state: 'halted', outcome: 'missing' });
  });

  it('asks for one window alone of a parent that is unknown', async () => {
    const made = madeUpWorld(['people', 'entries'], (request) => {
      const person = /\/people\/(.+)\/entries/.exec(request.url)?.[1];
      if (person === undefined) return people(() => ['p1', 'p2', 'p3'])(request);
      return person === 'p1' ? { status: 404 } : { status: 200, body: { rows: [{ person, id: 'a' }] } };
    });
    await nextRun(made, 'people');
    expect(await nextRun(made, 'entries')).toHaveLength(1 + 3 + 3);
    expect(await made.checkpoint('made-up/entries')).toMatchObject({ state: 'idle', outcome: 'partial' });
  });

  it('asks for nothing where there is nobody, and deletes nothing', async () => {
    const made = madeUpWorld(['people', 'tables'], vendor);
    expect(await nextRun(made, 'tables')).toEqual([]);
    expect(made.reports.at(-1)).toMatchObject({ outcome: 'fetched', requests: 0, streamOutcome: 'complete' });
  });

  it('deletes what is left where all of them have gone, as ever with a person if it is much', async () => {
    const made = await world();
    await nextRun(made, 'tables');
    await nextRun(made, 'tables');
    const people = await made.records.list('made-up/people', null, new AbortController().signal);
    const ids = people.keys.map(({ id }) => id);
    const times = { deletedAt: made.clock.now(), expiresAt: made.clock.now() + 1 };
    await made.records.markDeleted(
      'made-up/people',
      ids,
      { ...times, run: 'run-1' },
      new AbortController().signal,
    );
    expect(await nextRun(made, 'tables')).toEqual([]);
    expect(await made.checkpoint(stream)).toMatchObject({
      outcome: 'suspicious',
      heldDeletions: { rows: 6, of: 6 },
    });
    await allowDeletions(stream, made.deps);
    await nextRun(made, 'tables');
    expect(await made.checkpoint(stream)).toMatchObject({ outcome: 'complete', heldDeletions: null });
    expect(await tombstonesOf(made, stream)).toHaveLength(6);
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
