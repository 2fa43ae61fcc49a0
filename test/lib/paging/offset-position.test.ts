import { describe, expect, it } from 'vitest';

import { digestOfPage } from '../../../lib/paging/digest.ts';
import { askedLimit, askedOffset } from '../../../lib/paging/offset-walk.ts';
import type { OffsetPosition } from '../../../lib/paging/position.ts';
import { offsetStep } from '../../support/offset-steps.ts';

const beginning: OffsetPosition = { kind: 'offset', offset: 0 };
const blind: OffsetPosition = { kind: 'offset', offset: 40, anchor: 'b', blind: true };

describe('where pages do not overlap', () => {
  it.each([
    ['at the beginning', null],
    ['at an offset of 0', beginning],
    ['behind a row that came alone', blind],
  ])('a page of one row is asked for as it is: %s', (_, position) => {
    expect(askedLimit(position, 1, 128)).toBe(1);
  });

  it('is no row before the first one', () => {
    expect(askedOffset(beginning)).toBe(0);
  });
});

describe('an overlap', () => {
  it("adds no row beyond the vendor's maximum", () => {
    expect(askedLimit({ kind: 'offset', offset: 40 }, 1, 1)).toBe(1);
  });
});

describe('what a walk by offset stores', () => {
  it('is the offset, its last row, and what the page was, without a total that was not given', () => {
    expect(offsetStep(null, { digests: ['a', 'b'], total: null }, 20, null)).toEqual({
      kind: 'more',
      position: {
        kind: 'offset',
        offset: 2,
        anchor: 'b',
        second: true,
        page: digestOfPage(['a', 'b']),
        rows: 2,
        fullest: 2,
      },
    });
  });

  it('is the same with the total where there is one', () => {
    expect(offsetStep(null, { digests: ['a', 'b'], total: 9 }, 20, null)).toEqual({
      kind: 'more',
      position: {
        kind: 'offset',
        offset: 2,
        anchor: 'b',
        second: true,
        page: digestOfPage(['a', 'b']),
        rows: 2,
        fullest: 2,
        total: 9,
      },
    });
  });

  it('says so where the overlap came alone', () => {
    const position: OffsetPosition = { kind: 'offset', offset: 2, anchor: 'b' };
    expect(offsetStep(position, { digests: ['b'], total: null }, 20, null)).toEqual({
      kind: 'more',
      position: {
        kind: 'offset',
        offset: 2,
        anchor: 'b',
        page: digestOfPage(['b']),
        rows: 1,
        fullest: 1,
        blind: true,
      },
    });
  });
});

describe('an offset of 0', () => {
  it('is the beginning: there is no overlap to know again', () => {
    expect(offsetStep(beginning, { digests: [], total: null }, 20, null)).toEqual({
      kind: 'end',
      claimed: null,
    });
    expect(offsetStep(beginning, { digests: ['a', 'b'], total: 9 }, 20, null).kind).toBe('more');
  });
});

describe('an empty page', () => {
  it('is not believed where the vendor counts more, and the reason says so', () => {
    expect(offsetStep(null, { digests: [], total: 500 }, 20, null)).toEqual({
      kind: 'contradictory',
      reason: 'no rows, where the vendor counts 500 in all',
    });
  });
});

describe('behind a row that came alone', () => {
  it.each([
    ['fewer rows than before', 50, 49, 'step back'],
    ['as many rows as before', 50, 50, 'more'],
    ['more rows than before', 50, 51, 'more'],
    ['no total any more', 50, null, 'more'],
    ['a total for the first time', undefined, 50, 'more'],
    ['no total at all', undefined, null, 'more'],
  ])('with %s (%s, then %s) it is: %s', (_, before, now, kind) => {
    const position = { ...blind, ...(before !== undefined && { total: before }) };
    expect(offsetStep(position, { digests: ['c'], total: now }, 20, null).kind).toBe(kind);
  });
});
