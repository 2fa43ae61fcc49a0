import type { Connector, StreamDefinition } from '../../lib/connectors/connector.ts';

const common = {
  about: 'a reading',
  method: 'GET',
  grade: 'vendor',
} as const satisfies Partial<StreamDefinition>;

/** A vendor that does not exist: rows without an id, and answers of lines. */
export const rowVendor: Connector = {
  name: 'gauge',
  title: 'Gauge',
  baseUrl: 'https://api.gauge.example',
  authentication: { kind: 'header', header: 'Gauge-Key', field: 'key' },
  limitScope: 'account',
  limitsPerMinute: {},
  timeoutSeconds: 30,
  streams: {
    readings: {
      ...common,
      path: '/readings',
      items: { path: ['readings'] },
      id: 'hash',
      volatile: [['age'], ['link', 'signed']],
      paging: { kind: 'offset', limit: 'limit', offset: 'offset', pageSize: { default: 50, max: 100 } },
    },
    series: {
      ...common,
      path: '/stations/{parent}/series',
      items: { path: [] },
      id: 'hash',
      parents: { stream: 'stations', as: 'station' },
      paging: { kind: 'none' },
    },
    stations: {
      ...common,
      path: '/stations',
      items: { path: [], lines: true },
      id: [[['id']]],
      paging: { kind: 'none' },
    },
    exports: {
      ...common,
      path: '/exports',
      items: { path: [], lines: true },
      id: 'hash',
      paging: { kind: 'file', path: '/exports/{file}', pollSeconds: 10 },
    },
    log: {
      ...common,
      path: '/log',
      items: { path: [], lines: true },
      id: [[['place']], [['number']]],
      paging: { kind: 'offset', limit: 'limit', offset: 'offset', pageSize: { default: 50, max: 100 } },
    },
  },
};
