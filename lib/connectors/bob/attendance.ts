import type { StreamDefinition } from '../connector.ts';
import { bodyCursor, field, fieldsOf, search } from './shapes.ts';

/** Source: the reference of attendance: its filters, its limit, its cursor. That the rows are at `items` is known from code. */
export const attendance: Readonly<Record<string, StreamDefinition>> = {
  'attendance-entries': search(
    fieldsOf(
      'attendanceEntry',
      'id',
      'employeeId',
      'type',
      'clockInDate',
      'clockInTime',
      'clockOutDate',
      'clockOutTime',
      'duration',
      'reasonCode',
      'notes',
      'projectId',
      'taskId',
    ),
    {
      about: 'a time that somebody has clocked',
      path: '/attendance/entries/search',
      // A person and the days are mandatory, and there are to be 33 of them at most.
      body: {
        filters: [
          { fieldId: '/attendanceEntry/employeeId', operator: 'equals', values: ['{parent}'] },
          { fieldId: '/attendanceEntry/clockInDate', operator: 'from', values: ['{since}'] },
          { fieldId: '/attendanceEntry/clockInDate', operator: 'to', values: ['{until}'] },
        ],
      },
      items: { path: ['items'] },
      id: [field('/attendanceEntry/id')],
      parents: { stream: 'people' },
      windows: {
        days: 33,
        format: 'date',
        // The filter is by the day that was worked; entries are put right until the month is closed.
        lookBackHours: 31 * 24,
        historyDays: 90,
      },
      paging: bodyCursor('top', { default: 200, max: 200 }),
      module: 'Time and Attendance',
      grade: 'vendor',
    },
  ),
};
