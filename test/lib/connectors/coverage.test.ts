import { describe, expect, it } from 'vitest';

import {
  absentFields,
  categoriesOf,
  stillAbsent,
  withdrawnCategories,
} from '../../../lib/connectors/coverage.ts';

const fields = ['root.id', 'root.email', 'work.title', 'work.site', 'payroll.salary'];

describe('a field that was asked for', () => {
  it('is there if any row has it, in whatever form', () => {
    const rows = [
      { id: '1', root: { email: null } },
      { id: '2', '/work/title': { value: 'x' }, work: { site: 'y' } },
    ];
    expect(absentFields(fields, rows)).toEqual(['payroll.salary']);
    expect(absentFields(fields, [{ id: '1', work: 'none' }])).toEqual(fields.slice(1));
  });

  it('is neither there nor absent without rows', () => {
    expect(absentFields(fields, [])).toBeNull();
    expect(stillAbsent(null, null)).toBeNull();
    expect(stillAbsent(null, ['a'])).toEqual(['a']);
    expect(stillAbsent(['a'], null)).toEqual(['a']);
  });

  it('is absent from a run if it is absent from all of its pages', () => {
    expect(stillAbsent(['a', 'b'], ['b', 'c'])).toEqual(['b']);
  });
});

describe('a category', () => {
  it("is the first part of a name, in both of Bob's forms", () => {
    const names = ['/position/id', '/position/reason'];
    expect(withdrawnCategories(names, ['/position/reason'], [])).toEqual([]);
    expect(withdrawnCategories(names, names, [])).toEqual(['position']);
    expect(categoriesOf(fields)).toEqual(['root', 'work', 'payroll']);
  });

  it.each([
    ['of which nothing comes any more has been withdrawn', ['work.title', 'work.site'], [], ['work']],
    ['of which one field came and none comes', ['work.title', 'work.site'], ['work.site'], ['work']],
    ['of which something still comes has not', ['work.title'], [], []],
    ['that never came has not', ['payroll.salary'], ['payroll.salary'], []],
    ['of one field is one, too', ['payroll.salary'], [], ['payroll']],
    ['is told with all others', fields.slice(2), [], ['work', 'payroll']],
    ['is not judged without rows', null, [], []],
    ['is not judged the first time', fields, null, []],
  ])('%s', (_, absent, known, withdrawn) => {
    expect(withdrawnCategories(fields, absent, known)).toEqual(withdrawn);
  });
});
