import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Paging } from '../../../lib/connectors/connector.ts';
import { nextPage } from '../../../lib/paging/next-page.ts';
import type { Position } from '../../../lib/paging/position.ts';

const pageSize = { default: 20, max: 128 };
const offset: Paging = { kind: 'offset', limit: 'Limit', offset: 'Offset', total: ['total'], pageSize };
const cursor: Paging = { kind: 'cursor', limit: 'limit', cursor: 'cursor', next: [['next']], pageSize };
const at = (value: number): Position => ({ kind: 'offset', offset: value });
const after = (value: string): Position => ({ kind: 'cursor', cursor: value });

describe('the next page', () => {
  it.each([
    ['advances by what came back, not by what was asked for', null, 7, 100, 7],
    ['goes on after a short page, for a server may cap the limit', at(40), 1, 100, 41],
    ['goes on without a total', at(20), 20, null, 40],
    ['goes on while a total is larger', at(20), 20, 41, 40],
  ])('by offset: %s', (_, position, rows, total, expected) => {
    const next = nextPage(offset, position, { rows, total, cursor: null });
    expect(next).toEqual({ kind: 'more', position: at(expected) });
  });

  it.each([
    ['the total is reached', at(20), 20, 40],
    ['the total has shrunk below the position', at(60), 5, 40],
    ['an empty page comes, whatever the total says', at(40), 0, 100],
    ['an empty page comes without a total', at(40), 0, null],
    ['there is nothing at all', null, 0, 0],
  ])('by offset: ends when %s', (_, position, rows, total) => {
    expect(nextPage(offset, position, { rows, total, cursor: null })).toEqual({ kind: 'end' });
  });

  it('by cursor: goes where the cursor says, also after an empty page', () => {
    const next = nextPage(cursor, null, { rows: 0, total: null, cursor: 'b' });
    expect(next).toEqual({ kind: 'more', position: after('b') });
  });

  it('by cursor: ends without one', () => {
    expect(nextPage(cursor, after('b'), { rows: 20, total: null, cursor: null })).toEqual({ kind: 'end' });
  });

  it('by cursor: sees that it goes in a circle', () => {
    expect(nextPage(cursor, after('b'), { rows: 20, total: null, cursor: 'b' })).toEqual({ kind: 'looping' });
  });

  it('without paging: ends', () => {
    expect(nextPage({ kind: 'none' }, null, { rows: 5, total: null, cursor: null })).toEqual({ kind: 'end' });
  });

  it('walks every row exactly once, however the server caps its pages', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (total, caps) => {
        const seen: number[] = [];
        let position: Position | null = null;
        for (let page = 0; page <= total + 1; page += 1) {
          const from: number = position === null ? 0 : (position as { offset: number }).offset;
          const rows = Math.min(caps[page % caps.length] ?? 1, total - from);
          seen.push(...Array.from({ length: rows }, (_, index) => from + index));
          const next = nextPage(offset, position, { rows, total, cursor: null });
          if (next.kind !== 'more') break;
          position = next.position;
        }
        expect(seen).toEqual(Array.from({ length: total }, (_, index) => index));
      }),
    );
  });
});
