import { describe, expect, it } from 'vitest';

import {
  beginningOf,
  walkOf,
  withWalk,
  type PartPosition,
  type Position,
  type WalkPosition,
} from '../../../lib/paging/position.ts';

const walk: WalkPosition = { kind: 'offset', offset: 40 };
const part: PartPosition = { kind: 'part', part: { kind: 'batch', index: 1, of: 3 }, walk, from: 7 };
const sweep: Position = { kind: 'sweep', step: 'count', after: null, live: 0, gone: 0, end: null };

describe('the place in the list that is walked', () => {
  it.each([
    ['the beginning', null, null],
    ['a list that is not divided', walk, walk],
    ['a part', part, walk],
    ['the beginning of a part', { ...part, walk: null }, null],
    ['a sweep, which walks none', sweep, null],
  ])('of %s', (_, position, expected) => {
    expect(walkOf(position)).toEqual(expected);
  });
});

describe('another place in the same list', () => {
  const next: WalkPosition = { kind: 'cursor', cursor: 'next' };

  it.each([
    ['the beginning', null, next],
    ['a list that is not divided', walk, next],
    ['a part', part, { ...part, walk: next }],
  ])('of %s', (_, position, expected) => {
    expect(withWalk(position, next)).toEqual(expected);
  });
});

describe('where the list begins that is walked', () => {
  it.each([
    ['the beginning', null, null],
    ['a list that is not divided', walk, null],
    ['a part', part, { ...part, walk: null }],
  ])('at %s', (_, position, expected) => {
    expect(beginningOf(position)).toEqual(expected);
  });
});
