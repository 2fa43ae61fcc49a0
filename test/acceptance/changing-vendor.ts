import type { Connector, StreamDefinition } from '../../lib/connectors/connector.ts';

const list = {
  about: 'a parcel',
  method: 'GET',
  items: { path: ['data'] },
  id: [[['id']]],
  grade: 'vendor',
} as const satisfies Partial<StreamDefinition>;

const byOffset = {
  kind: 'offset',
  ...{ limit: 'limit', offset: 'offset', total: ['total'] },
  pageSize: { default: 50, max: 100 },
} as const;

const byCursor = {
  kind: 'cursor',
  ...{ limit: 'size', cursor: 'after', next: [['next']] },
  pageSize: { default: 50, max: 100 },
} as const;

/** A vendor that does not exist: lists of which what has changed can be walked alone, each in another way. */
export const changingVendor: Connector = {
  name: 'depot',
  title: 'Depot',
  baseUrl: 'https://api.depot.example/v1',
  authentication: { kind: 'header', header: 'Depot-Key', field: 'key' },
  limitScope: 'account',
  limitsPerMinute: { account: 600 },
  timeoutSeconds: 30,
  streams: {
    parcels: {
      ...list,
      path: '/parcels',
      default: true,
      paging: byOffset,
      changes: {
        ...{ path: ['updated', 'at'], format: 'instant', by: 'filter' },
        ...{ query: { updated_since: '{since}' }, overlapSeconds: 60, reconcile: 'rate(3 days)' },
      },
    },
    labels: {
      ...list,
      method: 'POST',
      path: '/labels/search',
      body: { kind: 'all' },
      paging: { ...byCursor, within: ['page'] },
      changes: {
        ...{ path: ['updatedAt'], format: 'milliseconds', sinceFormat: 'instant', by: 'filter' },
        body: { filter: { changed: { from: '{since}' } } },
      },
    },
    vans: {
      ...list,
      path: '/vans',
      paging: { kind: 'none' },
      changes: {
        ...{ path: ['changed'], format: 'seconds', by: 'filter', overlapSeconds: 0 },
        query: { since: '{since}' },
      },
    },
    tours: {
      ...list,
      path: '/tours',
      paging: byOffset,
      changes: {
        ...{ path: ['day'], format: 'date', by: 'filter', historyDays: 30 },
        query: { from: '{since}' },
      },
    },
    scans: {
      ...list,
      path: '/scans',
      default: true,
      paging: byCursor,
      changes: {
        ...{ path: ['changed'], format: 'instant', by: 'newest first', overlapSeconds: 60 },
        query: { sort: '-changed' },
      },
    },
    events: {
      ...list,
      path: '/events',
      paging: byOffset,
      changes: { path: ['changed'], format: 'milliseconds', by: 'newest first', overlapSeconds: 60 },
    },
  },
};
