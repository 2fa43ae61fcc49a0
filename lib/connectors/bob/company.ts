import type { StreamDefinition } from '../connector.ts';
import { personId } from './people.ts';

/** What a company has set up. Sources: the references of metadata, custom tables, tasks and reports. */
export const company: Readonly<Record<string, StreamDefinition>> = {
  tasks: {
    about: 'an open task',
    method: 'GET',
    path: '/tasks',
    items: { path: ['tasks'] },
    id: [[['id']]],
    paging: { kind: 'none' },
    // Not paged and, as others have found, cut off there without a word.
    cap: 5000,
    grade: 'vendor',
  },
  lists: {
    about: "an item of one of the company's lists: departments, titles, sites",
    method: 'GET',
    path: '/company/named-lists',
    // Older records of people still name them.
    query: { includeArchived: 'true' },
    items: {
      // The specification has an array of lists; an account was seen to answer an object, keyed by the lists' names, that has
      // every item twice, under `values` and `items`; others have met `{lists: []}`.
      path: ['lists'],
      or: [[]],
      keyed: 'name',
      // Items have a name of their own.
      nested: { list: ['items', 'values'], carry: 'name', as: 'list', tree: 'children' },
    },
    id: [[['list']], [['id']]],
    paging: { kind: 'none' },
    grade: 'vendor',
  },
  fields: {
    about: 'a field that people have, standard or custom',
    method: 'GET',
    path: '/company/people/fields',
    items: { path: [], or: [['fields']] },
    id: [[['id']]],
    paging: { kind: 'none' },
    grade: 'vendor',
  },
  'custom-tables': {
    about: 'a custom table with its columns',
    method: 'GET',
    path: '/people/custom-tables/metadata',
    items: { path: ['tables'] },
    id: [[['id']]],
    paging: { kind: 'none' },
    grade: 'vendor',
  },
  'custom-table': {
    about: 'an entry of one custom table',
    method: 'GET',
    path: '/people/custom-tables/{parent}/{table}',
    params: {
      table: {
        meaning: 'the id of the table, as the stream custom-tables has it',
        pattern: '[\\w.-]{1,200}',
      },
    },
    items: { path: ['values'] },
    id: [[['employeeId']], [['id']]],
    // There is no bulk read of custom tables.
    parents: { stream: 'people', as: 'employeeId' },
    paging: { kind: 'none' },
    // What is in it only the company knows.
    sensitive: true,
    empty: 'normal',
    grade: 'vendor',
  },
  reports: {
    about: 'a report that the service user may see: its name and what it shows, not its rows',
    method: 'GET',
    path: '/company/reports',
    items: { path: ['views'] },
    id: [[['id']]],
    paging: { kind: 'none' },
    grade: 'vendor',
  },
  'report-rows': {
    about: 'a row of one report about people',
    method: 'GET',
    path: '/company/reports/{report}/download-async',
    // The specification names csv and xlsx for this endpoint, json for the one that does not wait; but the name in its
    // example of a file ends in JsonFormat.
    query: { format: 'json', includeInfo: 'false' },
    params: {
      report: { meaning: 'the id of the report, as the stream reports has it', pattern: '\\d{1,19}' },
    },
    // What a report's JSON looks like is not published.
    items: { path: ['employees'], or: [[]] },
    id: [personId],
    paging: { kind: 'file', path: '/company/reports/download/{file}', pollSeconds: 10 },
    sensitive: true,
    empty: 'normal',
    grade: 'unverified',
  },
};
