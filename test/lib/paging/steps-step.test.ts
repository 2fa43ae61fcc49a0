import { describe, expect, it } from 'vitest';

import { digestOfPage } from '../../../lib/paging/digest.ts';
import type { OffsetContext, OffsetPage, OffsetStep } from '../../../lib/paging/offset-step.ts';
import type { StepsPosition } from '../../../lib/paging/position.ts';
import {
  hasWalkedAll,
  refusedInSteps,
  stepsBehind,
  stepsStep,
  tried,
} from '../../../lib/paging/steps-walk.ts';

/** Pages of six rows, of which twenty may be asked for. */
const first = ['a', 'b', 'c', 'd', 'e', 'f'];
const second = ['g', 'h', 'i', 'j', 'k', 'l'];
const others = ['m', 'n', 'o', 'p', 'q', 'r'];

const context: OffsetContext = {
  ...{ pageSize: 6, asked: 6, totals: 'confirmed', setbacks: 0, offsets: null },
  seen: new Set(first),
};
const page = (digests: readonly string[], total: number | null = null): OffsetPage => ({ digests, total });

const trying: StepsPosition = {
  ...{ kind: 'steps', offset: 6, step: 6, stage: 'trying', walked: 6 },
  ...{ page: digestOfPage(first), rows: 6, fullest: 6 },
};
/** By pages, and the first one has been requested. */
const tryingPages: StepsPosition = { ...trying, offset: 1, step: 1 };
const proving: StepsPosition = { ...trying, offset: 5, stage: 'proving' };
/** Behind the second page. */
const walking: StepsPosition = {
  ...{ kind: 'steps', offset: 12, step: 6, stage: 'walking', walked: 12 },
  ...{ page: digestOfPage(second), rows: 6, fullest: 6 },
};

const trial = (position: StepsPosition): OffsetStep => ({
  kind: 'step back',
  position,
  reason:
    'the answer does not begin at the requested offset: the vendor may not take any offset, or size of a page',
  isTrial: true,
});
const atAnyOffset: OffsetStep = {
  kind: 'step back',
  position: null,
  reason: 'rows have gone from before the page',
};
const end: OffsetStep = { kind: 'end', claimed: null };
const more = (position: StepsPosition): OffsetStep => ({ kind: 'more', position });

describe('the position behind the first page', () => {
  const before = { kind: 'offset', offset: 6, page: digestOfPage(first), rows: 6 } as const;
  const behind: StepsPosition = { ...trying, stage: 'walking' };

  it.each([
    ['a page later', before, 6, behind],
    ['of a vendor that counts pages', before, 1, { ...behind, offset: 1, step: 1 }],
    ['with the total that came with it', { ...before, total: 90 }, 6, { ...behind, total: 90 }],
    ['with a total that is put to the test', { ...before, reached: true }, 6, { ...behind, total: 6 }],
    ['with the one that came later', { ...before, reached: true, total: 90 }, 6, { ...behind, total: 90 }],
    [
      'of a page without rows',
      { kind: 'offset', offset: 0 },
      6,
      { ...behind, walked: 0, page: '', rows: 0, fullest: 0 },
    ],
  ] as const)('is %s', (_, position, step, expected) => {
    expect(stepsBehind(position, step)).toEqual(expected);
    expect(tried(position, step)).toEqual(trial({ ...expected, stage: 'trying' }));
  });
});

