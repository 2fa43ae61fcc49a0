import { json } from '../answer.ts';
import { exact, type JsonObject } from '../json.ts';
import { randomFor } from '../random.ts';
import { date, naive } from '../timeline.ts';
import type { Answer } from '../vendor.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { bobErrors } from './errors.ts';
import type { Person } from './people.ts';

const defaultLimit = 50;
const maxLimit = 200;
const day = 86_400_000;

export interface Employment {
  readonly employeeId: string;
  readonly entryIds: readonly string[];
  readonly values: readonly JsonObject[];
}

/** A person's one to four employment entries. Entry ids are unique only within the person. */
export function employmentOf(seed: number, person: Person, index: number): Employment {
  const random = randomFor(seed, 'bob', 'employment', index);
  const count = 1 + random.below(4);
  const entries = Array.from({ length: count }, (_, place) => {
    const effective = person.startsOn + place * 180 * day;
    // Bare numbers. Ids made of a date have been seen with people in one and the same company; some are longer
    // than a double can hold, and the last digit is what tells two of those apart.
    const id = index % 5 === 2 ? `900719925474099${String(3 + place)}` : `10000202${String(60_101 + place)}`;
    return {
      id,
      value: {
        id: exact(id),
        effectiveDate: date(effective),
        activeEffectiveDate: date(effective),
        isCurrent: place === count - 1,
        contract: random.pick(['Permanent', 'Fixed term', null]),
        type: null,
        salaryPayType: random.pick(['Salary', 'Hourly']),
        weeklyHours: exact(random.pick(['37.50', '40.0', '18.75'])),
        fte: exact(random.pick(['100', '50.00'])),
        hourlyAllowance: {
          value: exact(random.pick(['1.10', '2.00', '0.3333333333333333333'])),
          currency: 'EUR',
        },
        change: { reason: place === 0 ? 'New hire of an invented person' : null, changedBy: null },
        creationDate: date(effective - 3 * day),
        modificationDate: naive(effective - day + random.below(86_400) * 1000),
      },
    };
  });
  return {
    employeeId: person.id,
    entryIds: entries.map(({ id }) => id),
    values: entries.map(({ value }) => value),
  };
}

/**
 * GET /bulk/people/employment: pages of people with all their entries, `limit` people a page. Sources: Bob's "Pagination"
 * and the bulk API's reference.
 */
export function employmentPage(
  rows: readonly Employment[],
  query: URLSearchParams,
  seed: number,
  now: number,
): Answer {
  const limit = query.get('limit') ?? String(defaultLimit);
  if (!/^\d{1,9}$/.test(limit) || Number(limit) < 1 || Number(limit) > maxLimit) {
    return bobErrors.stamped(400, 'BAD_REQUEST', `limit must be between 1 and ${String(maxLimit)}`, now);
  }
  const employeeIds = query.get('employeeIds');
  const wanted = employeeIds === null ? null : new Set(employeeIds.split(','));
  if (wanted && wanted.size > maxLimit) {
    return bobErrors.keyed(400, 'exception.bulk.toomanyids', 'Too many employee ids', [String(maxLimit)]);
  }
  const scan = `employment ${String(seed)} ${employeeIds ?? ''}`;
  const cursor = query.get('cursor');
  const offset = cursor === null ? 0 : readCursor(scan, cursor);
  if (offset === null) {
    return bobErrors.keyed(400, 'exception.pagination.cursor.invalid', 'Invalid cursor');
  }

  const selected = wanted ? rows.filter(({ employeeId }) => wanted.has(employeeId)) : rows;
  const end = offset + Number(limit);
  return json(200, {
    results: selected.slice(offset, end).map(({ employeeId, values }) => ({ employeeId, values })),
    response_metadata: { next_cursor: end < selected.length ? writeCursor(scan, end) : null },
    errors: [],
  });
}
