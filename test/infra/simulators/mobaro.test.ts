import { describe, expect, it } from 'vitest';
import { secretFields } from '../../../lib/connectors/connector.ts';
import { mobaro } from '../../../lib/connectors/mobaro/mobaro.ts';
import { listOf, objectOf, startForTest, type Client } from './vendor-client.ts';

/** Pages as its documentation tells: by what came back, to the total. */
async function readAll(
  client: Client,
  stream: string,
  limit: number,
): Promise<{ ids: unknown[]; pages: number }> {
  const ids: unknown[] = [];
  for (let pages = 1; ; pages += 1) {
    const page = objectOf(await client.get(`/${stream}?Limit=${String(limit)}&Offset=${String(ids.length)}`));
    ids.push(...listOf(page.items).map(({ id }) => id));
    if (Number(page.amount) === 0 || ids.length >= Number(page.total)) return { ids, pages };
  }
}

describe('the simulated Mobaro', () => {
  it('accepts a secret with the fields of the connector', async () => {
    const { vendor } = await startForTest('mobaro');
    expect(Object.keys(vendor.secret)).toEqual(secretFields(mobaro));
    expect(vendor.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/customers$/);
    expect(new URL(vendor.url).pathname).toBe(new URL(mobaro.baseUrl).pathname);
  });

  it('has rows for every stream of the connector', async () => {
    const { vendor } = await startForTest('mobaro');
    expect(Object.keys(vendor.externalIds).sort()).toEqual(Object.keys(mobaro.streams).sort());
  });

  it.each([
    { stream: 'users', limit: 128, rows: 240, pages: 12 },
    { stream: 'timesheets', limit: 20, rows: 407, pages: 21 },
    { stream: 'webhooks', limit: 20, rows: 6, pages: 1 },
    { stream: 'locations', limit: 1000, rows: 180, pages: 2 },
    { stream: 'assets', limit: 20, rows: 64, pages: 4 },
    { stream: 'downtimes', limit: 20, rows: 45, pages: 3 },
    { stream: 'notes', limit: 20, rows: 33, pages: 2 },
    { stream: 'checklists', limit: 20, rows: 21, pages: 2 },
    { stream: 'schedules', limit: 20, rows: 24, pages: 2 },
    { stream: 'assignments', limit: 20, rows: 52, pages: 3 },
  ])('gives all $rows $stream in $pages pages, each once', async ({ stream, limit, rows, pages }) => {
    const client = await startForTest('mobaro');
    const read = await readAll(client, stream, limit);
    expect(read.pages).toBe(pages);
    expect(new Set(read.ids).size).toBe(rows);
    expect(read.ids).toEqual(client.vendor.externalIds[stream]);
  });

  it('caps the limit without a word, and says how many came', async () => {
    const client = await startForTest('mobaro', { sizes: { users: 33 } });
    const full = objectOf(await client.get('/users?Limit=100'));
    expect(listOf(full.items)).toHaveLength(20);
    const last = objectOf(await client.get('/users?limit=100&OFFSET=20'));
    expect(last).toMatchObject({ items: { length: 13 } });
    expect([String(last.total), String(last.amount)]).toEqual(['33', '13']);
    const beyond = await client.get('/users?Offset=33');
    expect(beyond.text).toBe('{"items":[],"total":33,"amount":0}');
  });

  describe('the results', () => {
    const answered = async (client: Client, query: string): Promise<number[]> => {
      const { items } = objectOf(await client.get(`/results?${query}`));
      return listOf(items).map(({ values }) => Date.parse(String(listOf(values).at(-1)?.answered)));
    };
    const clock = (): number => Date.UTC(2025, 2, 1);

    it('are those that were answered between two moments in UTC, neither of them counted in', async () => {
      const client = await startForTest('mobaro', { clock });
      const all = await answered(
        client,
        'AnsweredAfter=2025-01-10T00:00:00Z&AnsweredBefore=2025-01-15T00:00:00Z',
      );
      expect(all).toHaveLength(5);
      const [first = 0] = all;
      const last = all.at(-1) ?? 0;
      const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
      const within = await answered(client, `answeredAfter=${iso(first)}&answeredbefore=${iso(last)}`);
      expect(within).toEqual(all.slice(1, -1));
    });

    it('are none of the future', async () => {
      const client = await startForTest('mobaro', { clock });
      const { total } = objectOf(await client.get('/results'));
      expect(String(total)).toBe('54');
    });

    it.each(['2025-01-10', '2025-01-10T00:00:00+01:00', '2025-01-10T00:00:00', '2025-13-10T00:00:00Z'])(
      'are not asked for since %s',
      async (since) => {
        const client = await startForTest('mobaro', { clock });
        const query = new URLSearchParams({ AnsweredAfter: since }).toString();
        expect((await client.get(`/results?${query}`)).status).toBe(400);
      },
    );
  });

  it('gives the users of a group by its id, with and without the prefix', async () => {
    const client = await startForTest('mobaro', { sizes: { users: 30 } });
    const bare = await client.get('/usergroups/310-A');
    expect((await client.get(`/usergroups/${encodeURIComponent('usergroups/310-A')}`)).text).toBe(bare.text);
    const users = listOf(objectOf(bare).users).map(({ id }) => String(id).replace('/', '~1'));
    expect(users).not.toEqual([]);
    const ids = client.vendor.externalIds['user-groups'] ?? [];
    const ofGroup = ids.filter((id) => id.startsWith('usergroups~1310-A/'));
    expect(ofGroup).toEqual(users.map((user) => `usergroups~1310-A/${user}`));
    expect(ids).toHaveLength(30);
    expect((await client.get('/usergroups/999-A')).status).toBe(404);
  });

  it('orders by a field when asked to', async () => {
    const client = await startForTest('mobaro', { sizes: { users: 12 } });
    const { items } = objectOf(await client.get('/users?OrderBy=createdAt:desc'));
    const times = listOf(items).map(({ createdAt }) => String(createdAt));
    expect(times).toEqual(times.toSorted().reverse());
    expect(new Set(times).size).toBe(12);
  });

  it.each(['Limit=0', 'Limit=many', 'Offset=-1', 'Offset=2147483648', 'OrderBy=createdAt'])(
    'rejects %s with status 400',
    async (query) => {
      const client = await startForTest('mobaro');
      expect((await client.get(`/users?${query}`)).status).toBe(400);
    },
  );

  it('has ids that differ in their suffix alone', async () => {
    const { vendor } = await startForTest('mobaro');
    const ids = vendor.externalIds.users ?? [];
    expect(ids.every((id) => /^users\/\d+-[ABC]$/.test(id))).toBe(true);
    const numbers = ids.map((id) => id.replace(/-.$/, ''));
    expect(new Set(numbers).size).toBeLessThan(new Set(ids).size);
  });

  it('writes numbers that a double cannot hold', async () => {
    const client = await startForTest('mobaro');
    expect((await client.get('/users')).text).toMatch(/"externalReference":90071992547\d{8},/);
    const timesheets = (await client.get('/timesheets')).text;
    expect(timesheets).toMatch(/"hours":\d+\.\d0,/);
    expect(timesheets).toContain('"allowance":1.10,');
  });

  it('gives one record by its id, with and without the prefix', async () => {
    const client = await startForTest('mobaro');
    const [id = ''] = client.vendor.externalIds.users ?? [];
    const whole = await client.get(`/users/${encodeURIComponent(id)}`);
    expect(objectOf(whole).id).toBe(id);
    expect((await client.get(`/users/${id}`)).text).toBe(whole.text);
    expect((await client.get(`/${id}`)).text).toBe(whole.text);
    expect((await client.get('/users/1-Z')).status).toBe(404);
  });

  it.each([
    { title: 'no key', headers: { 'X-Api-Key': '' }, path: '/users', status: 401 },
    { title: 'a wrong key', headers: { 'X-Api-Key': 'other' }, path: '/users', status: 401 },
    { title: 'an unknown resource', headers: {}, path: '/rides', status: 404 },
  ])('answers $title with status $status and no body', async ({ headers, path, status }) => {
    const client = await startForTest('mobaro');
    expect(await client.get(path, headers)).toMatchObject({ status, text: '' });
  });

  it('is nowhere but below its base path', async () => {
    const { vendor } = await startForTest('mobaro');
    expect((await fetch(new URL('/users', vendor.url))).status).toBe(404);
    expect((await fetch(vendor.url)).status).toBe(404);
  });

  it('takes nothing but GET', async () => {
    const client = await startForTest('mobaro');
    const answer = await client.post('/users', {});
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET');
  });

  it('limits the account as a whole, by the minute, and does not say for how long', async () => {
    let now = Date.UTC(2026, 0, 1);
    const client = await startForTest('mobaro', { limitsPerMinute: { account: 2 }, clock: () => now });
    expect((await client.get('/users')).status).toBe(200);
    expect((await client.get('/locations')).status).toBe(200);
    const refused = await client.get('/webhooks');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBeNull();
    now += 59_999;
    expect((await client.get('/webhooks')).status).toBe(429);
    now += 1;
    expect((await client.get('/webhooks')).status).toBe(200);
  });
});
