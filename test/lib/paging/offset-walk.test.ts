import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { digestOfPage } from '../../../lib/paging/digest.ts';
import { askedLimit, askedOffset } from '../../../lib/paging/offset-walk.ts';
import type { OffsetPosition } from '../../../lib/paging/position.ts';
import { totalsAfter, type Totals } from '../../../lib/paging/totals.ts';
import { offsetStep } from '../../support/offset-steps.ts';
import { listOf, walkList, type ListWalk } from '../../support/walk-list.ts';

const nothing: ReadonlySet<string> = new Set();

function at(offset: number, part: Partial<OffsetPosition> = {}): OffsetPosition {
  return { kind: 'offset', offset, ...part };
}

describe('what is asked for', () => {
  it.each([
    [null, 20, 0, 20],
    [at(0), 20, 0, 20],
    [at(20), 20, 19, 20],
    [at(20, { blind: true }), 20, 20, 20],
    // One row at a time would be the overlap alone.
    [at(1), 1, 0, 2],
    [at(5), 1, 4, 2],
  ])('at %j with pages of %i: offset %i, %i rows', (position, pageSize, offset, limit) => {
    expect([askedOffset(position), askedLimit(position, pageSize, 128)]).toEqual([offset, limit]);
  });
});

describe('a step', () => {
  const page = (
    digests: string[],
    total: number | null = null,
  ): { digests: string[]; total: number | null } => ({
    digests,
    total,
  });

  it.each([
    [
      'goes on by what came back',
      null,
      page(['a', 'b'], 9),
      { kind: 'more', position: { offset: 2, anchor: 'b' } },
    ],
    ['goes on without a total', null, page(['a', 'b']), { kind: 'more', position: { offset: 2 } }],
    ['ends where there is nothing', null, page([], 0), { kind: 'end' }],
    ['ends where the total is reached', null, page(['a', 'b'], 2), { kind: 'end' }],
    [
      'knows its anchor',
      at(2, { anchor: 'b' }),
      page(['b', 'c', 'd'], 9),
      { kind: 'more', position: { offset: 4, anchor: 'd' } },
    ],
    ['ends behind its anchor', at(2, { anchor: 'b' }), page(['b', 'c'], 3), { kind: 'end' }],
    [
      'ends on a total that has shrunk to what is seen',
      at(2, { anchor: 'b' }),
      page(['b'], 2),
      { kind: 'end' },
    ],
    [
      'looks up a row that is not its anchor',
      at(2, { anchor: 'b' }),
      page(['x', 'b'], 9),
      { kind: 'look up' },
    ],
    [
      'steps back where nothing comes',
      at(40, { anchor: 'b' }),
      page([], 9),
      { kind: 'step back', position: { offset: 20, stepBack: 40 } },
    ],
    [
      'steps back to the beginning at most',
      at(20, { anchor: 'b' }),
      page([], 9),
      { kind: 'step back', position: null },
    ],
    [
      'asks for the row behind where only the anchor came',
      at(2, { anchor: 'b' }),
      page(['b'], 9),
      { kind: 'more', position: { offset: 2, blind: true } },
    ],
    [
      'goes on behind a row that came alone',
      at(2, { anchor: 'b', blind: true, total: 9 }),
      page(['c'], 9),
      { kind: 'more', position: { offset: 3, anchor: 'c' } },
    ],
    ['ends where there is no row behind', at(2, { anchor: 'b', blind: true }), page([]), { kind: 'end' }],
    [
      'steps back from a row that came alone if the total has shrunk',
      at(40, { anchor: 'b', blind: true, total: 50 }),
      page(['c'], 49),
      { kind: 'step back', position: { offset: 20 } },
    ],
    [
      'does not take it for the end that there is nothing at all any more',
      at(40, { anchor: 'b', blind: true, total: 41 }),
      page([], 0),
      { kind: 'step back', position: { offset: 20 } },
    ],
    [
      'takes it for chance that the row behind is the same: one was inserted',
      at(2, { anchor: 'b', blind: true, page: digestOfPage(['b']) }),
      page(['b']),
      { kind: 'more', position: { offset: 3, anchor: 'b', again: true } },
    ],
    [
      'remembers that, where only the anchor comes after it',
      at(3, { anchor: 'b', page: digestOfPage(['b']), again: true }),
      page(['b']),
      { kind: 'more', position: { offset: 3, anchor: 'b', blind: true, again: true } },
    ],
    [
      'notices that the row behind is the same again',
      at(3, { anchor: 'b', blind: true, page: digestOfPage(['b']), again: true }),
      page(['b']),
      { kind: 'looping' },
    ],
    [
      'notices so by the total, too',
      at(3, { anchor: 'b', blind: true, total: 9, page: digestOfPage(['b']), again: true }),
      page(['b'], 9),
      { kind: 'looping' },
    ],
    [
      'goes on behind it where the total says that a row was inserted',
      at(2, { anchor: 'b', blind: true, total: 9 }),
      page(['b'], 10),
      { kind: 'more', position: { offset: 3, anchor: 'b', total: 10 } },
    ],
  ])('%s', (_, position, given, expected) => {
    expect(offsetStep(position, given, 20, null)).toMatchObject(expected);
  });

  it('says where the list ends if nothing but the total says that it does', () => {
    const step = offsetStep(at(2, { anchor: 'b' }), page(['b', 'c'], 3), 20, null);
    expect(step).toMatchObject({
      kind: 'end',
      claimed: { kind: 'offset', offset: 3, anchor: 'c', rows: 2, confirming: true },
    });
    expect(offsetStep(null, page([], null), 20, null)).toEqual({ kind: 'end', claimed: null });
  });

  describe('that is to confirm the end', () => {
    const claimed = at(40, { anchor: 'z', confirming: true, rows: 20, total: 40 });

    it.each([
      ['the last row alone', claimed, page(['z'], 40), { kind: 'end', claimed: null }],
      [
        'the last row alone, where the total now says that there are more',
        claimed,
        page(['z'], 90),
        { kind: 'more', position: { offset: 40, blind: true } },
      ],
      [
        'the last row alone, where the total has shrunk',
        claimed,
        page(['z'], 39),
        { kind: 'end', claimed: null },
      ],
      [
        'more rows, though the total denies them',
        claimed,
        page(['z', 'more'], 40),
        { kind: 'more', position: { offset: 41, anchor: 'more' } },
      ],
      [
        'the last row alone from a server that may give one at a time',
        at(40, { anchor: 'z', confirming: true, rows: 1 }),
        page(['z'], 40),
        { kind: 'more', position: { offset: 40, blind: true } },
      ],
      ['the last row behind one that was inserted', claimed, page(['x', 'z'], 41), { kind: 'look up' }],
      ['no row at all', claimed, page([], 40), { kind: 'step back', position: { offset: 20 } }],
      ['another row', claimed, page(['x', 'z'], 41), { kind: 'look up' }],
      ['nothing in an empty list', at(0, { confirming: true }), page([], 0), { kind: 'end', claimed: null }],
      [
        'rows in a list that was empty',
        at(0, { confirming: true }),
        page(['a'], 0),
        { kind: 'more', position: { offset: 1, anchor: 'a' } },
      ],
    ])('reads %s', (_, position, given, expected) => {
      const step = offsetStep(position, given, 20, null);
      expect(step).toMatchObject(expected);
      // What it leads to is an ordinary position again.
      if (step.kind === 'more' || step.kind === 'step back') {
        expect(step.position).not.toHaveProperty('confirming');
      }
    });
  });

  it('confirms the end behind rows that have been seen, where some were inserted in front', () => {
    const claimed = at(40, { anchor: 'z', confirming: true, rows: 20, total: 40 });
    expect(offsetStep(claimed, page(['y', 'z'], 41), 20, new Set(['y', 'z']))).toEqual({
      kind: 'end',
      claimed: null,
    });
    expect(offsetStep(claimed, page(['y', 'z'], 42), 20, new Set(['y', 'z'])).kind).toBe('more');
    expect(offsetStep(claimed, page(['new', 'z'], 41), 20, new Set(['y', 'z'])).kind).toBe('step back');
  });

  it.each([
    ['an empty beginning where there are rows', null, page([], 500), 'contradictory'],
    ['an empty page below the total', at(20, { anchor: 'b' }), page([], 500), 'contradictory'],
    ['a total below what has come', null, page(['a', 'b'], 0), 'more'],
  ])('does not believe %s', (_, position, given, kind) => {
    expect(offsetStep(position, given, 20, null).kind).toBe(kind);
  });

  it('goes on where rows were inserted: the first one has been seen', () => {
    const step = offsetStep(at(4, { anchor: 'd' }), page(['c', 'd', 'e'], 9), 20, new Set(['c', 'd']));
    expect(step).toMatchObject({ kind: 'more', position: { offset: 6, anchor: 'e' } });
  });

  it('steps back where rows were deleted: the first one has not been seen, twice as far each time', () => {
    const step = offsetStep(at(100, { stepBack: 40 }), page(['y', 'z'], 200), 20, nothing);
    expect(step).toMatchObject({ kind: 'step back', position: { kind: 'offset', offset: 60, stepBack: 80 } });
  });

  it('takes the same page twice for chance, and three times for a circle', () => {
    const rows = page(['a', 'b', 'c'], 9);
    const seen = new Set(['a', 'b', 'c']);
    const asked = at(23, { anchor: 'c', page: digestOfPage(['a', 'b', 'c']), total: 9 });
    const second = offsetStep(asked, rows, 3, seen);
    if (second.kind !== 'more' || second.position.kind !== 'offset') throw new Error(second.kind);
    const { position } = second;
    expect(position.again).toBe(true);
    expect(offsetStep(position, rows, 3, seen)).toEqual({ kind: 'looping' });
    const other = offsetStep(position, page(['c', 'd'], 9), 3, seen);
    expect(other).toMatchObject({ kind: 'more', position: { anchor: 'd' } });
    expect(other).not.toHaveProperty('position.again');
  });

  it.each([
    [['a'], undefined],
    [['a'], 9],
    [['a', 'b'], undefined],
    [['a', 'b', 'c'], 9],
  ])('sees that a server ignores the offset, whatever it gives: %j, %s in all', (rows, total) => {
    const walk = walkList(() => ({ rows, ...(total !== undefined && { total }) }), 3);
    expect(walk.end).toBe('looping');
    expect(walk.requests).toBeLessThanOrEqual(10);
  });

  it('takes the same page for chance if the total has changed: so many rows were inserted', () => {
    const asked = at(3, { anchor: 'c', page: digestOfPage(['a', 'b', 'c']), total: 9 });
    const step = offsetStep(asked, page(['a', 'b', 'c'], 11), 3, new Set(['a', 'b', 'c']));
    expect(step).toMatchObject({ kind: 'more' });
    expect(step).not.toHaveProperty('position.again');
  });
});

