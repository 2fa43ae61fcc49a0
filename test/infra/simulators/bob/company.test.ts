import { describe, expect, it } from 'vitest';

import { customTable } from '../../../../infra/simulators/bob/custom-tables.ts';
import { report } from '../../../../infra/simulators/bob/reports.ts';
import { listOf, objectOf, startForTest } from '../vendor-client.ts';

describe('reports', () => {
  const download = '/company/reports/download';

  it('are files that are not there at once, and are named by another host', async () => {
    const { get } = await startForTest('bob');
    const started = await get(`/company/reports/${report}/download-async?format=json`);
    expect(started.status).toBe(200);
    const location = new URL(started.headers.get('location') ?? '');
    expect(location.host).toBe('app.bob.invalid');
    const name = location.pathname.split('/').at(-1) ?? '';
    const statuses: number[] = [];
    for (let times = 0; times < 4; times += 1) statuses.push((await get(`${download}/${name}`)).status);
    expect(statuses).toEqual([204, 204, 200, 200]);
    expect((await get(`${download}/another`)).status).toBe(404);
  });

  it('have a file for each time they are asked for', async () => {
    const { get } = await startForTest('bob');
    const path = `/company/reports/${report}/download-async`;
    const [one, two] = [await get(path), await get(path)];
    expect(one.headers.get('location')).not.toBe(two.headers.get('location'));
  });

  it('come as CSV unless asked for otherwise, of those who are active', async () => {
    const { get, vendor } = await startForTest('bob', { sizes: { people: 16 } });
    const csv = await get(`/company/reports/${report}/download`);
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(csv.text.trimEnd().split('\r\n')).toHaveLength(15);
    const json = await get(`/company/reports/${report}/download?format=json`);
    expect(listOf(objectOf(json).employees).map(({ id }) => id)).toEqual(vendor.externalIds['report-rows']);
    expect((await get('/company/reports/9/download')).status).toBe(404);
    expect((await get(`/company/reports/${report}/download?format=xlsx`)).status).toBe(400);
    expect((await get(`/company/reports/${report}/download-async?format=xlsx`)).status).toBe(400);
  });
});

describe('lists', () => {
  it('are an object with everything twice, and have what is archived when asked', async () => {
    const { get } = await startForTest('bob');
    const lists = objectOf(await get('/company/named-lists'));
    for (const [name, list] of Object.entries(lists)) {
      expect(list).toMatchObject({ name, values: (list as { items: unknown }).items });
    }
    expect(Object.keys(lists)).toEqual(expect.arrayContaining(['department', 'Department']));
    expect(JSON.stringify(lists)).not.toContain('77005');
    expect((await get('/company/named-lists?includeArchived=true')).text).toContain('77005');
  });

  it('have ids that are texts, and in one of them numbers', async () => {
    const { text } = await (await startForTest('bob')).get('/company/named-lists');
    expect(text).toContain('"id":"231645101"');
    expect(text).toContain('"id":2904001');
  });
});

describe('custom tables', () => {
  it('have entries of one person and one table, and a web page for whom they do not know', async () => {
    const { get, vendor } = await startForTest('bob');
    const ids = vendor.externalIds['custom-table'] ?? [];
    const [person = '', entry] = ids[0]?.split('/') ?? [];
    const { values } = objectOf(await get(`/people/custom-tables/${person}/${customTable}`));
    expect(String(listOf(values)[0]?.id)).toBe(entry);
    const unknown = await get(`/people/custom-tables/1/${customTable}`);
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('content-type')).toMatch(/^text\/html/);
    expect((await get(`/people/custom-tables/${person}/other`)).status).toBe(404);
  });
});

describe('tasks', () => {
  it('are cut off after 5000 without a word', async () => {
    const { get } = await startForTest('bob', { sizes: { people: 3, tasks: 5001 } });
    const { tasks } = objectOf(await get('/tasks'));
    expect(listOf(tasks)).toHaveLength(5000);
  });
});

describe('pay', () => {
  const search = '/people/actual-payments/search';

  it('has the history of those who have left when asked', async () => {
    const { get } = await startForTest('bob', { sizes: { people: 16 } });
    const count = async (query: string): Promise<number> =>
      listOf(objectOf(await get(`/payroll/history${query}`)).employees).length;
    expect([await count(''), await count('?showInactive=true')]).toEqual([14, 16]);
  });

  it('has payments by person and by day', async () => {
    const { post, vendor } = await startForTest('bob');
    const [person = ''] = vendor.externalIds['actual-payments']?.[0]?.split('/') ?? [];
    const filter = { fieldPath: 'employeeId', operator: 'equals', values: [person] };
    const { results } = objectOf(await post(search, { filters: [filter] }));
    const dates = listOf(results).map(({ payDate }) => String(payDate));
    const since = { fieldPath: 'payDate', operator: 'greaterThanOrEquals', value: dates.at(-1) };
    const last = objectOf(await post(search, { filters: [filter, since] }));
    expect(listOf(last.results).map(({ payDate }) => payDate)).toEqual(dates.slice(-1));
    expect((await post(search, { filters: [] })).status).toBe(400);
    expect((await post(search, { filters: [since] })).status).toBe(400);
  });
});

describe('tables of people', () => {
  it.each(['work', 'salaries', 'right-to-work', 'deduction'])('are all read alike (%s)', async (table) => {
    const { get, vendor } = await startForTest('bob');
    const page = objectOf(await get(`/bulk/people/${table}?limit=200`));
    const ids = listOf(page.results).flatMap(({ employeeId, values }) =>
      listOf(values).map(({ id }) => `${String(employeeId)}/${String(id)}`),
    );
    expect(ids).toEqual(vendor.externalIds[table]);
    expect(page).toMatchObject({ errors: [], response_metadata: { next_cursor: null } });
  });

  it('do not take the cursor of another table', async () => {
    const { get } = await startForTest('bob');
    const { response_metadata: metadata } = objectOf(await get('/bulk/people/work?limit=10'));
    const cursor = encodeURIComponent((metadata as { next_cursor: string }).next_cursor);
    expect((await get(`/bulk/people/work?limit=10&cursor=${cursor}`)).status).toBe(200);
    expect((await get(`/bulk/people/lifecycle?limit=10&cursor=${cursor}`)).status).toBe(400);
  });

  it('are in the singular: the plural is a web page', async () => {
    const { get } = await startForTest('bob');
    expect((await get('/bulk/people/deductions')).headers.get('content-type')).toMatch(/^text\/html/);
  });
});
