import type { Connector } from '../../lib/connectors/connector.ts';

/** A vendor that does not exist, and counts account and endpoint: what is new since the last run, in windows, by a cursor in the body. */
export const thirdVendor: Connector = {
  name: 'ferry',
  title: 'Ferry',
  baseUrl: 'https://api.ferry.example/v2',
  authentication: { kind: 'header', header: 'Ferry-Token', field: 'token' },
  limitScope: 'both',
  limitsPerMinute: { account: 120 },
  limits: { account: [{ requests: 4000, per: 'hour' }], endpoint: [{ requests: 10, per: 'second' }] },
  timeoutSeconds: 30,
  streams: {
    crossings: {
      about: 'a crossing, each time that it has changed',
      method: 'POST',
      path: '/crossings/search',
      body: { changed: { from: '{since}', to: '{until}' }, order: 'changed' },
      items: { path: ['data', 'crossings'] },
      id: [[['crossingId']], [['revision']]],
      volatile: [['mapUrl']],
      paging: {
        kind: 'cursor',
        limit: 'size',
        cursor: 'after',
        within: ['page'],
        next: [['data', 'next']],
        pageSize: { default: 100, max: 500 },
      },
      windows: { days: 30, format: 'instant', lookBackHours: 24, historyDays: 365 },
      grade: 'vendor',
      default: true,
    },
  },
};
