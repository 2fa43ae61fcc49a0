import { describe, expect, it } from 'vitest';
import { hasOwnSimulator, simulators } from '../../../infra/simulators/registry.ts';
import { startSimulatedVendor } from '../../../infra/simulators/start-simulated-vendor.ts';
import { connectors } from '../../../lib/connectors/registry.ts';
import { send } from '../../support/guarded-servers.ts';
import { objectOf, startForTest } from './vendor-client.ts';

const first = { mobaro: '/timesheets?Limit=20', bob: '/bulk/people/employment' };

describe('a simulated vendor', () => {
  it('is one of a connector', () => {
    expect(Object.keys(connectors)).toEqual(expect.arrayContaining(Object.keys(simulators)));
    expect(hasOwnSimulator('mobaro')).toBe(true);
    expect(hasOwnSimulator('toString')).toBe(false);
  });

  it('cannot be started of a vendor that is not simulated', async () => {
    await expect(startSimulatedVendor('acme')).rejects.toThrow('There is no simulator of acme.');
  });

  it.each(['mobaro', 'bob'] as const)(
    'has the same data and credentials on every start (%s)',
    async (name) => {
      const before = await startForTest(name);
      const after = await startForTest(name, { clock: () => 0 });
      const other = await startForTest(name, { seed: 2 });
      expect(after.vendor.secret).toEqual(before.vendor.secret);
      expect((await after.get(first[name])).text).toBe((await before.get(first[name])).text);
      expect(other.vendor.secret).not.toEqual(before.vendor.secret);
      expect((await other.get(first[name])).text).not.toBe((await before.get(first[name])).text);
    },
  );

  it.each(['mobaro', 'bob'] as const)('keeps its rows when there are more of them (%s)', async (name) => {
    const few = await startForTest(name, { sizes: { users: 5, timesheets: 5, people: 5 } });
    const many = await startForTest(name, { sizes: { users: 500, timesheets: 9, people: 9 } });
    const ids = few.vendor.externalIds[name === 'mobaro' ? 'timesheets' : 'employment'] ?? [];
    expect(
      many.vendor.externalIds[name === 'mobaro' ? 'timesheets' : 'employment']?.slice(0, ids.length),
    ).toEqual(ids);
    const rows = async (client: typeof few): Promise<unknown[]> => {
      const page = objectOf(await client.get(first[name]));
      return (page.items ?? page.results) as unknown[];
    };
    expect((await rows(many)).slice(0, 5)).toEqual(await rows(few));
  });

  it('writes to nobody who exists', async () => {
    const mobaro = await startForTest('mobaro');
    const bob = await startForTest('bob');
    const texts = [(await mobaro.get('/users')).text, (await bob.post('/people/search', {})).text];
    const addresses = texts.flatMap((text) => text.match(/[^"]+@[^"]+/g) ?? []);
    expect(addresses.length).toBeGreaterThan(150);
    expect(addresses.every((address) => /^[a-z.-]+\.\d+@example\.com$/.test(address))).toBe(true);
  });

  it('accepts a secret that is given, and a new one later', async () => {
    const { vendor, get } = await startForTest('mobaro', { secret: { apiKey: 'given' } });
    expect((await get('/webhooks')).status).toBe(200);
    vendor.accept({ apiKey: 'new' });
    expect((await get('/webhooks', { 'X-Api-Key': 'given' })).status).toBe(401);
    expect(vendor.secret).toEqual({ apiKey: 'new' });
    expect((await get('/webhooks')).status).toBe(200);
  });

  it.each([
    ['the page of another site', { origin: 'https://attacker.example' }],
    ['a page of this machine', { origin: 'http://localhost:3000' }],
    ['the image of a page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['the image of a page of this machine', { 'sec-fetch-site': 'same-site' }],
    ['a page by a name that leads here', { host: 'attacker.example' }],
    ['a form of a sandbox', { origin: 'null', 'content-type': 'text/plain' }],
  ])('is not there for %s, which counts as no request', async (_, headers) => {
    const { vendor } = await startForTest('mobaro');
    const path = new URL(`${vendor.url}/webhooks`).pathname;
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const { status, headers: answered } = await send(vendor.url, { method, path, headers });
      expect([status, answered['access-control-allow-origin']]).toEqual([403, undefined]);
    }
    expect(vendor.requests).toEqual([]);
  });

  it.each([
    ['curl', { 'user-agent': 'curl/8' }],
    ['somebody who types its address', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    ['fetch of Node', { 'sec-fetch-mode': 'cors' }],
    ['a name of this machine', { host: 'localhost:80' }],
  ])('answers %s', async (_, headers) => {
    const { vendor } = await startForTest('mobaro');
    const path = new URL(`${vendor.url}/webhooks`).pathname;
    const key = { 'x-api-key': vendor.secret['apiKey'] ?? '' };
    expect((await send(vendor.url, { method: 'GET', path, headers: { ...headers, ...key } })).status).toBe(
      200,
    );
    expect(vendor.requests).toHaveLength(1);
  });

  it('logs each request, and no credentials', async () => {
    const seen: unknown[] = [];
    const { vendor, get, post } = await startForTest('bob', {
      clock: () => 7,
      log: (entry) => seen.push(entry),
    });
    await get('/bulk/people/employment?limit=2&cursor=%2B');
    await post('/people/search', { fields: ['root.id'] });
    const common = { at: 7, endedAt: 7, fault: null };
    const search = { method: 'POST', path: '/people/search', query: {}, status: 200 };
    expect(vendor.requests).toEqual([
      {
        ...common,
        method: 'GET',
        path: '/bulk/people/employment',
        query: { limit: '2', cursor: '+' },
        contentType: null,
        body: '',
        status: 400,
      },
      { ...common, ...search, contentType: 'application/json', body: '{"fields":["root.id"]}' },
    ]);
    expect(seen).toEqual(vendor.requests);
  });

  it('logs no key that comes in the query', async () => {
    const { vendor, get } = await startForTest('mobaro', { secret: { apiKey: 'made up' } });
    await get('/users?Limit=1&api_key=made+up');
    expect(vendor.requests[0]?.query).toEqual({ Limit: '1', api_key: '…' });
  });

  it('has ended each request in its log before the client may ask again', async () => {
    const { vendor, get } = await startForTest('mobaro');
    await get('/users');
    expect(vendor.requests[0]?.endedAt).not.toBeNull();
  });

  it('goes wrong as the demonstration plans unless told otherwise', async () => {
    const vendor = await startSimulatedVendor('mobaro');
    const statuses: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      const response = await fetch(`${vendor.url}/users`, {
        headers: { 'X-Api-Key': vendor.secret.apiKey ?? '' },
      });
      statuses.push(response.status);
      await response.text();
    }
    await vendor.close();
    expect(statuses).toEqual([200, 200, 429, 200, 200, 200, 429, 200, 200, 200, 503, 200]);
  });

  it.each(Object.entries(simulators))('has something to show of failures (%s)', (_, { demoFaults }) => {
    expect(demoFaults.length).toBeGreaterThan(0);
  });

  it('is gone once it is closed, with what was under way', async () => {
    const slow = { kind: 'slow', match: { path: '*', at: 1 }, milliseconds: 600_000 } as const;
    let arrived = (): void => undefined;
    const vendor = await startSimulatedVendor('mobaro', { faults: [slow], clock: () => (arrived(), 0) });
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const pending = fetch(`${vendor.url}/users`).then(
      () => 'answered',
      () => 'broken',
    );
    await arrival;
    await vendor.close();
    expect(await pending).toBe('broken');
    await expect(fetch(`${vendor.url}/users`)).rejects.toThrow();
    await vendor.close();
  });
});