describe('the second page as such a vendor would need it', () => {
  it.each([
    ['goes on to the proof, and then to the third page', trying, { next: 12, walked: 12, offset: 5 }],
    ['does so by pages', tryingPages, { next: 2, walked: 12, offset: 0 }],
  ])('with new rows %s', (_, position, part) => {
    expect(stepsStep(position, page(second), context)).toEqual(
      more({ ...position, stage: 'proving', ...part }),
    );
  });

  it('goes on by fewer rows where fewer are asked for', () => {
    const step = stepsStep(trying, page(second), { ...context, asked: 4 });
    expect(step).toMatchObject({ position: { next: 10 } });
  });

  it.each([
    ['is looked up', second, null, { kind: 'look up' }],
    [
      'means an ordinary vendor where one of its rows has been seen',
      ['g', 'f', 'h'],
      new Set(first),
      atAnyOffset,
    ],
    ['means one where all of them have been seen', ['b', 'a'], new Set(first), atAnyOffset],
  ])('%s', (_, digests, seen, expected) => {
    expect(stepsStep(trying, page(digests), { ...context, seen })).toEqual(expected);
  });

  it('shows nothing behind a first page of a few rows', () => {
    const few = { ...trying, page: digestOfPage(['x']), rows: 5 };
    expect(stepsStep(few, page(second), context)).toEqual(atAnyOffset);
  });

  it.each([
    ['is the end, once that is proved', null, trial(proving)],
    ['is the end, where as many have come as are counted', 6, trial(proving)],
    [
      'is none, where more are counted',
      7,
      {
        kind: 'contradictory',
        reason:
          'no rows behind the first 6, where the vendor counts 7 in all: it may not take such an offset',
      },
    ],
  ])('without rows %s', (_, total, expected) => {
    expect(stepsStep(trying, page([], total), context)).toEqual(expected);
  });

  it.each([
    ['0 may be its first page, too', tryingPages, 6, trial({ ...tryingPages, offset: 2 })],
    ['it knows no pages either', { ...tryingPages, offset: 2 }, 20, { kind: 'looping' }],
    ['multiples may be of what is asked for', trying, 20, trial({ ...trying, offset: 20, step: 20 })],
    ['that has been tried', { ...trying, offset: 20, step: 20 }, 20, { kind: 'looping' }],
    ['as much is asked for as came', trying, 6, { kind: 'looping' }],
    ['as many rows have come as it counts', { ...trying, total: 6 }, 6, end],
    ['it counts more', { ...trying, total: 7 }, 6, { kind: 'looping' }],
  ])('that is the first one once more: %s', (_, position, asked, expected) => {
    expect(stepsStep(position, page(first), { ...context, asked })).toEqual(expected);
  });

  it('that is the first one once more shows nothing where rows have moved', () => {
    expect(stepsStep(trying, page(first), { ...context, setbacks: 1 })).toEqual(atAnyOffset);
  });
});

describe('the proof', () => {
  const goesOn = trial({ ...proving, offset: 12, stage: 'walking', page: '' });

  it.each([
    ['is the first page again: it goes on behind the second', { ...proving, next: 12 }, first, goesOn],
    ['is the first page again, and nothing lies behind it', proving, first, end],
    ['is none with other rows', { ...proving, next: 12 }, second, atAnyOffset],
  ])('%s', (_, position, digests, expected) => {
    expect(stepsStep(position, page(digests), context)).toEqual(expected);
  });
});

describe('a page behind the second', () => {
  const after: StepsPosition = { ...walking, offset: 18, walked: 18, page: digestOfPage(others) };

  it.each([
    ['leads to the next one', walking, page(others), after],
    ['by pages', { ...walking, offset: 2, step: 1 }, page(others), { ...after, offset: 3, step: 1 }],
    [
      'that is short does so, too',
      walking,
      page(['m']),
      { ...after, walked: 13, page: digestOfPage(['m']), rows: 1 },
    ],
    ['with its total', walking, page(others, 90), { ...after, total: 90 }],
    ['without the total that an earlier one had', { ...walking, total: 90 }, page(others), after],
    [
      'with more rows in all than before',
      { ...walking, total: 90 },
      page(others, 91),
      { ...after, total: 91 },
    ],
    [
      'that came before is remembered',
      walking,
      page(second),
      { ...after, page: digestOfPage(second), again: true as const },
    ],
    ['that is another one again is not', { ...walking, again: true as const }, page(others), after],
    [
      'with a total of less than has been walked, which counts something else',
      { ...walking, total: 90 },
      page(others, 11),
      { ...after, total: 11 },
    ],
    [
      'before which nothing has been walked, without a total',
      { ...walking, walked: 0, total: 90 },
      page(others),
      { ...after, walked: 6 },
    ],
  ])('%s', (_, position, given, expected) => {
    expect(stepsStep(position, given, context)).toEqual(more(expected));
  });

  it('goes on by fewer rows where fewer are asked for', () => {
    expect(stepsStep(walking, page(others), { ...context, asked: 4 })).toEqual(
      more({ ...after, offset: 16 }),
    );
  });

  it('with a smaller total goes on where totals are known to be too low', () => {
    const step = stepsStep({ ...walking, total: 90 }, page(others, 80), { ...context, totals: 'too low' });
    expect(step).toEqual(more({ ...after, total: 80 }));
  });

  it.each([
    ['one page for one row', 50, 49, { offset: 42, walked: 42 }],
    ['one page for six', 55, 49, { offset: 42, walked: 42 }],
    ['two pages for seven', 56, 49, { offset: 36, walked: 36 }],
    ['a page, where as many are left as have been walked', 49, 48, { offset: 42, walked: 42 }],
    ['to the beginning at most', 900, 49, { offset: 0, walked: 0 }],
  ])('with a smaller total steps back: %s', (_, before, total, part) => {
    const far = { ...walking, offset: 48, walked: 48, total: before };
    expect(stepsStep(far, page(others, total), context)).toEqual({
      kind: 'step back',
      position: { ...far, ...part, page: '', total },
      reason: 'rows have gone from before the page',
    });
  });

  it('that comes a third time is a circle, but for where rows have moved', () => {
    const again: StepsPosition = { ...walking, again: true, total: 90 };
    expect(stepsStep(again, page(second), context)).toEqual({ kind: 'looping' });
    expect(stepsStep(again, page(second), { ...context, setbacks: 1 })).toEqual({
      kind: 'step back',
      position: { ...again, offset: 6, walked: 6, page: '' },
      reason: 'rows have gone from before the page',
    });
  });

  it.each([
    [null, end],
    [12, end],
    [
      13,
      {
        kind: 'contradictory',
        reason:
          'no rows behind the first 12, where the vendor counts 13 in all: it may not take such an offset',
      },
    ],
  ])('without rows is the end, unless more are counted: %s', (total, expected) => {
    expect(stepsStep(walking, page([], total), context)).toEqual(expected);
  });
});

