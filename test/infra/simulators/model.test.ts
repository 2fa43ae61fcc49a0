import { afterEach, expect, it } from 'vitest';

import { faults } from '../../../infra/simulators/frame/faults.ts';
import {
  startSimulatedVendor,
  type SimulatedVendor,
} from '../../../infra/simulators/start-simulated-vendor.ts';
import type { Connector } from '../../../lib/connectors/connector.ts';

const pageSize = { default: 4, max: 10 };
const acme: Connector = {
  ...{ name: 'acme', title: 'Acme', baseUrl: 'https://api.acme.example/v1', timeoutSeconds: 30 },
  ...{ limitScope: 'account', limitsPerMinute: {} },
  authentication: { kind: 'query', parameter: 'key', field: 'token' },
  streams: {
    orders: {
      ...{ about: 'an order', method: 'GET', path: '/orders', items: { path: [] }, id: [[['id']]] },
      ...{ grade: 'vendor', paging: { kind: 'link', limit: 'limit', next: 'header', pageSize } },
    },
    lines: {
      ...{ about: 'a line', method: 'GET', path: '/orders/{parent}/lines', items: { path: ['lines'] } },
      ...{ parents: { stream: 'orders', as: 'order' }, id: [[['order']], [['id']]] },
      ...{ grade: 'vendor', paging: { kind: 'none' } },
    },
    sites: {
      ...{ about: 'a site', method: 'GET', path: '/regions/{parent}/sites', items: { path: ['sites'] } },
      ...{
        parents: { param: 'regions' },
        params: { regions: { meaning: 'regions', pattern: '[a-z]+', many: true } },
      },
      ...{ id: [[['id']]], grade: 'vendor', paging: { kind: 'none' } },
    },
  },
};

let vendor: SimulatedVendor | null = null;
afterEach(() => vendor?.close());

async function ask(path: string, key = vendor?.secret['token'] ?? ''): Promise<Response> {
  const url = new URL(`${vendor?.url ?? ''}${path}`);
  url.searchParams.set('key', key);
  return fetch(url);
}

it('answers what the definition requests: rows, those of a parent, and those of a parent that settings name', async () => {
  vendor = await startSimulatedVendor(acme, { faults: [] });
  const first = await ask('/orders?limit=4');
  const next = /<([^>]*)>;REL=next/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  expect(await first.json()).toHaveLength(4);
  expect(await (await ask(new URL(next, first.url).href.slice(vendor.url.length))).json()).toHaveLength(2);
  const [order = ''] = vendor.externalIds['orders'] ?? [];
  expect(await (await ask(`/orders/${order}/lines`)).json()).toMatchObject({ lines: [{}, {}, {}] });
  expect(await (await ask('/regions/north/sites')).json()).toMatchObject({ sites: [{}, {}, {}] });
});

it('answers 401 to another key, 404 to what no stream requests, and with the faults of its plan', async () => {
  vendor = await startSimulatedVendor(acme, { faults: [faults.unavailable('/orders', 3)] });
  const asked = [await ask('/orders?limit=4', 'another'), await ask('/order'), await ask('/orders?limit=11')];
  expect(asked.map(({ status }) => status)).toEqual([401, 404, 400]);
  expect((await ask('/orders?limit=4')).status).toBe(503);
  expect((await ask('/orders?limit=4')).status).toBe(200);
});

it('cannot be made where access tokens are requested', async () => {
  const authentication: Connector['authentication'] = {
    ...{ kind: 'oauth2', tokenUrl: 'https://api.acme.example/token', clientIn: 'basic' },
    ...{ clientId: 'clientId', clientSecret: 'clientSecret', grant: { kind: 'client_credentials' } },
  };
  await expect(startSimulatedVendor({ ...acme, authentication })).rejects.toThrow(
    'There is no simulator of acme.',
  );
});
