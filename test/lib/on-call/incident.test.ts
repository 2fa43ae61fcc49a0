import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  nextIncidents,
  withSending,
  type Incident,
  type News,
  type Standing,
  type Patience,
  type StandingTrouble,
} from '../../../lib/on-call/incident.ts';

const minute = 60_000;
const patience: Patience = {
  ...{ gatherMs: minute, joinedMs: 10 * minute },
  ...{ seenMs: 0, worseMs: 0, overMs: 0, unmutedMs: 0 },
};
const names = ['mobaro/users', 'mobaro/locations', 'mobaro/results'];

function missing(stream: string, since: number): StandingTrouble {
  return { kind: 'missing', stream, since, severity: 'page' };
}

function standing(troubles: readonly StandingTrouble[], more: Partial<Standing> = {}): Standing {
  return { troubles, paused: new Set(), unreadable: new Set(), streams: names, ...more };
}

/** Lives through what is stored at each moment, and gives what is told. */
function told(moments: readonly (readonly [at: number, Standing])[]): (readonly [number, News])[] {
  let open: readonly Incident[] = [];
  return moments.flatMap(([at, now]) => {
    const next = nextIncidents(open, now, at, patience);
    open = next.open;
    return next.news.map((news) => [at, news] as const);
  });
}

const [users, locations, results] = names as [string, string, string];