describe('as many rows as the vendor counts', () => {
  it.each([
    [undefined, false],
    [11, true],
    [12, true],
    [13, false],
  ])('have come or not: twelve of %s', (total, all) => {
    expect(hasWalkedAll({ ...walking, ...(total !== undefined && { total }) })).toBe(all);
  });
});

describe('a refusal of such an offset', () => {
  const cutShort = { kind: 'cut short' };
  const nothingHere = { kind: 'nothing here' };
  const next = 12;

  it.each([
    [
      'proves that it takes multiples alone',
      { ...proving, next },
      'no deeper',
      6,
      trial({ ...proving, offset: next, stage: 'walking', page: '' }),
    ],
    ['proves it, and nothing lies behind', proving, 'no deeper', 6, { kind: 'end' }],
    ['proves nothing where nothing is there', { ...proving, next }, 'nothing here', 6, atAnyOffset],
    [
      'leads to multiples of what is asked for',
      trying,
      'nothing here',
      20,
      trial({ ...trying, offset: 20, step: 20 }),
    ],
    [
      'leads there also where it goes no deeper',
      trying,
      'no deeper',
      20,
      trial({ ...trying, offset: 20, step: 20 }),
    ],
    ['leads nowhere where that has been asked for', trying, 'no deeper', 6, cutShort],
    [
      'by pages leads to the proof',
      tryingPages,
      'nothing here',
      20,
      trial({ ...tryingPages, offset: 0, stage: 'proving' }),
    ],
    ['by pages cuts the list short', tryingPages, 'no deeper', 20, cutShort],
    [
      'of multiples behind a short page is the end',
      { ...trying, offset: 20, step: 20 },
      'nothing here',
      20,
      nothingHere,
    ],
    ['behind a full page cuts it short', walking, 'nothing here', 20, cutShort],
    ['behind a short page is the end', { ...walking, rows: 5 }, 'nothing here', 6, nothingHere],
    [
      'behind a page that was short once is the end',
      { ...walking, fullest: 7 },
      'nothing here',
      6,
      nothingHere,
    ],
    [
      'behind a short page cuts it short where it goes no deeper',
      { ...walking, rows: 5 },
      'no deeper',
      6,
      cutShort,
    ],
    ['behind all that it counts is the end', { ...walking, total: 12 }, 'nothing here', 6, { kind: 'end' }],
    ['behind all is none where it goes no deeper', { ...walking, total: 12 }, 'no deeper', 6, cutShort],
    [
      'behind a short page of a vendor that counts pages is the end',
      { ...walking, offset: 2, step: 1, rows: 5 },
      'nothing here',
      6,
      nothingHere,
    ],
    [
      'behind a full page of one cuts it short',
      { ...walking, offset: 2, step: 1 },
      'nothing here',
      6,
      cutShort,
    ],
  ] as const)('%s', (_, position, refused, asked, expected) => {
    expect(refusedInSteps(position, refused, asked)).toEqual(expected);
  });
});
