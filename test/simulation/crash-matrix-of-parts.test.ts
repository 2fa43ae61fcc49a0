import { describe, expect, it } from 'vitest';

import type { FakeHandler } from '../support/fakes/fake-vendor.ts';
import { madeUpWorld, nextRun, numbers, people } from '../support/made-up-vendor.ts';
import type { SyncWorld } from '../support/sync-world.ts';
import { liveMortally, moments } from './live-mortally.ts';

/** Kills runs that are divided into parts, before and after every call: they end whole, and ask again for one page at most. */

interface Divided {
  readonly title: string;
  readonly stream: string;
  readonly begin: () => Promise<SyncWorld>;
  readonly ids: readonly string[];
  /** Requests of a run that nobody kills. */
  readonly requests: number;
}

const dayMs = 86_400_000;
/** Before the watchdog misses the next tick. */
const minutes = 22;

/** A row for every fourth day, by when it changed. */
const changes: FakeHandler = ({ url }) => {
  const query = new URL(url).searchParams;
  const [since, to] = [Date.parse(query.get('since') ?? ''), Date.parse(query.get('to') ?? '')];
  const found = rowsByDay.filter(({ at }) => since <= at && at <= to).map(({ id }) => ({ id }));
  const offset = Number(query.get('offset'));
  const rows = found.slice(offset, offset + Number(query.get('limit')));
  return { status: 200, body: { rows, total: found.length } };
};
let rowsByDay: readonly { readonly id: string; readonly at: number }[] = [];

const tables: FakeHandler = (request) => {
  const person = /\/people\/(.+)\/rows/.exec(request.url)?.[1];
  if (person === undefined) return people(() => numbers(3))(request);
  return { status: 200, body: { rows: ['a', 'b'].map((id) => ({ person, id })) } };
};

const divided: readonly Divided[] = [
  {
    title: 'batches of ids',
    stream: 'people',
    begin: () =>
      Promise.resolve(
        madeUpWorld(
          ['people'],
          people(() => numbers(32)),
          { batchOver: 0 },
        ),
      ),
    ids: numbers(32),
    requests: 5,
  },
  {
    title: 'windows of time, some of several pages',
    stream: 'results',
    begin: () => {
      const world = madeUpWorld(['results'], changes);
      rowsByDay = numbers(12).map((id, day) => ({ id, at: world.clock.now() - (4 * day + 1) * dayMs }));
      return Promise.resolve(world);
    },
    ids: numbers(12),
    requests: 12,
  },
  {
    title: 'parents',
    stream: 'tables',
    begin: async () => {
      const world = madeUpWorld(['people', 'tables'], tables);
      await nextRun(world, 'people');
      return world;
    },
    ids: numbers(3).flatMap((person) => [`${person}/a`, `${person}/b`]),
    requests: 3,
  },
  {
    title: 'a file that has to be written first',
    stream: 'report',
    begin: () => {
      let polls = 0;
      return Promise.resolve(
        madeUpWorld(['report'], ({ url }) => {
          if (url.endsWith('/report')) {
            return { status: 202, headers: { location: 'https://files.example/report%201' } };
          }
          return (polls += 1) < 3
            ? { status: 204 }
            : { status: 200, body: { rows: numbers(4).map((id) => ({ id })) } };
        }),
      );
    },
    ids: numbers(4),
    requests: 4,
  },
];

describe.each(divided)('the crash matrix of $title', async ({ stream, begin, ids, requests }) => {
  const name = `made-up/${stream}`;
  const asked = ({ vendor }: SyncWorld): number =>
    vendor.requests.filter(({ request }) => !(stream === 'tables' && request.url.endsWith('/people'))).length;
  const undisturbed = await begin();
  const ofOneRun = await liveMortally(undisturbed, name, () => false, { minutes });

  it('is of a run that takes more than one page', () => {
    expect(asked(undisturbed)).toBe(requests);
    expect(ofOneRun.filter((call) => call === 'vendor.call')).toHaveLength(requests);
  });

  it.each(moments(ofOneRun))('a kill $when call $call, $name: the run ends whole', async ({ call, when }) => {
    const world = await begin();
    await liveMortally(world, name, (at, moment) => at === call && moment === when, { minutes });
    expect(await world.storedIds(name)).toEqual(ids);
    expect(await world.checkpoint(name)).toMatchObject({ state: 'idle', outcome: 'complete', run: null });
    expect(asked(world)).toBeLessThanOrEqual(requests + 1);
    await nextRun(world, stream);
    expect((await world.checkpoint(name)).progress).toMatchObject({ written: 0, deleted: 0 });
  });
});