describe('an incident', () => {
  it('is told a minute after it has begun, with all streams that it has come to by then', () => {
    const first = standing([missing(users, 0)]);
    expect(nextIncidents([], first, 0, patience)).toMatchObject({ news: [], again: minute });
    const all = standing(names.map((name, index) => missing(name, index)));
    const [[at, news] = []] = told([
      [0, first],
      [20_000, all],
      [minute, all],
      [2 * minute, all],
    ]);
    expect(at).toBe(minute);
    expect(news).toMatchObject({ what: 'begun', severity: 'page' });
    expect(news?.incident.told?.streams).toEqual(names);
  });

  it('is told once, however often it is looked at, and once when it is over', () => {
    const on = standing([missing(users, 0)]);
    const news = told([
      [minute, on],
      [minute, on],
      [9 * minute, on],
      [10 * minute, standing([])],
      [11 * minute, standing([])],
    ]);
    expect(news.map(([at, { what }]) => [at / minute, what])).toEqual([
      [1, 'begun'],
      [10, 'over'],
    ]);
  });

  it('is not told where it is over within the minute', () => {
    expect(
      told([
        [0, standing([missing(users, 0)])],
        [minute - 1, standing([])],
      ]),
    ).toEqual([]);
  });

  it('is joined by further streams, and over when the last of them goes on', () => {
    const first = missing(users, 0);
    const second = missing(results, 30 * minute);
    const news = told([
      [minute, standing([first])],
      [30 * minute, standing([first, second])],
      [31 * minute - 1, standing([first, second])],
      [31 * minute, standing([first, second])],
      [32 * minute, standing([second])],
      [33 * minute, standing([])],
    ]);
    expect(news.map(([at, { what }]) => [at / minute, what])).toEqual([
      [1, 'begun'],
      [31, 'joined'],
      [33, 'over'],
    ]);
    expect(news.at(-1)?.[1].incident.streams).toEqual({
      [users]: { since: 0, left: { how: 'well', at: 32 * minute } },
      [results]: { since: 30 * minute, left: { how: 'well', at: 33 * minute } },
    });
  });

  it('is updated once in ten minutes where streams join one after the other, and at once where it is all of them', () => {
    const upTo = (count: number): Standing =>
      standing(names.slice(0, count).map((name, index) => missing(name, 2 * index * minute)));
    const looks = (most: number) =>
      Array.from({ length: 12 }, (_, at): [number, Standing] => [
        at * minute,
        upTo(Math.min(most, 1 + Math.floor(at / 2))),
      ]);
    const newsOf = (most: number) => told(looks(most)).map(([at, { what }]) => [at / minute, what]);
    expect(newsOf(names.length - 1)).toEqual([
      [1, 'begun'],
      [11, 'joined'],
    ]);
    expect(newsOf(names.length)).toEqual([
      [1, 'begun'],
      [2 * (names.length - 1), 'joined'],
    ]);
  });

  it('is another one where a stream was well meanwhile, though nobody has looked', () => {
    const again = missing(users, 60 * minute);
    const news = told([
      [minute, standing([missing(users, 0)])],
      [61 * minute, standing([again])],
      [62 * minute, standing([again])],
    ]);
    expect(news.map(([at, { what }]) => [at / minute, what])).toEqual([
      [1, 'begun'],
      [61, 'begun'],
    ]);
  });

  it('has its end told where another stop of it is over before it may be told', () => {
    const { open } = nextIncidents([], standing([missing(users, 0)]), minute, patience);
    const again = standing([missing(users, 60 * minute)]);
    const muted = nextIncidents(open, again, 60 * minute, patience, 90 * minute);
    expect(muted.news).toEqual([]);
    expect(nextIncidents(muted.open, standing([]), 61 * minute, patience, 90 * minute).news).toMatchObject([
      { what: 'over', severity: 'page' },
    ]);
  });

  it('is told of at its end where its first message may have been sent', () => {
    const on = standing([missing(users, 0)]);
    const { open, news } = nextIncidents([], on, minute, patience);
    expect(news).toMatchObject([{ what: 'begun' }]);
    // Who has sent it died before it was written down.
    const left = withSending([], news);
    expect(nextIncidents(left, on, 2 * minute, patience).news).toMatchObject([{ what: 'begun' }]);
    expect(nextIncidents(left, standing([]), 2 * minute, patience).news).toMatchObject([
      { what: 'over', severity: 'page' },
    ]);
    expect(open).toMatchObject([{ mayBeTold: null }]);
  });

  it('says how each stream has left it', () => {
    const all = standing(names.map((name) => missing(name, 0)));
    const news = told([
      [minute, all],
      [
        2 * minute,
        standing([{ kind: 'exhausted', stream: results, since: 2 * minute, severity: 'ticket' }], {
          paused: new Set([users]),
          streams: names.filter((name) => name !== locations),
        }),
      ],
    ]);
    expect(news.at(-1)?.[1].what).toBe('over');
    const streams = news.at(-1)?.[1].incident.streams ?? {};
    expect(Object.fromEntries(Object.entries(streams).map(([name, { left }]) => [name, left?.how]))).toEqual({
      [users]: 'paused',
      [locations]: 'taken out',
      [results]: 'otherwise',
    });
  });

  it('lasts for a stream of which nothing can be read, and begins for no other reason', () => {
    const unreadable = new Set([users]);
    const news = told([
      [minute, standing([missing(users, 0), missing(results, 0)])],
      [2 * minute, standing([], { unreadable })],
      [9 * minute, standing([], { unreadable })],
      [10 * minute, standing([])],
    ]);
    expect(news.map(([at, { what }]) => [at / minute, what])).toEqual([
      [1, 'begun'],
      [10, 'over'],
    ]);
  });

  it('keeps its beginning, by which its messages are one thread, though a stream joins that has waited for longer', () => {
    const news = told([
      [10 * minute, standing([missing(users, 9 * minute)])],
      [20 * minute, standing([missing(users, 9 * minute), missing(results, minute)])],
    ]);
    expect(news.map(([, { what, incident }]) => [what, incident.since / minute])).toEqual([
      ['begun', 9],
      ['joined', 9],
    ]);
  });

  it('is of the connection where its key is refused: another stream is no news', () => {
    const refused = (streams: readonly string[]): Standing =>
      standing(streams.map((stream) => ({ kind: 'unauthorized', stream, since: 0, severity: 'page' })));
    const news = told([
      [minute, refused([users])],
      [5 * minute, refused(names)],
      [6 * minute, refused([results])],
      [7 * minute, standing([])],
    ]);
    expect(news.map(([at, { what }]) => [at / minute, what])).toEqual([
      [1, 'begun'],
      [7, 'over'],
    ]);
  });

  it('pages at once where what was a ticket has become worse, and only once', () => {
    const failing = (severity: 'page' | 'ticket'): Standing =>
      standing([{ kind: 'exhausted', stream: users, since: 0, severity }]);
    const news = told([
      [minute, failing('ticket')],
      [15 * minute, failing('page')],
      [16 * minute, failing('page')],
      [20 * minute, failing('ticket')],
      [21 * minute, standing([])],
    ]);
    expect(news.map(([, { what, severity }]) => [what, severity])).toEqual([
      ['begun', 'ticket'],
      ['worse', 'page'],
      ['over', 'page'],
    ]);
  });

  it('is apart from those of other kinds', () => {
    const both = standing([missing(users, 0), { kind: 'held', stream: users, since: 0, severity: 'ticket' }]);
    expect(told([[minute, both]]).map(([, { incident }]) => incident.kind)).toEqual(['missing', 'held']);
  });

  it('is told truly in every order in which two streams fail and recover within a minute', () => {
    const orders = permutations([
      'users fails',
      'users recovers',
      'results fails',
      'results recovers',
    ]).filter(
      (order) =>
        order.indexOf('users fails') < order.indexOf('users recovers') &&
        order.indexOf('results fails') < order.indexOf('results recovers'),
    );
    expect(orders).toHaveLength(6);
    for (const order of orders) {
      // People have been told of one before, so that an end is news.
      const bad = new Map<string, number>();
      let open = nextIncidents([], standing([missing(users, 0)]), minute, patience).open;
      for (const [index, step] of order.entries()) {
        const at = 5 * minute + index * 15_000;
        const stream = step.startsWith('users') ? users : results;
        if (step.endsWith('fails')) bad.set(stream, at);
        else bad.delete(stream);
        const now = standing([...bad].map(([name, since]) => missing(name, since)));
        const next = nextIncidents(open, now, at, patience);
        expect(next.news.some(({ what }) => what === 'over') && bad.size > 0).toBe(false);
        open = next.open;
      }
      expect(nextIncidents(open, standing([]), 10 * minute, patience).open).toEqual([]);
    }
  });

  it('is begun once, over when nothing stands and not before, and all that stands is told, whatever happens', () => {
    const event = fc.record({
      stream: fc.constantFrom(...names),
      becomes: fc.constantFrom('bad', 'bad for long', 'well', 'paused', 'unreadable'),
      after: fc.nat(90_000),
      muteMs: fc.option(fc.nat(5 * minute), { freq: 8 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const states = new Map<string, { readonly is: string; readonly since: number }>();
        const affected = new Set<string>();
        let open: readonly Incident[] = [];
        let at = 0;
        let mutedUntil: number | null = null;
        let isOn = false;
        let pages = 0;
        const look = (): void => {
          const troubles = [...states].flatMap(([stream, { is, since }]): StandingTrouble[] =>
            is.startsWith('bad')
              ? [{ kind: 'exhausted', stream, since, severity: is === 'bad' ? 'ticket' : 'page' }]
              : [],
          );
          const those = (wanted: string): Set<string> =>
            new Set([...states].flatMap(([stream, { is }]) => (is === wanted ? [stream] : [])));
          const now = standing(troubles, { paused: those('paused'), unreadable: those('unreadable') });
          for (const [stream, { is }] of states) {
            if (is.startsWith('bad')) affected.add(stream);
            else if (is !== 'unreadable') affected.delete(stream);
          }
          const next = nextIncidents(open, now, at, patience, mutedUntil);
          open = next.open;
          for (const { what, severity } of next.news) {
            if (what === 'begun') [isOn, pages] = [checked(isOn, false, true), 0];
            if (what === 'over') isOn = checked(isOn, true, false);
            if (what === 'over') expect(affected.size).toBe(0);
            if (what !== 'over' && severity === 'page' && mutedUntil !== null)
              expect(at).toBeGreaterThanOrEqual(mutedUntil);
            if (what === 'worse' || (what === 'begun' && severity === 'page')) pages += 1;
            expect(pages).toBeLessThanOrEqual(1);
          }
        };
        for (const { stream, becomes, after, muteMs } of events) {
          at += after;
          if (muteMs !== null) mutedUntil = at + muteMs;
          const before = states.get(stream);
          // What was bad and cannot be read for a while may be bad for as long as before.
          const goesOn = before?.is.startsWith('bad') === true || before?.is === 'unreadable';
          states.set(stream, { is: becomes, since: goesOn ? before.since : at });
          look();
        }
        at = Math.max(at + 2 * minute, mutedUntil ?? 0);
        // What has come meanwhile, and what that has begun to gather.
        for (const wait of [0, 10 * minute]) {
          at += wait;
          look();
        }
        expect(isOn).toBe(affected.size > 0);
        expect(open.flatMap((incident) => incident.told?.streams ?? [])).toEqual(
          expect.arrayContaining([...affected]),
        );
      }),
    );
  });
});

function checked(is: boolean, expected: boolean, next: boolean): boolean {
  expect(is).toBe(expected);
  return next;
}

function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, index) =>
    permutations(items.toSpliced(index, 1)).map((others) => [first, ...others]),
  );
}