/** A list that changes between two requests, and a walk through it. */
interface Change {
  readonly kind: 'insert' | 'delete';
  /** Where, as a share of the list. */
  readonly place: number;
}

function walkThrough(
  initial: number,
  pageSize: number,
  caps: readonly number[],
  changes: readonly (readonly Change[])[],
  withTotal: boolean,
): ListWalk & { readonly list: readonly string[] } {
  const list = listOf(initial);
  let inserted = 0;
  const walk = walkList(({ offset, limit, request }) => {
    for (const { kind, place } of changes[request - 1] ?? []) {
      const index = Math.floor(place * list.length);
      if (kind === 'insert') list.splice(index, 0, `new-${(inserted += 1)}`);
      else list.splice(index, 1);
    }
    const rows = list.slice(offset, offset + Math.min(limit, caps[request % caps.length] ?? 128));
    return { rows, ...(withTotal && { total: list.length }) };
  }, pageSize);
  return { ...walk, list };
}

const change = fc.record({
  kind: fc.constantFrom<Change['kind']>('insert', 'delete'),
  place: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

describe('a walk', () => {
  it('through a list that stands still sees every row', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.integer({ min: 1, max: 30 }), fc.boolean(), (rows, pageSize, withTotal) => {
        const { seen, end, setbacks } = walkThrough(rows, pageSize, [128], [], withTotal);
        expect([end, seen.size, setbacks]).toEqual(['end', rows, 0]);
      }),
    );
  });

  it('of one short page costs one request, and a long one at most 6 % more than its pages', () => {
    const short = walkList(() => ({ rows: listOf(19), total: 19 }), 20, { totals: 'confirmed' });
    expect(short.requests).toBe(1);
    expect(walkThrough(10_000, 20, [128], [], true).requests).toBeLessThanOrEqual(500 * 1.06);
  });

  it('of 1,037 rows by 20 costs at most 55 requests', () => {
    expect(walkThrough(1037, 20, [128], [], true).requests).toBe(55);
  });

  it('works where the server gives one row at a time', () => {
    const { seen, end } = walkThrough(30, 20, [1], [], true);
    expect([end, seen.size]).toEqual(['end', 30]);
  });

  it('that has stepped back takes no short page that comes again for the way of the vendor: rows move', () => {
    const insert: Change = { kind: 'insert', place: 0 };
    const changes: Change[][] = [[], [], [{ kind: 'delete', place: 0 }], [], [insert], [insert]];
    const { seen, end } = walkThrough(4, 5, [2], changes, false);
    expect([end, seen.has('row-3')]).toEqual(['end', true]);
  });

  it('that meets two rows again and again asks for the first ones before it takes them for all', () => {
    const insert: Change = { kind: 'insert', place: 0 };
    const { seen, end } = walkThrough(1, 5, [2], [[insert, insert], [insert], [insert]], false);
    expect([end, seen.has('row-0')]).toEqual(['end', true]);
  });

  it('sees every row that is there throughout, whatever is inserted and deleted while it pages', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 2, max: 25 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 12 }),
        fc.boolean(),
        (rows, pageSize, caps, changes, withTotal) => {
          const { seen, list, end } = walkThrough(rows, pageSize, caps, changes, withTotal);
          if (end !== 'end') return;
          for (const row of list) if (row.startsWith('row-')) expect(seen).toContain(row);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

/** Totals that are not what they seem, each for a list of so many rows and the rows of a page. */
const totalsThatLie: Readonly<Record<string, (all: number, came: number) => number>> = {
  'stops at a cap': (all) => Math.min(all, 40),
  'counts the rows of the page': (_, came) => came,
  'is always 0': () => 0,
  'is 1 at most': (all) => Math.min(all, 1),
  'counts what has come but one': (all) => all - 1,
  'stops at the size of a page': (all) => Math.min(all, 20),
};

describe('a total', () => {
  it.each(Object.entries(totalsThatLie))('that %s ends no walk before its last row', (_, totalOf) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 130 }),
        fc.integer({ min: 1, max: 25 }),
        fc.constantFrom(3, 10, 20, 128),
        (count, pageSize, cap) => {
          const list = listOf(count);
          let totals: Totals = null;
          // It is known from the first run on, and holds for the next.
          for (let run = 0; run < 2; run += 1) {
            const walk = walkList(
              ({ offset, limit }) => {
                const rows = list.slice(offset, offset + Math.min(limit, cap));
                return { rows, total: totalOf(count, rows.length) };
              },
              pageSize,
              { totals },
            );
            expect([walk.end, walk.seen.size]).toEqual(['end', count]);
            totals = walk.totals;
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  const requestsFor = (count: number, known: Totals): number => {
    const list = listOf(count);
    return walkList(({ offset, limit }) => ({ rows: list.slice(offset, offset + limit), total: count }), 20, {
      totals: known,
    }).requests;
  };

  it('that ends the list on a full page is confirmed by one request', () => {
    expect([requestsFor(20, 'confirmed'), requestsFor(39, 'confirmed')]).toEqual([2, 3]);
  });

  it('that ends it on a short page is believed, but for the first page of the first run', () => {
    expect([requestsFor(7, 'confirmed'), requestsFor(38, 'confirmed')]).toEqual([1, 2]);
    expect([requestsFor(7, null), requestsFor(38, null)]).toEqual([2, 2]);
  });

  it.each([
    ['none so far, none now', null, 0, 20, null, null],
    ['on the first page', null, 0, 20, 20, null],
    ['right on a later page', null, 19, 20, 39, 'confirmed'],
    ['right behind the last row', null, 19, 1, 20, 'confirmed'],
    ['below the rows of the first page', null, 0, 20, 10, 'too low'],
    ['below those of a later page', 'confirmed', 19, 20, 20, 'too low'],
    ['below where nothing comes', null, 40, 0, 39, 'confirmed'],
    ['right again', 'too low', 19, 20, 39, 'too low'],
    ['not there any more', 'confirmed', 19, 20, null, 'confirmed'],
  ] as const)('%s', (_, known, before, rows, total, after) => {
    expect(totalsAfter(known, before, rows, total)).toBe(after);
  });
});
