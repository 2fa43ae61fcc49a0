import { describe, expect, it } from 'vitest';

import { digestOfPage } from '../../../lib/paging/digest.ts';
import {
  askedLimit,
  askedOffset,
  askedRows,
  offsetStep as stepIn,
  refusedStep,
} from '../../../lib/paging/offset-walk.ts';
import type { OffsetContext } from '../../../lib/paging/offset-step.ts';
import type { OffsetPosition, StepsPosition } from '../../../lib/paging/position.ts';
import { offsetStep } from '../../support/offset-steps.ts';

const beginning: OffsetPosition = { kind: 'offset', offset: 0 };
const blind: OffsetPosition = { kind: 'offset', offset: 40, anchor: 'b', blind: true };

const context: OffsetContext = {
  ...{ pageSize: 20, asked: 20, totals: 'confirmed', setbacks: 0, offsets: null },
  seen: null,
};
const inSteps: StepsPosition = {
  ...{ kind: 'steps', offset: 40, step: 20, stage: 'walking', walked: 40 },
  ...{ page: '', rows: 20, fullest: 20 },
};

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

describe('what is requested', () => {
  it.each([
    ['from the beginning', null, { offset: 0, limit: 20 }],
    ['with an overlap', { kind: 'offset', offset: 40 }, { offset: 39, limit: 20 }],
    ['without one, by multiples', inSteps, { offset: 40, limit: 20 }],
    ['from where a cursor leads', { kind: 'cursor', cursor: 'c' }, { offset: 0, limit: 20 }],
  ] as const)('is a page %s', (_, walk, expected) => {
    expect(askedRows(walk, 20, 128)).toEqual(expected);
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

describe('the first page', () => {
  const six = ['a', 'b', 'c', 'd', 'e', 'f'];
  const behind = {
    ...{ kind: 'offset', anchor: 'f', page: digestOfPage(six) },
    ...{ offset: 6, rows: 6, fullest: 6 },
  };
  const stepOf = (digests: readonly string[], part: Partial<OffsetContext>, total: number | null = null) =>
    stepIn(null, { digests, total }, { ...context, ...part });

  it.each([
    ['of six rows', six, {}],
    ['of six rows, where rows have moved thrice', six, { setbacks: 3 }],
    ['of fewer than were asked for', ['a', 'b'], {}],
  ])('%s leads to one that shows what the vendor means by an offset', (_, digests, part) => {
    expect(stepOf(digests, part)).toHaveProperty('position.second', true);
  });

  it.each([
    ['of six rows, where rows have moved more often', six, { setbacks: 4 }],
    ['of six rows, where it is known', six, { offsets: 'any' }],
    ['of few rows, as many as were asked for', ['a', 'b'], { asked: 2 }],
    ['of fewer than were asked for, where rows have moved', ['a', 'b'], { setbacks: 1 }],
  ] as const)('%s leads to one like any other', (_, digests, part) => {
    expect(stepOf(digests, part)).not.toHaveProperty('position.second');
  });

  it.each([
    ['any', null, behind],
    [
      'multiples',
      null,
      { ...inSteps, offset: 6, step: 6, walked: 6, page: behind.page, rows: 6, fullest: 6 },
    ],
    ['pages', null, { ...inSteps, offset: 1, step: 1, walked: 6, page: behind.page, rows: 6, fullest: 6 }],
    // A total that is put to the test: it may count this page alone.
    ['any', 6, { ...behind, total: 6, confirming: true, reached: true }],
    [
      'multiples',
      6,
      { ...inSteps, offset: 6, step: 6, walked: 6, page: behind.page, rows: 6, fullest: 6, total: 6 },
    ],
  ] as const)(
    'leads to the second as the vendor takes an offset: %s, %s in all',
    (offsets, total, position) => {
      expect(stepOf(six, { offsets, totals: null }, total)).toEqual({ kind: 'more', position });
    },
  );

  it('alone is judged so: a later one goes on as it has begun', () => {
    for (const offsets of [null, 'multiples', 'pages'] as const) {
      const step = stepIn(
        { kind: 'offset', offset: 2, anchor: 'a' },
        { digests: six, total: null },
        {
          ...context,
          offsets,
        },
      );
      expect(step).toEqual({ kind: 'more', position: { ...behind, offset: 7 } });
    }
  });

  it('that a position names is the first one, too: its total may count itself alone', () => {
    const page = { digests: ['a', 'b'], total: 2 };
    const confirming = { kind: 'more', position: { confirming: true, reached: true } };
    expect(stepIn(beginning, page, { ...context, totals: null })).toMatchObject(confirming);
    expect(stepIn(beginning, page, context).kind).toBe('end');
  });
});

describe('the end that a total names', () => {
  it('is kept, to be confirmed', () => {
    const page = { digests: ['b', 'c'], total: 3 };
    expect(stepIn({ kind: 'offset', offset: 2, anchor: 'b' }, page, context)).toEqual({
      kind: 'end',
      claimed: {
        ...{ kind: 'offset', offset: 3, anchor: 'c', page: digestOfPage(['b', 'c']), rows: 2, fullest: 2 },
        ...{ total: 3, confirming: true, reached: true },
      },
    });
  });

  const last = digestOfPage(['y', 'z']);
  const claimed: OffsetPosition = {
    ...{ kind: 'offset', offset: 40, anchor: 'z', confirming: true },
    ...{ page: last, rows: 2, fullest: 20 },
  };
  const again: OffsetPosition = { ...claimed, blind: true, again: true };
  const single: OffsetPosition = { ...claimed, page: digestOfPage(['z']), rows: 1 };

  it.each([
    [
      'the last page again: once more, behind it',
      claimed,
      ['y', 'z'],
      null,
      { kind: 'more', position: again },
    ],
    ['the last page a third time', again, ['y', 'z'], null, { kind: 'end', claimed: null }],
    ['the last page again, though there are more', claimed, ['y', 'z'], 90, { kind: 'look up' }],
    [
      'the second page of the list again',
      { ...claimed, second: true },
      ['y', 'z'],
      null,
      { kind: 'look up' },
    ],
    [
      'a row that came alone before: the one behind it decides',
      single,
      ['z'],
      null,
      {
        kind: 'more',
        position: {
          ...{ kind: 'offset', offset: 40, anchor: 'z', page: digestOfPage(['z']), rows: 1, fullest: 20 },
          blind: true,
        },
      },
    ],
  ] as const)('is confirmed or not by %s', (_, position, digests, total, expected) => {
    expect(stepIn(position, { digests, total }, context)).toEqual(expected);
  });
});

describe('an overlap that comes alone', () => {
  it.each([
    ['a total that is put to the test', { reached: true }],
    ['the second page', { second: true }],
    ['a page that came again', { again: true }],
    ['nothing else', {}],
  ] as const)('keeps what the request was for: %s', (_, part) => {
    const position: OffsetPosition = { kind: 'offset', offset: 2, anchor: 'b', ...part };
    expect(stepIn(position, { digests: ['b'], total: null }, context)).toEqual({
      kind: 'more',
      position: {
        ...{ kind: 'offset', offset: 2, anchor: 'b', page: digestOfPage(['b']), rows: 1, fullest: 1 },
        ...{ blind: true, ...part },
      },
    });
  });
});

describe('an offset that is refused', () => {
  const asked: OffsetPosition = { kind: 'offset', offset: 40, rows: 20, fullest: 20 };
  const secondPage: OffsetPosition = { kind: 'offset', offset: 6, rows: 6, second: true };
  const trying = (step: number) => ({
    kind: 'step back',
    position: {
      ...{ kind: 'steps', offset: step, step, stage: 'trying' },
      ...{ walked: 6, page: '', rows: 6, fullest: 6 },
    },
    reason:
      'the answer does not begin at the requested offset: the vendor may not take any offset, or size of a page',
    isTrial: true,
  });
  const back = { kind: 'step back', reason: 'rows have gone from before the page' };
  const stepped = { ...back, position: { kind: 'offset', offset: 20, stepBack: 40 } };
  const short: OffsetPosition = { ...asked, rows: 10 };

  it.each([
    ['that goes no deeper, on the second page', secondPage, 'no deeper', 0, trying(6)],
    ['with nothing there, on the second page', secondPage, 'nothing here', 0, trying(1)],
    ['that goes no deeper, behind its overlap', { ...secondPage, blind: true }, 'no deeper', 0, trying(20)],
    [
      'with nothing there, behind its overlap',
      { ...secondPage, blind: true },
      'nothing here',
      0,
      { kind: 'nothing here' },
    ],
    ['that goes no deeper', short, 'no deeper', 0, { kind: 'cut short' }],
    [
      'behind all rows that it counts',
      { ...asked, reached: true, blind: true },
      'nothing here',
      0,
      { kind: 'end' },
    ],
    ['behind all rows', { ...asked, blind: true }, 'nothing here', 0, { kind: 'nothing here' }],
    [
      'in a list that has as many as it counts',
      { ...asked, reached: true },
      'nothing here',
      0,
      { kind: 'cut short' },
    ],
    ['behind a full page', asked, 'nothing here', 0, { kind: 'cut short' }],
    [
      'behind a page of which no other is known',
      { kind: 'offset', offset: 40, rows: 20 },
      'nothing here',
      0,
      { kind: 'cut short' },
    ],
    [
      'behind a short page',
      short,
      'nothing here',
      0,
      { ...stepped, position: { ...stepped.position, fullest: 20 } },
    ],
    [
      'behind a short page, where rows have moved thrice',
      short,
      'nothing here',
      3,
      { ...stepped, position: { ...stepped.position, fullest: 20 } },
    ],
    [
      'behind a short page, where rows have moved more often',
      short,
      'nothing here',
      4,
      { kind: 'cut short' },
    ],
    [
      'where it has stepped back before',
      { kind: 'offset', offset: 60, stepBack: 40 },
      'nothing here',
      0,
      { ...stepped, position: { ...stepped.position, stepBack: 80 } },
    ],
  ] as const)('%s', (_, position, refused, setbacks, expected) => {
    expect(refusedStep(position, refused, { pageSize: 20, setbacks })).toEqual(expected);
  });
});

describe('an empty page', () => {
  it('is not believed either where no overlap was asked for', () => {
    expect(offsetStep(blind, { digests: [], total: 50 }, 20, null)).toEqual({
      kind: 'contradictory',
      reason: 'no rows, where the vendor counts 50 in all',
    });
  });

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