describe('a mute', () => {
  const failing = (severity: 'page' | 'ticket'): Standing =>
    standing([{ kind: 'exhausted', stream: users, since: 0, severity }]);

  /** What is told at each moment, under a mute until then. */
  function toldMuted(until: number, moments: readonly (readonly [at: number, Standing])[]) {
    let open: readonly Incident[] = [];
    return moments.flatMap(([at, now]) => {
      const next = nextIncidents(open, now, at, patience, until);
      open = next.open;
      return next.news.map(({ what, severity }) => [at / minute, what, severity]);
    });
  }

  it('holds pages back, and what still stands at its end is told once', () => {
    const on = standing([missing(users, 0)]);
    expect(
      toldMuted(
        30 * minute,
        [minute, 20 * minute, 30 * minute, 31 * minute].map((at) => [at, on] as const),
      ),
    ).toEqual([[30, 'begun', 'page']]);
  });

  it('lets tickets through, and not that they have become pages', () => {
    expect(
      toldMuted(30 * minute, [
        [minute, failing('ticket')],
        [15 * minute, failing('page')],
        [31 * minute, failing('page')],
        [32 * minute, standing([])],
      ]),
    ).toEqual([
      [1, 'begun', 'ticket'],
      [31, 'worse', 'page'],
      [32, 'over', 'page'],
    ]);
  });

  it('lets the end of what was told through, and nothing of what nobody was told of', () => {
    const on = standing([missing(users, 0)]);
    const before = nextIncidents([], on, minute, patience).open;
    expect(nextIncidents(before, standing([]), 2 * minute, patience, 9 * minute).news).toMatchObject([
      { what: 'over', severity: 'page' },
    ]);
    expect(
      toldMuted(30 * minute, [
        [minute, on],
        [9 * minute, standing([])],
      ]),
    ).toEqual([]);
  });
});

