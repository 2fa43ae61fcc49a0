import { json } from '../frame/answer.ts';
import { exact, fromJson, isJsonObject, toJson, type JsonObject } from '../frame/json.ts';
import { randomFor } from '../frame/random.ts';
import { date } from '../frame/timeline.ts';
import type { Answer } from '../frame/vendor.ts';
import { bobErrors } from './errors.ts';
import { pageOf } from './paging.ts';
import type { Person } from './people.ts';
import { lazy, type Section } from './section.ts';

const day = 86_400_000;
const limits = { default: 50, max: 200 };

interface Payment {
  readonly employeeId: string;
  readonly id: string;
  readonly payDate: string;
  readonly value: JsonObject;
}

/** Payroll history, which is to be shut off, and actual payments. Sources: their references. */
export function payroll(seed: number, people: readonly Person[]): Section {
  const payments = lazy(() => people.flatMap((person, index) => paymentsOf(seed, person, index)));
  return {
    routes: [
      {
        method: 'GET',
        path: '/payroll/history',
        handle: ({ query }, _, now) => {
          const all = query.get('showInactive') === 'true';
          const shown = people.filter(({ active }) => all || active);
          return json(200, { employees: shown.map((person) => paid(person, now)) });
        },
      },
      {
        method: 'POST',
        path: '/people/actual-payments/search',
        handle: ({ body }, _, now) => searchPayments(payments(), body, seed, now),
      },
    ],
    ids: {
      'payroll-history': () => people.map(({ id }) => id),
      'actual-payments': () => payments().map(({ employeeId, id }) => `${employeeId}/${id}`),
    },
  };
}

function paid({ id, email, values, startsOn }: Person, now: number): JsonObject {
  return {
    id,
    email,
    displayName: values['root.displayName'],
    // They change by themselves.
    avatarUrl: `https://images.example.com/${id}?signature=${String(Math.floor(now / 1000))}`,
    work: { startDate: date(startsOn), tenureDuration: { days: Math.floor((now - startsOn) / day) } },
    payroll: { salary: { payment: { value: exact('41111.10'), currency: 'EUR' }, payPeriod: 'Annual' } },
  };
}

function paymentsOf(seed: number, person: Person, index: number): readonly Payment[] {
  const random = randomFor(seed, 'bob', 'actual-payments', index);
  return Array.from({ length: random.below(4) }, (_, place) => {
    const id = String(1 + place);
    const payDate = date(person.startsOn + (place + 1) * 90 * day);
    const payType = random.pick(['Bonus', 'Executive bonus', 'Commission']);
    const amount = { value: exact(`${String(1 + random.below(9))}55.50`), currency: 'EUR' };
    const value = { employeeId: person.id, id: exact(id), payDate, payType, amount };
    return { employeeId: person.id, id, payDate, value };
  });
}

/** A filter by at most 200 people is mandatory, two by the date are possible: with `value`, where the first has `values`. */
function searchPayments(
  payments: readonly Payment[],
  requestBody: string,
  seed: number,
  now: number,
): Answer {
  const body = fromJson(requestBody);
  const filters: unknown = isJsonObject(body) ? body.filters : undefined;
  if (!isJsonObject(body) || !Array.isArray(filters) || !filters.every(isJsonObject)) {
    return bobErrors.keyed(400, 'exception.filters.invalid', 'filters must be a list of filters');
  }
  const byPerson = filters.find(({ fieldPath }) => fieldPath === 'employeeId')?.values;
  if (!Array.isArray(byPerson) || byPerson.length < 1 || byPerson.length > 200) {
    const error = 'a filter by employeeId with 1 to 200 values is mandatory';
    return bobErrors.keyed(400, 'exception.filters.invalid', error);
  }
  const people = new Set<unknown>(byPerson);
  const bound = (operator: string, otherwise: string): string => {
    const filter = filters.find((one) => one.fieldPath === 'payDate' && one.operator === operator);
    return typeof filter?.value === 'string' ? filter.value : otherwise;
  };
  const [from, to] = [bound('greaterThanOrEquals', '0000-01-01'), bound('lessThanOrEquals', '9999-12-31')];
  const selected = payments.filter(
    ({ employeeId, payDate }) => people.has(employeeId) && payDate >= from && payDate <= to,
  );
  const paging = isJsonObject(body.pagination) ? body.pagination : {};
  const page = pageOf(
    selected,
    {
      limit: paging.limit === undefined ? null : toJson(paging.limit),
      cursor: typeof paging.cursor === 'string' ? paging.cursor : null,
      scan: `actual-payments ${String(seed)} ${toJson(filters)}`,
    },
    limits,
    now,
  );
  if (page.kind === 'refused') return page.refusal;
  return json(200, { results: page.rows.map(({ value }) => value), response_metadata: page.metadata });
}
