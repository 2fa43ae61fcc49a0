import { describe, expect, it } from 'vitest';
import { secretFields } from '../../../../lib/connectors/connector.ts';
import { mobaro } from '../../../../lib/connectors/mobaro.ts';
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
