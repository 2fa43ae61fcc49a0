import type { StreamDefinition } from '../connector.ts';
import { bodyCursor, field, fieldsOf, search } from './shapes.ts';

/** Sources: the reference of the time off API, and the changelog of its changes endpoint. */
export const timeOff: Readonly<Record<string, StreamDefinition>> = {
  'time-off-changes': {
    about: 'a request for time off as it was when it was created, cancelled or deleted, or is pending',
    method: 'GET',
    path: '/timeoff/requests/changes',
    // Always with `to`: without it a `since` of more than six months ago is an error, and with it at most six months may lie
    // between the two.
    query: { since: '{since}', to: '{until}', includePending: 'true' },
    items: { path: ['changes'] },
    // An edit gives the request a new id, so one id has at most one change of each type.
    id: [[['requestId']], [['changeType']]],
    paging: { kind: 'none' },
    windows: {
      days: 150,
      format: 'instant',
      // `createdOn` comes without a time zone; two days cover any.
      lookBackHours: 48,
      historyDays: 180,
    },
    grade: 'vendor',
    default: true,
  },
  'whos-out': {
    about: 'time off that is taken now or in the next 60 days, by people who are active',
    method: 'GET',
    path: '/timeoff/whosout',
    query: { from: '{today}', to: '{today+60}', includeHourly: 'true' },
    items: { path: ['outs'] },
    id: [[['requestId']]],
    paging: { kind: 'none' },
    empty: 'normal',
    grade: 'vendor',
  },
  // Up to 5000 people could be named in one request, the language names one.
  'employee-calendars': search(
    fieldsOf('employeeCalendar', 'employeeId', 'calendarId', 'calendarName', 'source', 'siteId'),
    {
      about: 'which calendar of holidays holds for a person',
      path: '/timeoff/calendars/employees/search',
      body: {
        filters: [{ fieldId: '/employeeCalendar/employeeId', operator: 'equals', values: ['{parent}'] }],
      },
      items: { path: ['items'] },
      id: [field('/employeeCalendar/employeeId')],
      parents: { stream: 'people' },
      paging: bodyCursor('top', { default: 200, max: 1000 }),
      grade: 'code',
    },
  ),
};
