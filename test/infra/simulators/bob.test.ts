import { describe, expect, it } from 'vitest';
import { bob } from '../../../lib/connectors/bob/bob.ts';
import { secretFields } from '../../../lib/connectors/connector.ts';
import { credentials, listOf, objectOf, startForTest, type Client } from './vendor-client.ts';

const employment = '/bulk/people/employment';

async function search(client: Client, body: object): Promise<ReturnType<typeof listOf>> {
  return listOf(objectOf(await client.post('/people/search', body)).employees);
}

async function readEmployment(
  client: Client,
  query: string,
): Promise<{ ids: string[]; pages: number; cursors: string[] }> {
  const ids: string[] = [];
  const cursors: string[] = [];
  for (let pages = 1; ; pages += 1) {
    const cursor = cursors.at(-1);
    const suffix = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = objectOf(await client.get(`${employment}?${query}${suffix}`));
    for (const { employeeId, values } of listOf(page.results)) {
      ids.push(...listOf(values).map(({ id }) => `${String(employeeId)}/${String(id)}`));
    }
    const { next_cursor: next } = page.response_metadata as { next_cursor: string | null };
    if (next === null) return { ids, pages, cursors };
    cursors.push(next);
  }
}

describe('the simulated Bob', () => {
  it('accepts a secret with the fields of the connector and has rows for its streams', async () => {
    const { vendor } = await startForTest('bob');
    expect(Object.keys(vendor.secret)).toEqual(secretFields(bob));
    expect(Object.keys(vendor.externalIds).sort()).toEqual(Object.keys(bob.streams).sort());
    expect(new URL(vendor.url).pathname).toBe(new URL(bob.baseUrl).pathname);
  });

  it.each([
    { title: 'without credentials', headers: { Authorization: '' } },
    { title: 'with another scheme', headers: { Authorization: 'Bearer x' } },
    {
      title: 'with a wrong token',
      headers: credentials({ secret: { serviceUserId: 'a', serviceUserToken: 'b' } }),
    },
  ])('answers 401 without a body, but with the limit, $title', async ({ headers }) => {
    const client = await startForTest('bob');
    const answer = await client.get(employment, headers);
    expect(answer).toMatchObject({ status: 401, text: '' });
    expect(answer.headers.get('x-ratelimit-limit')).toBe('100');
  });

  describe('people search', () => {
    it('answers what the connector asks with all people in one page', async () => {
      const client = await startForTest('bob');
      const { body, fields } = bob.streams.people ?? {};
      const people = await search(client, { ...body, fields: fields?.default });
      expect(people).toHaveLength(150);
      expect(people.map(({ id }) => id)).toEqual(client.vendor.externalIds.people);
      const returned = people.flatMap((person) => Object.keys(person).filter((key) => key.startsWith('/')));
      expect([...new Set(returned)].sort()).toEqual(
        fields?.default.map((id) => `/${id.replace('.', '/')}`).sort(),
      );
    });

    it('leaves out those who have left unless they are asked for', async () => {
      const client = await startForTest('bob', { sizes: { people: 16 } });
      const fields = ['root.id', 'internal.status'];
      const active = await search(client, { fields });
      expect(active).toHaveLength(14);
      expect(JSON.stringify(active)).not.toContain('Inactive');
      expect(await search(client, { fields, showInactive: true })).toHaveLength(16);
    });

    it('returns the fields asked for twice, and null only under its category', async () => {
      const client = await startForTest('bob', { sizes: { people: 1 } });
      const fields = ['root.id', 'work.reportsTo', 'work.startDate', 'no.suchField'];
      const [id = ''] = client.vendor.externalIds.people ?? [];
      expect(await search(client, { fields })).toEqual([
        {
          '/root/id': { value: id },
          '/work/startDate': { value: '2023-02-06' },
          id,
          work: { startDate: '2023-02-06', reportsTo: null },
        },
      ]);
    });

    it('adds what people read when asked to', async () => {
      const client = await startForTest('bob', { sizes: { people: 1 } });
      const fields = ['work.title'];
      const [plain] = await search(client, { fields });
      const [both] = await search(client, { fields, humanReadable: 'APPEND' });
      const [replaced] = await search(client, { fields, humanReadable: 'REPLACE' });
      expect(both).toEqual({ ...plain, humanReadable: { work: replaced?.work } });
      expect(replaced?.work).not.toEqual(plain?.work);
    });

    it('has ids of 19 digits as text and long numbers as bare digits', async () => {
      const client = await startForTest('bob');
      expect(client.vendor.externalIds.people?.every((id) => /^3\d{18}$/.test(id))).toBe(true);
      const { text } = await client.post('/people/search', {
        fields: ['work.employeeIdInCompany', 'payroll.fte'],
      });
      expect(text).toMatch(/"\/work\/employeeIdInCompany":\{"value":900719925474\d{7}\}/);
      expect(text).toMatch(/"fte":80\.0\b/);
    });

    it('finds one by id or by e-mail', async () => {
      const client = await startForTest('bob');
      const [, id = ''] = client.vendor.externalIds.people ?? [];
      const filter = { fieldPath: 'root.id', operator: 'equals', values: [id] };
      const [person, ...others] = await search(client, { filters: [filter] });
      expect([person?.id, others]).toEqual([id, []]);
      const byMail = { fieldPath: 'root.email', operator: 'equals', values: [person?.email] };
      expect(await search(client, { filters: [byMail] })).toEqual([person]);
      expect(objectOf(await client.post(`/people/${id}`, {}))).toEqual(person);
      expect(objectOf(await client.post('/people/0', {}))).toMatchObject({ error: 'employee not found' });
    });

    it.each([
      { title: 'an empty filter list', body: { filters: [] }, error: '"key":"exception.filters.invalid"' },
      {
        title: 'a filter without its field',
        body: { filters: [{ operator: 'equals', values: [] }] },
        error: 'Missing required field: obj[0].fieldId -> Missing required filter field id',
      },
      {
        title: 'a filter on another field',
        body: { filters: [{ fieldPath: '/work/site', operator: 'equals', values: [] }] },
        error: '"error":"Unknown field ID: /work/site"',
      },
      { title: 'too many fields', body: { fields: Array(401).fill('root.id') }, error: 'Too many fields' },
      { title: 'a body that is no object', body: [], error: 'Invalid JSON' },
    ])('rejects $title with status 400', async ({ body, error }) => {
      const client = await startForTest('bob');
      const answer = await client.post('/people/search', body);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain(error);
    });

    it('wants to be told that the body is JSON', async () => {
      const client = await startForTest('bob');
      expect((await client.post('/people/search', {}, { 'Content-Type': 'text/plain' })).status).toBe(415);
    });
  });

  describe('bulk employment', () => {
    it.each([
      { query: 'limit=100', people: 150, pages: 2 },
      { query: 'limit=200', people: 200, pages: 1 },
      { query: 'limit=50', people: 150, pages: 3 },
      { query: '', people: 51, pages: 2 },
    ])(
      'gives $people people with "$query" in $pages pages, each entry once',
      async ({ query, people, pages }) => {
        const client = await startForTest('bob', { sizes: { people } });
        const read = await readEmployment(client, query);
        expect(read.pages).toBe(pages);
        expect(read.ids).toEqual(client.vendor.externalIds.employment);
        expect(new Set(read.ids).size).toBe(read.ids.length);
      },
    );

    it('repeats entry ids from person to person, and has ones that a double cannot tell apart', async () => {
      const { vendor } = await startForTest('bob');
      const ids = (vendor.externalIds.employment ?? []).map((id) => id.split('/')[1] ?? '');
      expect(new Set(ids).size).toBeLessThan(ids.length);
      expect(new Set(ids.map(Number)).size).toBeLessThan(new Set(ids).size);
    });

    it('has cursors that must be encoded in a query', async () => {
      const client = await startForTest('bob');
      const { cursors } = await readEmployment(client, 'limit=100');
      expect(cursors[0]).toMatch(/^\+\/\/\+.*==$/);
      const answer = await client.get(`${employment}?limit=100&cursor=${String(cursors[0])}`);
      expect(answer.status).toBe(400);
      expect(objectOf(answer).error).toBe('Invalid cursor');
    });

    it('knows a cursor again after a restart, but not with other filters or another seed', async () => {
      const first = await startForTest('bob');
      const { cursors } = await readEmployment(first, 'limit=100');
      const query = `${employment}?limit=100&cursor=${encodeURIComponent(cursors[0] ?? '')}`;
      expect((await (await startForTest('bob')).get(query)).text).toBe((await first.get(query)).text);
      expect((await first.get(`${query}&employeeIds=1`)).status).toBe(400);
      expect((await (await startForTest('bob', { seed: 2 })).get(query)).status).toBe(400);
    });

    it('gives only the people named', async () => {
      const client = await startForTest('bob');
      const [one = '', , three = ''] = client.vendor.externalIds.people ?? [];
      const { results } = objectOf(await client.get(`${employment}?employeeIds=${three},${one}`));
      expect(listOf(results).map(({ employeeId }) => employeeId)).toEqual([one, three]);
    });

    it.each(['limit=201', 'limit=0', 'limit=x'])('rejects %s with the stamped error body', async (query) => {
      const client = await startForTest('bob', { clock: () => Date.UTC(2026, 0, 2) });
      const answer = await client.get(`${employment}?${query}`);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text)).toEqual({
        error: 'BAD_REQUEST',
        message: 'limit must be between 1 and 200',
        statusCode: 400,
        timestamp: '2026-01-02T00:00:00Z',
      });
    });
  });

  it('lists its fields as a bare array', async () => {
    const client = await startForTest('bob');
    const fields = listOf(JSON.parse((await client.get('/company/people/fields')).text));
    const ids = fields.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([...(bob.streams.people?.fields?.default ?? [])]));
  });

  it.each([
    { title: 'a wrong path', path: '/people/search/all', headers: {}, status: 200 },
    { title: 'a GET of what is a POST', path: '/people/search', headers: {}, status: 200 },
    {
      title: 'a GET that says it is JSON',
      path: employment,
      headers: { 'Content-Type': 'application/json' },
      status: 400,
    },
  ])('answers $title with a web page and status $status', async ({ path, headers, status }) => {
    const client = await startForTest('bob');
    const answer = await client.get(path, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
  });

  it('answers 404 with its error body for a module that was not bought', async () => {
    const client = await startForTest('bob');
    const answer = await client.post('/attendance/entries/search', {});
    expect(answer.status).toBe(404);
    expect(objectOf(answer)).toEqual({
      key: 'exception.attendance.notfound',
      error: 'attendance not found',
      args: ['attendance'],
    });
  });

  it('limits each endpoint by itself, and says until when', async () => {
    let now = Date.UTC(2026, 0, 1);
    const client = await startForTest('bob', { limitsPerMinute: { [employment]: 1 }, clock: () => now });
    const first = await client.get(employment);
    expect(limitOf(first.headers)).toEqual(['1', '0', String(now / 1000 + 60)]);
    now += 20_500;
    const refused = await client.get(employment);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('40');
    expect(refused.headers.get('date')).toBe('Thu, 01 Jan 2026 00:00:20 GMT');
    expect((await client.post('/people/search', {})).status).toBe(200);
    now += 39_500;
    expect((await client.get(employment)).status).toBe(200);
  });

  it('blocks who fails to authenticate 50 times in 10 seconds, for 5 minutes', async () => {
    let now = Date.UTC(2026, 0, 1);
    const client = await startForTest('bob', { clock: () => now });
    const fail = async (times: number): Promise<number[]> => {
      const statuses: number[] = [];
      for (let count = 0; count < times; count += 1) {
        statuses.push((await client.get(employment, { Authorization: 'Basic eDp5' })).status);
      }
      return statuses;
    };
    expect(new Set(await fail(49))).toEqual(new Set([401]));
    now += 10_000;
    expect(new Set(await fail(50))).toEqual(new Set([401]));
    const blocked = await client.get('/company/people/fields');
    expect(blocked.status).toBe(403);
    expect(blocked.headers.get('content-type')).toMatch(/^text\/html/);
    now += 5 * 60_000;
    expect((await client.get('/company/people/fields')).status).toBe(200);
  });
});

function limitOf(headers: Headers): (string | null)[] {
  return ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`));
}
