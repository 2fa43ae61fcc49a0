import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Refusal } from '../../../lib/paging/offset-step.ts';
import type { WalkPosition } from '../../../lib/paging/position.ts';
import { isDeadCursor, refusedOffset } from '../../../lib/paging/refusals.ts';
import { listOf, walkList, type Answer, type Asked, type ListWalk } from '../../support/walk-list.ts';

/** Where each vendor begins to answer, for an offset and a limit that it is asked with. */
const vendors: Readonly<Record<string, (asked: Asked) => number>> = {
  'answers from the multiple of the limit below': ({ offset, limit }) => Math.floor(offset / limit) * limit,
  'counts pages from 0': ({ offset, limit }) => offset * limit,
  'counts pages from 1, and takes 0 for the first': ({ offset, limit }) => Math.max(0, offset - 1) * limit,
  'answers from the multiple of its own cap below': ({ offset, limit }) => {
    const cap = Math.min(limit, 10);
    return Math.floor(offset / cap) * cap;
  },
};

function walkAt(
  startOf: (asked: Asked) => number,
  rows: number,
  {
    pageSize = 20,
    total = false,
    behind = null,
    cap = 128,
  }: {
    readonly pageSize?: number;
    readonly total?: boolean;
    readonly behind?: Refusal | null;
    readonly cap?: number;
  } = {},
): ListWalk {
  const list = listOf(rows);
  return walkList((asked) => {
    const start = startOf(asked);
    if (behind !== null && asked.request > 1 && start >= rows) return { refused: behind };
    const given = list.slice(start, start + Math.min(asked.limit, cap));
    return { rows: given, ...(total && { total: rows }) };
  }, pageSize);
}

describe.each(Object.entries(vendors))('a vendor that %s', (name, startOf) => {
  const cap = name.includes('cap') ? 10 : 128;

  it('is walked to its last row, whatever the list', () => {
    fc.assert(
      // Shorter pages would come again by chance where rows come and go.
      fc.property(fc.nat(200), fc.integer({ min: 6, max: 30 }), fc.boolean(), (rows, pageSize, total) => {
        const { end, seen } = walkAt(startOf, rows, { pageSize, total, cap });
        expect([end, seen.size]).toEqual(['end', rows]);
      }),
    );
  });

  it('is noticed from the first two pages, and that costs few requests', () => {
    const { setbacks, requests } = walkAt(startOf, 200, { cap, total: true });
    expect(setbacks).toBe(0);
    expect(requests).toBeLessThanOrEqual(200 / Math.min(20, cap) + 5);
  });

  it('is walked to its last row, too, where it refuses what lies behind', () => {
    const { end, seen } = walkAt(startOf, 93, { behind: 'nothing here', cap });
    expect([end, seen.size]).toEqual(['nothing here', 93]);
  });
});

describe('a vendor that answers from the multiple below', () => {
  it('is walked whole, too, where fewer rows are asked for from some page on', () => {
    const list = listOf(200);
    // What came was too long for the memory, so half as many rows are asked for.
    const walk = walkList(
      ({ offset, limit }) => {
        const start = Math.floor(offset / limit) * limit;
        return { rows: list.slice(start, start + limit) };
      },
      (request) => (request < 7 ? 20 : 10),
    );
    expect([walk.end, walk.seen.size]).toEqual(['end', 200]);
  });
});

