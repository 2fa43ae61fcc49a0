import { inventedPerson } from '../frame/invented-people.ts';
import { exact, type JsonObject } from '../frame/json.ts';
import { randomFor, type Random } from '../frame/random.ts';
import { date } from '../frame/timeline.ts';
import { employmentEntry } from './employment.ts';
import type { Entry } from './entry.ts';
import { peopleLists, type Person } from './people.ts';

interface Table {
  readonly least: number;
  readonly most: number;
  readonly make: (random: Random, entry: Entry) => JsonObject;
}

const day = 86_400_000;
const euros = (digits: string): JsonObject => ({ value: exact(digits), currency: 'EUR' });
const itemOf = (random: Random, list: string): string => random.pick(peopleLists[list] ?? []).id;

/** Bob's own tables, by the last part of their path. */
const tables: Readonly<Record<string, Table>> = {
  employment: { least: 1, most: 4, make: employmentEntry },
  work: {
    least: 1,
    most: 3,
    make: (random, { effective, isLast, person }) => ({
      effectiveDate: date(effective),
      isCurrent: isLast,
      title: itemOf(random, 'title'),
      department: itemOf(random, 'department'),
      siteId: exact(itemOf(random, 'site')),
      reportsTo: person.values['work.reportsTo'] ?? null,
      change: { reason: null, changedBy: null },
    }),
  },
  lifecycle: {
    least: 1,
    most: 2,
    make: (_, { effective, place, person }) => ({
      effectiveDate: date(effective),
      status: place === 0 ? 'hired' : person.active ? 'employed' : 'terminated',
      change: { reason: null, changedBy: null },
    }),
  },
  salaries: {
    least: 1,
    most: 4,
    make: (random, { effective, isLast }) => ({
      effectiveDate: date(effective),
      isCurrent: isLast,
      base: euros(`${String(1 + random.below(9))}1111.10`),
      payPeriod: 'Annual',
      payFrequency: 'Monthly',
      change: { reason: 'A made-up raise', changedBy: null },
    }),
  },
  equities: {
    least: 0,
    most: 2,
    make: (random, { effective }) => ({
      effectiveDate: date(effective),
      equityType: 'Pretend options',
      quantity: exact(String(100 * (1 + random.below(20)))),
      vestingTerm: '4 imaginary years',
    }),
  },
  variable: {
    least: 0,
    most: 2,
    make: (random, { effective }) => ({
      effectiveDate: date(effective),
      variableType: random.pick(['Bonus', 'Commission']),
      paymentPeriod: 'Quarterly',
      amount: euros(`${String(1 + random.below(9))}22.20`),
    }),
  },
  dependents: {
    least: 0,
    most: 2,
    make: (random, { person, place }) => ({
      firstName: inventedPerson(random.below(1000), person.id, place).firstName,
      relationship: random.pick(['Child', 'Partner']),
    }),
  },
  'right-to-work': {
    least: 0,
    most: 1,
    make: (random, { effective }) => ({
      documentType: 'Passport of Nowhere',
      issueDate: date(effective),
      expiryDate: date(effective + random.below(3000) * day),
    }),
  },
  entitlement: {
    least: 0,
    most: 2,
    make: (random, { effective }) => ({
      entitlementType: random.pick(['Sample allowance', 'Mock bicycle']),
      amount: euros('33.30'),
      effectiveDate: date(effective),
    }),
  },
  deduction: {
    least: 0,
    most: 2,
    make: (random, { effective }) => ({
      deductionType: random.pick(['Fictional fund', 'Example union']),
      amount: euros('4.40'),
      effectiveDate: date(effective),
    }),
  },
};

export const bulkTableNames: readonly string[] = Object.keys(tables);

export interface PersonEntries {
  readonly employeeId: string;
  readonly entryIds: readonly string[];
  readonly values: readonly JsonObject[];
}

/** What one table says of a person. Entry ids are unique only within the person and the table. */
export function entriesOf(seed: number, name: string, person: Person, index: number): PersonEntries {
  const table = tables[name];
  if (!table) throw new RangeError(`there is no table ${name}`);
  const random = randomFor(seed, 'bob', name, index);
  const count = table.least + random.below(table.most - table.least + 1);
  const places = Array.from({ length: count }, (_, place) => place);
  const entryIds = places.map((place) => entryId(index, place));
  return {
    employeeId: person.id,
    entryIds,
    values: places.map((place) => ({
      id: exact(entryId(index, place)),
      ...table.make(random, {
        effective: person.startsOn + place * 180 * day,
        place,
        isLast: place === count - 1,
        person,
      }),
    })),
  };
}

/**
 * Bare numbers. Ids made of a date have been seen with people in one and the same company; some are longer than a double can
 * hold, and the last digit is what tells two of those apart.
 */
function entryId(index: number, place: number): string {
  return index % 5 === 2 ? `900719925474099${String(3 + place)}` : `10000202${String(60_101 + place)}`;
}
