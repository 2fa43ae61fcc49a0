import { describe, expect, it } from 'vitest';

import type { Checkpoint, Coverage, RunProgress } from '../../../../lib/sync/checkpoint.ts';
import { definitionHash } from '../../../../lib/sync/definition-hash.ts';
import { learnCoverage, withCoverage, withoutWithheld } from '../../../../lib/sync/transitions/coverage.ts';
import { inMidRun, progress } from '../../../support/claimed-checkpoint.ts';
import { madeUp } from '../../../support/made-up-vendor.ts';
import { streamNamed } from '../../../support/streams.ts';

const fields = ['work.title', 'work.site', 'pay.salary', 'pay.bonus'];
const stream = streamNamed('made-up/people', { connector: madeUp, settings: { fields } });
const withoutFields = streamNamed('made-up/people', { connector: madeUp, settings: { fields: null } });
const whole = (absent: readonly string[]) => ({ page: 'whole', absent }) as const;

/** The last run had all of both categories but a field each. */
const coverage: Coverage = {
  ...{ absent: ['work.site'], first: whole(['work.title', 'pay.bonus']) },
  ...{ definition: definitionHash(stream), withheld: ['pay.salary'] },
};
const work = ['work.title', 'work.site'];

/** A run that is over, and has left its first rows unwritten. */
function unwritten(part: Partial<RunProgress>, beside: Partial<Checkpoint> = {}): Checkpoint {
  return {
    ...{ ...inMidRun, run: null, outcome: 'partial', coverage },
    progress: { ...progress, unwritten: true, absent: work, firstPage: whole(work), ...part },
    ...beside,
  };
}

describe('what a whole run has shown of its fields', () => {
  const shown = { ...inMidRun, progress: { ...progress, absent: work, firstPage: whole(fields) } };

  it.each([
    ['with its first page', shown, whole(fields)],
    ['without, where none had rows', { ...shown, progress: { ...shown.progress, firstPage: null } }, null],
  ])('is kept %s', (_, checkpoint, first) => {
    expect(withCoverage(checkpoint, stream)).toEqual({
      ...checkpoint,
      coverage: { absent: work, first, definition: definitionHash(stream), withheld: [] },
    });
  });

  it.each([
    ['no row came', inMidRun, stream],
    ['nothing has run', { ...shown, progress: null }, stream],
    ['no fields are chosen', shown, withoutFields],
  ])('is nothing where %s', (_, checkpoint, its) => {
    expect(withCoverage(checkpoint, its)).toBe(checkpoint);
  });
});

describe('a run that has left rows unwritten', () => {
  const laterRows = 'the first rows were not written: the next run writes them';

  it('keeps for the next what it knew of a category that never came, and learns the rest', () => {
    const checkpoint = unwritten({ absent: [...work, 'pay.salary'], firstPage: whole(fields) });
    expect(learnCoverage(checkpoint, stream)).toEqual({
      ...checkpoint,
      coverage: {
        absent: ['work.site', 'pay.salary'],
        first: whole(['work.title', 'pay.salary', 'pay.bonus']),
        definition: definitionHash(stream),
        withheld: work,
      },
      reason:
        'the vendor gives nothing of work any more, so nothing is written: it may not be shown to this key',
    });
  });

  it.each([
    [
      'a category came late',
      ['work.site'],
      work,
      'the first rows had nothing of work, which came later: the next run writes them',
    ],
    [
      'both came late',
      [],
      fields,
      'the first rows had nothing of work, pay, which came later: the next run writes them',
    ],
    ['a person has said meanwhile that they are gone', ['work.site'], ['pay.bonus'], laterRows],
  ])('writes them with the next, where %s', (_, absent, first, reason) => {
    const checkpoint = unwritten({ absent, firstPage: whole(first) });
    expect(learnCoverage(checkpoint, stream)).toEqual({
      ...checkpoint,
      coverage: { absent, first: whole(first), definition: definitionHash(stream), withheld: [] },
      reason,
    });
  });

  it.each([
    ['no fields are chosen any more', unwritten({}), withoutFields],
    ['no row came', unwritten({ absent: null }), stream],
    ['no page had rows', unwritten({ firstPage: null }), stream],
    ['no run before is known', unwritten({}, { coverage: null }), stream],
    ['the run before began otherwise', unwritten({ firstPage: { page: 'part', absent: work } }), stream],
    [
      'the run before requested something else',
      unwritten({}, { coverage: { ...coverage, definition: 'former' } }),
      stream,
    ],
  ])('learns nothing where %s', (_, checkpoint, its) => {
    expect(learnCoverage(checkpoint, its)).toEqual({ ...checkpoint, reason: laterRows });
  });
});

describe('a partial run whose rows were all written', () => {
  it.each([
    ['withholds nothing any more', coverage, { ...coverage, withheld: [] }],
    ['knows nothing where nothing was known', null, null],
  ])('%s', (_, before, expected) => {
    const checkpoint = unwritten({ unwritten: false }, { coverage: before });
    expect(learnCoverage(checkpoint, stream)).toEqual({ ...checkpoint, coverage: expected });
  });
});

describe('of fields nothing is learned', () => {
  it.each([
    ['before the run is over', { run: 'run' }],
    ['from a run with another outcome', { outcome: 'complete' }],
    ['where nothing has run', { progress: null }],
  ] as const)('%s', (_, beside) => {
    const checkpoint = unwritten({}, beside);
    expect(learnCoverage(checkpoint, stream)).toBe(checkpoint);
  });
});

describe('fields that a person says are gone', () => {
  const withheld = { ...inMidRun, coverage: { ...coverage, absent: ['work.site'], withheld: work } };

  it('are absent from now on, each once', () => {
    expect(withoutWithheld(withheld)).toEqual({
      ...withheld,
      coverage: {
        ...coverage,
        absent: ['work.site', 'work.title'],
        first: whole(['work.title', 'pay.bonus', 'work.site']),
        withheld: [],
      },
    });
  });

  it('are so also where no first page is known', () => {
    const checkpoint = { ...withheld, coverage: { ...withheld.coverage, first: null } };
    expect(withoutWithheld(checkpoint)?.coverage?.first).toBeNull();
  });

  it.each([
    ['none are withheld', { ...coverage, withheld: [] }],
    ['nothing is known of them', null],
  ])('are none where %s', (_, its) => {
    expect(withoutWithheld({ ...inMidRun, coverage: its })).toBeNull();
  });
});
