import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { allowanceLastsMs, allowanceOf, doubtOf, judgeDeletions } from '../../../lib/sync/deletions.ts';
import { progressOf } from '../../support/progress.ts';

describe('what stands against deleting anything', () => {
  const sound = progressOf({ requestFingerprint: 'basis' });

  it('is nothing after a whole run that was asked with what the one before was', () => {
    expect(doubtOf(sound, 'basis')).toBeNull();
  });

  it.each([
    ['nothing is known of the run', null, 'basis', 'the vendor left something out'],
    ['something was left out', { ...sound, partial: true }, 'basis', 'the vendor left something out'],
    [
      'it went back',
      { ...sound, setbacks: 1 },
      'basis',
      'the walk had to step back or begin anew on its way',
    ],
    [
      'no run has been complete before',
      sound,
      null,
      'it is the first complete run with this key and definition',
    ],
    [
      'the one before was asked with something else',
      sound,
      'other',
      'it is the first complete run with this key and definition',
    ],
    [
      'its own pages were',
      { ...sound, requestFingerprint: 'mixed' },
      'basis',
      'it is the first complete run with this key and definition',
    ],
  ])('is that %s', (_, progress, trusted, doubt) => {
    expect(doubtOf(progress, trusted)).toBe(doubt);
  });
});

describe('what a person has allowed', () => {
  it.each([
    [null, null, null],
    [150, null, 150],
    [150, 1001, 150],
    [150, 1000, 150],
    [150, 999, null],
  ])('%s until %s holds at 1000: %s', (allowed, allowedUntil, holds) => {
    expect(allowanceOf({ allowed, allowedUntil }, 1000)).toBe(holds);
  });

  it('holds for a week', () => {
    expect(allowanceLastsMs).toBe(7 * 24 * 3600 * 1000);
  });
});

describe('what is thought of rows that have gone', () => {
  const guard = { rows: 10, percent: 10, mayBeEmpty: false };

  it('is nothing bad where a list may well be empty, as long as it is all of it', () => {
    const mayBeEmpty = { ...guard, mayBeEmpty: true };
    expect(judgeDeletions({ live: 10, gone: 10 }, 0, null, mayBeEmpty).kind).toBe('delete');
    // Many at once are as doubtful there as anywhere.
    expect(judgeDeletions({ live: 200, gone: 200 }, 0, null, mayBeEmpty).kind).toBe('hold');
    expect(judgeDeletions({ live: 200, gone: 199 }, 1, null, mayBeEmpty).kind).toBe('hold');
  });

  it.each([
    [0, 0, 0, null, 'nothing to delete'],
    [200, 0, 200, null, 'nothing to delete'],
    [0, 0, 0, 5, 'nothing to delete'],
    [200, 3, 197, null, 'delete'],
    // Both of the guard's bounds must be passed.
    [10, 10, 1, null, 'delete'],
    [11, 11, 1, null, 'hold'],
    [110, 11, 99, null, 'delete'],
    [109, 11, 98, null, 'hold'],
    [1000, 100, 900, null, 'delete'],
    [1000, 101, 899, null, 'hold'],
    // A person's word covers so many and no more.
    [197, 150, 47, 150, 'delete'],
    [197, 150, 47, 149, 'hold'],
    [197, 150, 47, 151, 'delete'],
    [200, 3, 197, 0, 'delete'],
    // However few: no rows at all are no enumeration.
    [1, 1, 0, null, 'hold'],
    [3, 3, 0, 2, 'hold'],
    [3, 3, 0, 3, 'delete'],
  ])('of %i live ones %i, %i seen, %s allowed: %s', (live, gone, seen, allowed, kind) => {
    expect(judgeDeletions({ live, gone }, seen, allowed, guard).kind).toBe(kind);
  });

  it('says how many of how many', () => {
    expect(judgeDeletions({ live: 197, gone: 150 }, 47, null, guard)).toEqual({
      kind: 'hold',
      reason: 'the vendor does not give 150 of 197 records any more',
    });
    expect(judgeDeletions({ live: 3, gone: 3 }, 0, null, guard)).toEqual({
      kind: 'hold',
      reason: 'the vendor gives no rows at all, and 3 are stored',
    });
  });

  it('never lets more through than the guard or a person does', () => {
    const counted = fc.nat(1000).chain((live) => fc.record({ live: fc.constant(live), gone: fc.nat(live) }));
    const bounds = fc.record({ rows: fc.nat(50), percent: fc.nat(100), mayBeEmpty: fc.boolean() });
    fc.assert(
      fc.property(
        counted,
        fc.nat(1000),
        fc.option(fc.nat(1000)),
        bounds,
        ({ live, gone }, seen, allowed, guard) => {
          if (judgeDeletions({ live, gone }, seen, allowed, guard).kind !== 'delete') return;
          const small = gone <= guard.rows || gone / live <= guard.percent / 100;
          const may = small && (seen > 0 || guard.mayBeEmpty);
          expect(gone <= (allowed ?? -1) || may).toBe(true);
        },
      ),
    );
  });
});
