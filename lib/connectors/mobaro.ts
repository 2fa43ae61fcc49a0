import type { Connector, Grade, StreamDefinition } from './connector.ts';

/**
 * Mobaro's API. Sources: Mobaro's help centre, "Handling errors, rate limits and retry logic", "Mobaro API parameter
 * reference" and "Understanding API access scopes and limitations".
 *
 * `Limit` is documented as 1 to 20, and up to 128 on bulk endpoints; which are bulk is not said, so only locations,
 * which have been seen to answer it, ask for more than 20.
 */
function list(about: string, path: string, pageSize: number, grade: Grade): StreamDefinition {
  return {
    about,
    method: 'GET',
    path,
    items: { path: ['items'] },
    // Ids are whole strings such as `locations/109036-A`: two may differ in the suffix alone.
    id: [[['id']]],
    paging: {
      kind: 'offset',
      limit: 'Limit',
      offset: 'Offset',
      total: ['total'],
      // Documented as `OrderBy=createdAt:desc`; which resources have which fields is not, so none is asked for by default.
      order: 'OrderBy',
      pageSize: { default: pageSize, max: 128 },
    },
    grade,
    default: true,
  };
}

export const mobaro: Connector = {
  name: 'mobaro',
  title: 'Mobaro',
  baseUrl: 'https://app.mobaro.com/api/customers',
  authentication: { kind: 'header', header: 'X-Api-Key', field: 'apiKey' },
  // "Rate limits are shared across all API clients in the same Mobaro account", not counted by key.
  limitScope: 'account',
  // There is a limit, but no figure is published.
  limitsPerMinute: {},
  timeoutSeconds: 30,
  streams: {
    users: list('a user', '/users', 20, 'vendor'),
    timesheets: list('a timesheet', '/timesheets', 20, 'vendor'),
    webhooks: list('a webhook', '/webhooks', 20, 'vendor'),
    locations: list('a location', '/locations', 128, 'live'),
  },
};
