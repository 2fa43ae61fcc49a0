import { json } from '../frame/answer.ts';
import type { Answer, VendorRequest } from '../frame/vendor.ts';
import { bobErrors } from './errors.ts';
import { pageOf } from './paging.ts';
import type { Person } from './people.ts';
import { lazy, type Section } from './section.ts';
import { bulkTableNames, entriesOf, type PersonEntries } from './table-entries.ts';

const limits = { default: 50, max: 200 };

/** GET /bulk/people/{table}, the same for all tables. */
export function bulkTables(seed: number, people: readonly Person[]): Section {
  const tables = bulkTableNames.map((name) => ({
    name,
    rows: lazy(() => people.map((person, index) => entriesOf(seed, name, person, index))),
  }));
  return {
    routes: tables.map(({ name, rows }) => ({
      method: 'GET',
      path: `/bulk/people/${name}`,
      handle: ({ query }, _, now) => tablePage(rows(), query, `${name} ${String(seed)}`, now),
    })),
    ids: Object.fromEntries(
      tables.map(({ name, rows }) => [
        name,
        () => rows().flatMap(({ employeeId, entryIds }) => entryIds.map((id) => `${employeeId}/${id}`)),
      ]),
    ),
  };
}

/**
 * Pages of people with all their entries, `limit` people a page; a person without entries comes with none. Sources: Bob's
 * "Pagination" and the bulk API's reference.
 */
function tablePage(
  rows: readonly PersonEntries[],
  query: VendorRequest['query'],
  table: string,
  now: number,
): Answer {
  const employeeIds = query.get('employeeIds');
  const wanted = employeeIds === null ? null : new Set(employeeIds.split(','));
  if (wanted && wanted.size > limits.max) {
    return bobErrors.keyed(400, 'exception.bulk.toomanyids', 'Too many employee ids', [String(limits.max)]);
  }
  const page = pageOf(
    wanted ? rows.filter(({ employeeId }) => wanted.has(employeeId)) : rows,
    { limit: query.get('limit'), cursor: query.get('cursor'), scan: `${table} ${employeeIds ?? ''}` },
    limits,
    now,
  );
  if (page.kind === 'refused') return page.refusal;
  return json(200, {
    results: page.rows.map(({ employeeId, values }) => ({ employeeId, values })),
    response_metadata: page.metadata,
    errors: [],
  });
}
