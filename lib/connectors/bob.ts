import { attendance } from './bob/attendance.ts';
import { bulkTables } from './bob/bulk-tables.ts';
import { company } from './bob/company.ts';
import { hiring } from './bob/hiring.ts';
import { jobCatalog } from './bob/job-catalog.ts';
import { payroll } from './bob/payroll.ts';
import { people } from './bob/people.ts';
import { talent } from './bob/talent.ts';
import { timeOff } from './bob/time-off.ts';
import { workforce } from './bob/workforce.ts';
import type { Connector } from './connector.ts';

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
    'POST /attendance/entries/search': 200,
    'POST /goals/goals/search': 100,
    'POST /job-catalog/job-profiles/search': 100,
  },
  // "Get all company fields": the one endpoint that needs no permission.
  probe: '/company/people/fields',
  // One answer may hold every person of the company, and they are all stored before the page counts.
  timeoutSeconds: 60,
  // "Error handling"; the two after it have been seen, and are not published there.
  sentences: [
    'Unknown field ID: {field}',
    'BAD_REQUEST',
    'Invalid input provided',
    'exception.attendance.project.notfound',
    'project not found',
    'Missing required field: obj[{index}].fieldId -> Missing required filter field id',
    'No permissions to position budget',
    'exception.history.duplicated.bulk',
  ],
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