describe('one who has patience', () => {
  const patient: Patience = {
    gatherMs: 10 * minute,
    joinedMs: 10 * minute,
    seenMs: 4 * minute,
    worseMs: 10 * minute,
    overMs: 10 * minute,
    unmutedMs: minute,
  };

  /** By rounds of five minutes. */
  function toldInRounds(
    from: readonly Incident[],
    rounds: readonly Standing[],
    mutedUntil: number | null = null,
  ) {
    let open = from;
    return rounds.flatMap((now, index) => {
      const next = nextIncidents(open, now, index * 5 * minute, patient, mutedUntil);
      open = next.open;
      return next.news.map(({ what }) => [index * 5, what]);
    });
  }

  const ill = standing([missing(users, 0)]);
  const well = standing([]);

  it('tells what has stood for so long', () => {
    expect(toldInRounds([], [ill, ill, ill, ill])).toEqual([[10, 'begun']]);
    expect(toldInRounds([], [ill, ill, well])).toEqual([]);
  });

  it('leaves what was noticed late to others for a round', () => {
    const old = standing([missing(users, -60 * minute)]);
    expect(toldInRounds([], [old, old, old])).toEqual([[5, 'begun']]);
  });

  it('tells of a stream that has joined, of what has become a page, and of the end, when nobody has for so long', () => {
    const { open } = nextIncidents([], ill, 0, { ...patience, gatherMs: 0 });
    const more = standing([missing(users, 0), missing(results, 5 * minute)]);
    expect(toldInRounds(open, [ill, more, more, more, more])).toEqual([[15, 'joined']]);
    expect(toldInRounds(open, [ill, well, well, well, well])).toEqual([[15, 'over']]);
    expect(toldInRounds(open, [ill, well, well, ill, well, well])).toEqual([]);
    const failing = (severity: 'page' | 'ticket'): Standing =>
      standing([{ kind: 'exhausted', stream: users, since: 0, severity }]);
    const ticket = nextIncidents([], failing('ticket'), 0, { ...patience, gatherMs: 0 }).open;
    const page = failing('page');
    expect(toldInRounds(ticket, [failing('ticket'), page, page, page])).toEqual([[15, 'worse']]);
  });

  it('waits for the end of a mute, and for a minute more, in which others may tell it', () => {
    expect(toldInRounds([], [ill, ill, ill, ill, ill], 15 * minute)).toEqual([[20, 'begun']]);
  });
});
