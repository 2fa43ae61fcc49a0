import type { Connector } from './connector.ts';

/**
 * HiBob's ("Bob's") public API. Sources: apidocs.hibob.com, "Error handling", "Rate limiting", "Pagination" and "People
 * read API contract".
 */
export const bob: Connector = {
  name: 'bob',
  title: 'Bob',
  baseUrl: 'https://api.hibob.com/v1',
  authentication: { kind: 'basic', username: 'serviceUserId', password: 'serviceUserToken' },
  // "The rate limit determines how many API calls can be made per minute", for each endpoint.
  limitScope: 'endpoint',
  // "The v1/people/search endpoint allows 50 requests per minute." The bulk tables' limits are not published.
  limitsPerMinute: { 'POST /people/search': 50 },
  // "Get all company fields": the one endpoint that asks for no permission.
  probe: '/company/people/fields',
  // One answer holds every person of the company, and they are all stored before the page counts.
  timeoutSeconds: 60,
  streams: {
    people: {
      about: 'a person, and those who have left',
      method: 'POST',
      path: '/people/search',
      // Without showInactive leavers would silently be missing. An empty `filters` is a 400, so there is none.
      body: { showInactive: true },
      fields: {
        // Fields the service user may not see are left out by Bob without a word, with status 200.
        default: [
          'root.id',
          'root.displayName',
          'root.firstName',
          'root.surname',
          'root.email',
          'root.creationDateTime',
          'work.startDate',
          'work.site',
          'work.department',
          'work.title',
          'work.reportsTo',
          'work.employeeIdInCompany',
          'internal.status',
          'internal.lifecycleStatus',
          'internal.terminationDate',
        ],
        max: 400,
      },
      items: { path: ['employees'] },
      // Bob answers with nested categories and with slash keys; the contract shows both.
      id: [[['id'], ['root', 'id'], ['/root/id', 'value']]],
      paging: { kind: 'none' },
      grade: 'vendor',
      default: true,
    },
    employment: {
      about: 'an entry of the employment history',
      method: 'GET',
      path: '/bulk/people/employment',
      items: { path: ['results'], nested: { list: 'values', carry: 'employeeId' } },
      // An entry's id is unique only within its employee.
      id: [[['employeeId']], [['id']]],
      paging: {
        kind: 'cursor',
        limit: 'limit',
        cursor: 'cursor',
        // The pagination guide says next_cursor, an older specification cursor; both have been seen.
        next: [
          ['response_metadata', 'next_cursor'],
          ['response_metadata', 'cursor'],
        ],
        pageSize: { default: 100, max: 200 },
      },
      partial: ['errors'],
      grade: 'vendor',
      default: true,
    },
  },
};
