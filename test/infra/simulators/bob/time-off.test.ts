import { describe, expect, it } from 'vitest';

import { listOf, objectOf, startForTest, type Client } from '../vendor-client.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 5, 30, 12);
const clock = (): number => now;
const iso = (time: number): string => new Date(time).toISOString();

async function changes(client: Client, since: number, to: number): Promise<ReturnType<typeof listOf>> {
  const query = `since=${iso(since)}&to=${iso(to)}&includePending=true`;
  return listOf(objectOf(await client.get(`/timeoff/requests/changes?${query}`)).changes);
}

const idsOf = (rows: ReturnType<typeof listOf>): string[] =>
  rows.map(({ requestId, changeType }) => `${String(requestId)}/${String(changeType)}`);

describe('the changes of time off', () => {
  it('are in the order and within the bounds of their creation, and none is in the future', async () => {
    const client = await startForTest('bob', { clock });
    const rows = await changes(client, now - 60 * day, now + 60 * day);
    const times = rows.map(({ createdOn }) => Date.parse(`${String(createdOn)}Z`));
    expect(times.length).toBeGreaterThan(50);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(now - 60 * day);
    expect(Math.max(...times)).toBeLessThanOrEqual(now);
  });

  it('come one by one through windows over 20 months, whatever their length', async () => {
    const client = await startForTest('bob', { clock, sizes: { people: 12 } });
    const walked = async (days: number): Promise<string[]> => {
      const ids: string[] = [];
      for (let since = now - 600 * day; since < now; since += days * day) {
        ids.push(...idsOf(await changes(client, since, Math.min(now, since + days * day - 1))));
      }
      return ids;
    };
    const [short, long] = [await walked(30), await walked(150)];
    expect(short).toEqual(long);
    expect(new Set(short).size).toBe(short.length);
    expect(short.length).toBeGreaterThan(100);
  });

  it('are the ids of the stream within half a year', async () => {
    const client = await startForTest('bob', { clock });
    const rows = await changes(client, now - 180 * day, now);
    expect(idsOf(rows)).toEqual(client.vendor.externalIds['time-off-changes']);
    expect(new Set(rows.map(({ changeType }) => changeType))).toEqual(
      new Set(['Created', 'Pending', 'Canceled', 'Deleted']),
    );
  });

  it('have what is pending only when asked', async () => {
    const { get } = await startForTest('bob', { clock });
    const { text } = await get(`/timeoff/requests/changes?since=${iso(now - 60 * day)}`);
    expect(text).toContain('"Created"');
    expect(text).not.toContain('"Pending"');
  });

  it.each([
    { query: '', error: 'since must be' },
    { query: 'since=2026-06-01', error: 'since must be' },
    { query: 'since=2025-12-01T00:00:00Z', error: 'older than 6 months' },
    { query: 'since=2025-01-01T00:00:00Z&to=2025-07-02T00:00:00Z', error: 'longer than 6 months' },
    { query: 'since=2025-07-01T00:00:00Z&to=2025-07-01T00:00:00Z', error: 'after since' },
  ])('are refused for "$query"', async ({ query, error }) => {
    const { get } = await startForTest('bob', { clock });
    const answer = await get(`/timeoff/requests/changes?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(error);
  });

  it('are there for what is older than six months, if it is said until when', async () => {
    const client = await startForTest('bob', { clock });
    expect(await changes(client, now - 900 * day, now - 730 * day)).not.toHaveLength(0);
  });
});

describe('who is out', () => {
  it('are active people whose time off has not been cancelled', async () => {
    const client = await startForTest('bob', { clock });
    const { outs } = objectOf(await client.get('/timeoff/whosout?from=2026-06-30&to=2026-08-29'));
    const rows = listOf(outs);
    expect(rows.map(({ requestId }) => String(requestId))).toEqual(client.vendor.externalIds['whos-out']);
    expect(
      rows.every(
        ({ startDate, endDate }) => String(startDate) <= '2026-08-29' && String(endDate) >= '2026-06-30',
      ),
    ).toBe(true);
    const gone = idsOf(await changes(client, now - 150 * day, now)).flatMap(
      (id) => /^(\d+)\/(Canceled|Deleted)$/.exec(id)?.slice(1, 2) ?? [],
    );
    const out = new Set(rows.map(({ requestId }) => String(requestId)));
    expect(gone.filter((id) => out.has(id))).toEqual([]);
  });

  it('need dates', async () => {
    const { get } = await startForTest('bob', { clock });
    expect((await get('/timeoff/whosout?from=2026-06-30')).status).toBe(400);
  });
});

describe('the calendars of people', () => {
  const search = '/timeoff/calendars/employees/search';
  const filter = (values: readonly string[]): object => ({
    fields: ['/employeeCalendar/employeeId', '/employeeCalendar/source'],
    filters: [{ fieldId: '/employeeCalendar/employeeId', operator: 'equals', values }],
  });

  it('leave out who does not exist, and refuse too many', async () => {
    const client = await startForTest('bob');
    const [id = ''] = client.vendor.externalIds.people ?? [];
    const { items } = objectOf(await client.post(search, filter([id, '1'])));
    expect(items).toEqual([{ '/employeeCalendar/employeeId': id, '/employeeCalendar/source': 'site' }]);
    const many = await client.post(search, filter(Array<string>(5001).fill('1')));
    expect(many.status).toBe(400);
    expect(objectOf(many)).toMatchObject({ key: 'tooManyEmployeeIds' });
    expect((await client.post(search, { fields: ['/employeeCalendar/employeeId'] })).status).toBe(400);
  });
});
