import type { Connector } from '../connector.ts';
import { advice } from './advice.ts';
import { attendance } from './attendance.ts';
import { bulkTables } from './bulk-tables.ts';
import { company } from './company.ts';
import { hiring } from './hiring.ts';
import { jobCatalog } from './job-catalog.ts';
import { payroll } from './payroll.ts';
import { people } from './people.ts';
import { sentences } from './sentences.ts';
import { talent } from './talent.ts';
import { timeOff } from './time-off.ts';
import { workforce } from './workforce.ts';

/**
 * HiBob's ("Bob's") public API. Sources: apidocs.hibob.com, "Error handling", "Rate limiting", "Pagination", "People
 * read API contract" and the references of the endpoints, each named where its streams are.
 */
export const bob: Connector = {
  name: 'bob',
  title: 'Bob',
  baseUrl: 'https://api.hibob.com/v1',
  authentication: { kind: 'basic', username: 'serviceUserId', password: 'serviceUserToken' },
  // "The rate limit determines how many API calls can be made per minute", for each endpoint.
  limitScope: 'endpoint',
  // Each from the main page of its section. The bulk tables' limits, and most others, are not published.
  limitsPerMinute: {
    'POST /people/search': 50,
    'GET /people/custom-tables/metadata': 50,
    'GET /people/custom-tables/{parent}/{table}': 50,
    'GET /payroll/history': 20,
    'POST /attendance/entries/search': 200,
    'POST /goals/goals/search': 100,
    'POST /job-catalog/job-profiles/search': 100,
  },
  // "Get all company fields": the one endpoint that needs no permission.
  probe: '/company/people/fields',
  // One answer may hold every person of the company, and they are all stored before the page counts.
  timeoutSeconds: 60,
  // People's data hardly changes within the hour, and of most lists changes alone cannot be requested.
  periodMinutes: 60,
  sentences,
  advice,
  streams: {
    ...people,
    ...bulkTables,
    ...timeOff,
    ...company,
    ...payroll,
    ...hiring,
    ...jobCatalog,
    ...workforce,
    ...talent,
    ...attendance,
  },
};
