import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  nextIncidents,
  type Incident,
  type News,
  type Standing,
  type Trouble,
} from '../../../lib/on-call/incident.ts';

const minute = 60_000;
const gatherMs = minute;
const names = ['mobaro/users', 'mobaro/locations', 'mobaro/results'];

function missing(stream: string, since: number): Trouble {
  return { kind: 'missing', stream, since, severity: 'page' };
}

function standing(troubles: readonly Trouble[], more: Partial<Standing> = {}): Standing {
  return { troubles, paused: new Set(), streams: names, ...more };
}

/** Lives through what is stored at each moment, and gives what is told. */
function told(moments: readonly (readonly [at: number, Standing])[]): (readonly [number, News])[] {
  let open: readonly Incident[] = [];
  return moments.flatMap(([at, now]) => {
    const next = nextIncidents(open, now, at, gatherMs);
    open = next.open;
    return next.news.map((news) => [at, news] as const);
  });
}

const [users, locations, results] = names as [string, string, string];

describe('an incident', () => {
  it('is told a minute after it has begun, with all streams that it has come to by then', () => {
    const first = standing([missing(users, 0)]);
    expect(nextIncidents([], first, 0, gatherMs)).toMatchObject({ news: [], again: minute });
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
    const news = told([
      [minute, standing([missing(users, 0)])],
      [90_000, standing([missing(users, 0), missing(results, 90_000)])],
      [2 * minute, standing([missing(users, 0), missing(results, 90_000)])],
      [3 * minute, standing([missing(results, 90_000)])],
      [4 * minute, standing([])],
    ]);
    expect(news.map(([at, { what }]) => [at / minute, what])).toEqual([
      [1, 'begun'],
      [2, 'joined'],
      [4, 'over'],
    ]);
    expect(news.at(-1)?.[1].incident.streams).toEqual({
      [users]: { since: 0, left: 'well' },
      [results]: { since: 90_000, left: 'well' },
    });
  });

  it('says how each stream has left it', () => {
    const all = standing(names.map((name) => missing(name, 0)));
    const news = told([
      [minute, all],
      [
        2 * minute,
        standing([], { paused: new Set([users]), streams: names.filter((name) => name !== locations) }),
      ],
    ]);
    const streams = news.at(-1)?.[1].incident.streams ?? {};
    expect(Object.fromEntries(Object.entries(streams).map(([name, { left }]) => [name, left]))).toEqual({
      [users]: 'paused',
      [locations]: 'taken out',
      [results]: 'well',
    });
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

  it('is never told as over while one of its streams is in trouble, in any order of failing and recovering', () => {
    const event = fc.record({
      stream: fc.constantFrom(...names),
      isBad: fc.boolean(),
      after: fc.nat(90_000),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const bad = new Map<string, number>();
        let open: readonly Incident[] = [];
        let at = 0;
        let isOn = false;
        for (const { stream, isBad, after } of events) {
          at += after;
          if (!isBad) bad.delete(stream);
          else if (!bad.has(stream)) bad.set(stream, at);
          const troubles = [...bad].map(([name, since]) => missing(name, since));
          const next = nextIncidents(open, standing(troubles), at, gatherMs);
          open = next.open;
          for (const { what } of next.news) {
            if (what === 'begun') expect(isOn).toBe(false);
            if (what === 'over') expect([isOn, bad.size]).toEqual([true, 0]);
            isOn = what !== 'over';
          }
        }
        const last = nextIncidents(open, standing([]), at + minute, gatherMs);
        expect(last.news.map(({ what }) => what)).toEqual(isOn ? ['over'] : []);
        expect(last.open).toEqual([]);
      }),
    );
  });
});