describe('a vendor that takes any offset', () => {
  const start = ({ offset }: Asked): number => offset;

  it('is not taken for another one where rows go between its first two pages', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 100 }),
        fc.boolean(),
        (rows, pageSize, gone, total) => {
          const list = listOf(rows);
          const { end, seen } = walkList(({ offset, limit, request }) => {
            if (request === 2) list.splice(0, gone);
            return { rows: list.slice(offset, offset + limit), ...(total && { total: list.length }) };
          }, pageSize);
          expect(end).toBe('end');
          for (const row of list) expect(seen).toContain(row);
        },
      ),
    );
  });

  /** By how a vendor refuses an offset: how the walk of so many rows ends, and what of them is seen. */
  it.each([
    ['nothing here', 'behind all rows', 40, Infinity, ['nothing here', 40]],
    ['nothing here', 'behind all rows, the last page of which was full', 39, Infinity, ['nothing here', 39]],
    ['nothing here', 'behind one page', 20, Infinity, ['nothing here', 20]],
    ['nothing here', 'behind a single row', 1, Infinity, ['nothing here', 1]],
    ['nothing here', 'right behind a full page, where there are more', 100, 58, ['cut short', 58]],
    ['nothing here', 'for its last row, which it has given', 30, 30, ['cut short', 30]],
    ['no deeper', 'behind a full page', 100, 58, ['cut short', 58]],
    ['no deeper', 'behind all rows', 40, Infinity, ['cut short', 40]],
    ['no deeper', 'behind its first page', 100, 20, ['cut short', 20]],
  ] as const)('and answers "%s" %s: %i rows', (refused, _, count, depth, expected) => {
    const list = listOf(count);
    const { end, seen } = walkList(({ offset, limit }): Answer => {
      const tooDeep = offset + 1 >= depth || offset >= count;
      return tooDeep ? { refused } : { rows: list.slice(offset, Math.min(offset + limit, depth)) };
    }, 20);
    expect([end, seen.size]).toEqual(expected);
  });

  it('and gives one row at a time ends where it answers that nothing is there', () => {
    const { end, seen } = walkAt(start, 7, { behind: 'nothing here', cap: 1 });
    expect([end, seen.size]).toEqual(['nothing here', 7]);
  });

  it('and from which rows go while it refuses what is gone is stepped back in', () => {
    const list = listOf(50);
    const { end, seen, setbacks } = walkList(({ offset, limit, request }): Answer => {
      // The third page is short, for its vendor gave fewer; then the last rows go.
      if (request === 4) list.splice(40);
      if (offset >= list.length) return { refused: 'nothing here' };
      return { rows: list.slice(offset, offset + (request === 3 ? 10 : limit)) };
    }, 20);
    expect([end, seen.size]).toEqual(['nothing here', 48]);
    expect(setbacks).toBeGreaterThan(0);
  });
});

describe('where nothing tells what an offset means', () => {
  it('the words say that the vendor may not take such an offset', () => {
    const list = listOf(60);
    const walk = walkList(
      ({ offset, limit }) => ({ rows: offset === 0 ? list.slice(0, limit) : [], total: 60 }),
      20,
    );
    expect(walk.end).toBe('contradictory');
    expect(walk.seen.size).toBe(20);
  });

  it('a list of one page is proved by asking for it again', () => {
    const { end, offsets } = walkAt(vendors['counts pages from 0']!, 20);
    expect([end, offsets]).toEqual(['end', [0, 19, 1, 0]]);
  });
});

const behind: WalkPosition = { kind: 'offset', offset: 40, rows: 20 };

const inSteps: WalkPosition = {
  ...{ kind: 'steps', offset: 20, step: 20, stage: 'walking', walked: 20 },
  ...{ page: '', rows: 20, fullest: 20 },
};

describe('a refusal', () => {
  it.each([
    [404, behind, 'nothing here'],
    [416, behind, 'nothing here'],
    [400, behind, 'no deeper'],
    [422, behind, 'no deeper'],
    [403, behind, null],
    [410, behind, null],
    [500, behind, null],
    [404, null, null],
    [404, { kind: 'offset', offset: 0 }, null],
    // A person has chosen it, and nothing has come before.
    [404, { kind: 'offset', offset: 400, blind: true }, null],
    [404, { kind: 'offset', offset: 400, stepBack: 40 }, 'nothing here'],
    // It has been asked for from the beginning, for the overlap.
    [404, { kind: 'offset', offset: 1, rows: 1 }, null],
    [404, { kind: 'cursor', cursor: 'c' }, null],
    [404, inSteps, 'nothing here'],
    [400, inSteps, 'no deeper'],
    [404, { ...inSteps, offset: 0 }, null],
  ] as const)('with %i at %j is about the offset: %s', (status, walk, expected) => {
    expect(refusedOffset(status, walk)).toBe(expected);
  });

  it.each([
    [400, true],
    [404, true],
    [409, true],
    [410, true],
    [422, true],
    [401, false],
    [403, false],
    [408, false],
    [425, false],
    [429, false],
    [399, false],
    [499, true],
    [200, false],
    [500, false],
    [null, false],
  ])('with %s is about the cursor: %s', (status, expected) => {
    expect(isDeadCursor(status, { kind: 'cursor', cursor: 'c' })).toBe(expected);
    expect(isDeadCursor(status, behind)).toBe(false);
    expect(isDeadCursor(status, null)).toBe(false);
  });
});
