import type { Connector, StreamDefinition } from '../../lib/connectors/connector.ts';
import type { StreamSettings } from '../../lib/sync/settings.ts';
import type { FakeHandler } from './fakes/fake-vendor.ts';
import { streamNamed } from './streams.ts';
import { SyncWorld } from './sync-world.ts';

const list = {
  about: 'a row',
  method: 'GET',
  items: { path: ['rows'] },
  id: [[['id']]],
  paging: { kind: 'none' },
  grade: 'unverified',
} as const satisfies Partial<StreamDefinition>;

/** A vendor with one list of each kind that Mobaro and Bob have few of. */
export const madeUp: Connector = {
  name: 'made-up',
  title: 'Made-up',
  baseUrl: 'https://vendor.example',
  authentication: { kind: 'header', header: 'X-Api-Key', field: 'apiKey' },
  limitScope: 'endpoint',
  limitsPerMinute: {},
  timeoutSeconds: 30,
  streams: {
    changes: {
      ...list,
      path: '/changes',
      query: { since: '{since}', to: '{until}' },
      windows: { days: 30, format: 'instant', lookBackHours: 24, historyDays: 75 },
      partial: ['errors'],
    },
    people: {
      ...list,
      method: 'POST',
      path: '/people',
      body: { all: true },
      fields: { default: ['id', 'name'], max: 10 },
      batches: { list: { fields: ['id'] }, body: { only: '{ids}' }, size: 10, over: 25 },
    },
    tables: {
      ...list,
      path: '/people/{parent}/rows',
      id: [[['person']], [['id']]],
      parents: { stream: 'people' },
    },
    entries: {
      ...list,
      path: '/people/{parent}/entries',
      query: { since: '{since}', to: '{until}' },
      id: [[['person']], [['id']]],
      parents: { stream: 'people' },
      windows: { days: 30, format: 'date', lookBackHours: 24, historyDays: 75 },
    },
    groups: {
      ...list,
      path: '/groups/{parent}',
      parents: { param: 'groups' },
      params: { groups: { meaning: 'ids of groups', pattern: '.+', many: true } },
    },
    rides: {
      ...list,
      path: '/people/{parent}/rides',
      parents: { stream: 'people' },
      paging: {
        kind: 'offset',
        limit: 'limit',
        offset: 'offset',
        total: ['total'],
        pageSize: { default: 2, max: 10 },
      },
    },
    results: {
      ...list,
      path: '/results',
      query: { since: '{since}', to: '{until}' },
      windows: { days: 30, format: 'instant', lookBackHours: 0, historyDays: 50 },
      paging: {
        kind: 'offset',
        limit: 'limit',
        offset: 'offset',
        total: ['total'],
        pageSize: { default: 2, max: 10 },
      },
    },
    orders: {
      ...list,
      path: '/orders',
      partial: ['errors'],
      paging: {
        kind: 'offset',
        limit: 'limit',
        offset: 'offset',
        total: ['total'],
        pageSize: { default: 3, max: 10 },
      },
      changes: {
        ...{ path: ['changed'], format: 'instant', by: 'filter' },
        ...{ query: { updated_since: '{since}' }, overlapSeconds: 60 },
      },
    },
    posts: {
      ...list,
      path: '/posts',
      partial: ['errors'],
      paging: {
        kind: 'cursor',
        limit: 'limit',
        cursor: 'cursor',
        next: [['next']],
        pageSize: { default: 3, max: 10 },
      },
      changes: {
        ...{ path: ['changed'], format: 'milliseconds', by: 'newest first' },
        ...{ query: { sort: '-changed' }, overlapSeconds: 60 },
      },
    },
    report: { ...list, path: '/report', paging: { kind: 'file', path: '/files/{file}', pollSeconds: 20 } },
    hiring: {
      ...list,
      method: 'POST',
      path: '/hiring',
      body: { pagination: { sort: 'id' } },
      paging: {
        kind: 'cursor',
        limit: 'limit',
        cursor: 'cursor',
        within: ['pagination'],
        next: [['next']],
        pageSize: { default: 2, max: 10 },
      },
    },
  },
};

export function madeUpWorld(
  streams: readonly string[],
  vendor: FakeHandler,
  settings: Partial<StreamSettings> = {},
): SyncWorld {
  const defined = streams.map((name) =>
    streamNamed(`made-up/${name}`, { connector: madeUp, settings: name === streams.at(-1) ? settings : {} }),
  );
  return new SyncWorld({ defined, vendor, secret: { apiKey: 'made-up', maskKey: 'key' } });
}

/** The next run of a stream, whole. @returns what it asked the vendor for, as `METHOD /path?query` and the body */
export async function nextRun(
  world: SyncWorld,
  stream: string,
): Promise<readonly { readonly asked: string; readonly body: unknown; readonly at: number }[]> {
  await world.clock.advance(15 * 60_000);
  const before = world.vendor.requests.length;
  await world.tick(`made-up/${stream}`);
  await world.drain();
  return world.vendor.requests.slice(before).map(({ request, at }) => ({
    asked: `${request.method} ${decodeURIComponent(request.url.replace(madeUp.baseUrl, ''))}`,
    body: request.body === null ? null : (JSON.parse(request.body) as unknown),
    at,
  }));
}

/** Ids: `p000`, `p001` and so on. */
export const numbers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `p${String(index).padStart(3, '0')}`);

/** The body of a request for people. */
export interface Asked {
  readonly fields: readonly string[];
  readonly only?: readonly string[];
}

/** People as Bob gives them: all of them, or those that a filter names. */
export function people(ids: () => readonly string[], hidden: readonly string[] = []): FakeHandler {
  return ({ body }) => {
    const { fields, only } = JSON.parse(body ?? '{}') as Asked;
    const wanted = ids().filter((id) => only === undefined || (only.includes(id) && !hidden.includes(id)));
    const rows = wanted.map((id) => (fields.includes('name') ? { id, name: `N ${id}` } : { id }));
    return { status: 200, body: { rows } };
  };
}
