import type { Grade, StreamDefinition } from '../connector.ts';

/**
 * `Limit` is documented as 1 to 20, and up to 128 on bulk endpoints; which are bulk is not said, so only locations,
 * which have been seen to answer it, request more than 20.
 */
interface Facts {
  readonly grade: Grade;
  readonly pageSize?: number;
}

function list(about: string, path: string, { grade, pageSize = 20 }: Facts): StreamDefinition {
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
      // Documented as `OrderBy=createdAt:desc`; which resources have which fields is not, so none is requested by default.
      order: 'OrderBy',
      pageSize: { default: pageSize, max: 128 },
    },
    grade,
  };
}

/** Mobaro's pages name the resource, and none that could be read says where its list is. */
function listSomewhere(about: string): StreamDefinition {
  return {
    ...list(about, '/{path}', { grade: 'unverified' }),
    params: {
      path: {
        meaning: 'the last part of the path of the list, as in your copy of the endpoint reference',
        pattern: '[A-Za-z][A-Za-z0-9_-]*',
      },
    },
  };
}

export const streams: Readonly<Record<string, StreamDefinition>> = {
  users: { ...list('a user', '/users', { grade: 'vendor' }), default: true },
  timesheets: { ...list('a timesheet', '/timesheets', { grade: 'vendor' }), default: true },
  locations: {
    ...list('a location', '/locations', { grade: 'live', pageSize: 128 }),
    default: true,
  },
  results: {
    ...list('a checklist as it was answered', '/results', { grade: 'live' }),
    // Dates "must be UTC". Whether either bound is counted in is not said.
    query: { AnsweredAfter: '{since}', AnsweredBefore: '{until}' },
    // No result with its id has been published. Every row that has been seen has an `id`, so it is looked for first; a
    // result with neither halts the stream as `rejected`.
    id: [[['id'], ['resultId']]],
    // A phone without a network may send its answers late, and a filter on when they came is not known.
    windows: { days: 7, format: 'instant', lookBackHours: 72, historyDays: 365 },
    default: true,
  },
  assets: list('an asset', '/assets', { grade: 'vendor' }),
  // Named among the endpoints. A webhook may be set up with a secret of its own, and whether that comes back is not said.
  webhooks: list('a webhook', '/webhooks', { grade: 'vendor' }),
  'user-groups': {
    about: 'that a user is in a user group',
    method: 'GET',
    path: '/usergroups/{parent}',
    params: {
      ids: {
        // Both are sent as they are given: which of the two is taken is not documented.
        meaning: 'the ids of the groups, whole (usergroups/310-A) or the part behind the slash',
        pattern: '[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9_-]+)?',
        many: true,
      },
    },
    // A list of all groups is not known, so the user names them.
    parents: { param: 'ids', as: 'userGroupId' },
    items: { path: ['users'] },
    // A user may be in several groups.
    id: [[['userGroupId']], [['id']]],
    paging: { kind: 'none' },
    grade: 'live',
  },
  downtimes: listSomewhere('a downtime of a ride'),
  notes: listSomewhere('a note'),
  checklists: listSomewhere('a checklist'),
  schedules: listSomewhere('a schedule'),
  assignments: listSomewhere('an assignment'),
};
