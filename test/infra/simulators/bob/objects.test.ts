import { describe, expect, it } from 'vitest';

import { listOf, objectOf, startForTest } from '../vendor-client.ts';

const positions = '/objects/position/search';
const openings = '/positions/position-openings/search';
const all = { filters: [{ fieldId: '/position/id', operator: 'notEqual', values: ['0'] }] };
const bought = { modules: 'all' } as const;

describe('searches for objects', () => {
  it.each([
    { path: '/hiring/candidates/search', module: 'hiring' },
    { path: '/objects/position/search', module: 'workforce-planning' },
    { path: '/positions/position-budget/search', module: 'workforce-planning' },
    { path: '/goals/goals/search', module: 'goals' },
    { path: '/skills/search', module: 'skills' },
    { path: '/attendance/entries/search', module: 'attendance' },
    { path: '/job-catalog/job-profiles/search', module: 'job-catalog' },
  ])('are a 404 until the module is bought ($path)', async ({ path, module }) => {
    const body = { fields: ['id'] };
    const { post } = await startForTest('bob');
    expect((await post(path, body)).status).toBe(404);
    const { post: ask } = await startForTest('bob', { modules: [module] });
    expect((await ask(path, body)).status).not.toBe(404);
  });

  it('give the fields asked for, and are silent about those they do not know', async () => {
    const { post } = await startForTest('bob', bought);
    const answer = await post(positions, {
      ...all,
      fields: ['/position/id', '/position/fte', '/position/no'],
    });
    const rows = listOf(JSON.parse(answer.text));
    expect(rows).toHaveLength(170);
    expect(new Set(rows.flatMap((row) => Object.keys(row)))).toEqual(
      new Set(['/position/id', '/position/fte']),
    );
    expect(answer.text).toMatch(/"\/position\/fte":\{"value":50\.0\}/);
  });

  it.each([
    { title: 'without a filter where one is mandatory', path: positions, body: { fields: ['/position/id'], filters: [] } },
    { title: 'without fields', path: positions, body: all },
    { title: 'with more than 50 fields', path: positions, body: { ...all, fields: Array<string>(51).fill('/position/id') } },
    { title: 'by another field', path: positions, body: { fields: ['/position/id'], filters: [{ fieldId: '/position/site', operator: 'equals', values: ['1'] }] } },
    { title: 'by no value', path: positions, body: { fields: ['/position/id'], filters: [{ fieldId: '/position/id', operator: 'equals', values: [] }] } },
    { title: 'with another operator', path: positions, body: { fields: ['/position/id'], filters: [{ fieldId: '/position/id', operator: 'contains', values: ['1'] }] } },
    { title: 'with a filter that names no field', path: positions, body: { fields: ['/position/id'], filters: [{ operator: 'equals', values: ['1'] }] } },
    { title: 'with too high a limit', path: openings, body: { fields: ['/positionOpening/id'], filters: [{ fieldId: '/positionOpening/status', operator: 'equals', values: ['vacant'] }], pagination: { limit: 101 } } },
  ])('refuse $title', async ({ path, body }) => {
    const { post } = await startForTest('bob', bought);
    expect((await post(path, body)).status).toBe(400);
  }); // prettier-ignore

  it('filter, and bind the cursor to the filters', async () => {
    const { post } = await startForTest('bob', bought);
    const body = (values: readonly string[], cursor?: unknown): object => ({
      fields: ['/positionOpening/id', '/positionOpening/status'],
      filters: [{ fieldId: '/positionOpening/status', operator: 'equals', values }],
      pagination: { limit: 10, ...(cursor !== undefined && { cursor }) },
    });
    const first = objectOf(await post(openings, body(['vacant'])));
    expect(JSON.stringify(first.positionOpeningEntries)).not.toMatch(/filled|starting|departing/);
    const { next_cursor: cursor } = first.response_metadata as { next_cursor: string };
    expect((await post(openings, body(['vacant'], cursor))).status).toBe(200);
    expect((await post(openings, body(['filled'], cursor))).status).toBe(400);
  });

  it('give all goals at once, whatever limit is asked for', async () => {
    const { post } = await startForTest('bob', bought);
    const { items } = objectOf(await post('/goals/goals/search', { fields: ['/goal/id'], limit: 3 }));
    expect(listOf(items)).toHaveLength(64);
  });

  it('give the locations of one employer', async () => {
    const { post } = await startForTest('bob');
    const body = { fields: ['/workLocation/id', '/workLocation/employerId'] };
    const answer = await post('/employers/901/work-locations/search', body);
    const owners = listOf(objectOf(answer).items).map((row) => String(row['/workLocation/employerId']));
    expect(new Set(owners)).toEqual(new Set(['901']));
    expect((await post('/employers/901/other', body)).headers.get('content-type')).toMatch(/html/);
  });
});

describe('entries of attendance', () => {
  const search = '/attendance/entries/search';
  const clock = (): number => Date.UTC(2026, 5, 30, 12);
  const body = (id: string, from: string, to: string): object => ({
    fields: ['/attendanceEntry/id', '/attendanceEntry/clockInDate'],
    filters: [
      { fieldId: '/attendanceEntry/employeeId', operator: 'equals', values: [id] },
      { fieldId: '/attendanceEntry/clockInDate', operator: 'from', values: [from] },
      { fieldId: '/attendanceEntry/clockInDate', operator: 'to', values: [to] },
    ],
  });

  it('are of 33 days at most, both of them counted in, and not in the future', async () => {
    const { post, vendor } = await startForTest('bob', { ...bought, clock });
    const [id = ''] = vendor.externalIds.people ?? [];
    const days = async (from: string, to: string): Promise<string[]> =>
      listOf(objectOf(await post(search, body(id, from, to))).items).map((row) =>
        String(row['/attendanceEntry/clockInDate']),
      );
    const found = await days('2026-06-01', '2026-07-03');
    expect(found.length).toBeGreaterThan(15);
    expect(found.every((day) => day >= '2026-06-01' && day <= '2026-06-30')).toBe(true);
    expect((await post(search, body(id, '2026-06-01', '2026-07-04'))).status).toBe(400);
    expect(await days('2026-06-04', '2026-06-04')).toEqual(found.filter((day) => day === '2026-06-04'));
  });

  it('need a person and both days', async () => {
    const { post } = await startForTest('bob', { ...bought, clock });
    expect((await post(search, { fields: ['/attendanceEntry/id'], filters: [] })).status).toBe(400);
    expect((await post(search, body('1', '', '2026-06-30'))).status).toBe(400);
  });
});
