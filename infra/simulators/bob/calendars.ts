import { bobErrors } from './errors.ts';
import { refused, searchObjects, type ObjectKind, type Values } from './object-search.ts';
import type { Person } from './people.ts';
import { lazy, type Section } from './section.ts';

const maxIds = 5000;

const employeeCalendar: ObjectKind = {
  kind: 'employeeCalendar',
  envelope: 'items',
  rendering: 'bare',
  paging: { within: 'top', limits: { default: 200, max: 1000 } },
  filters: { fields: ['employeeId'], mandatory: true },
};

/** POST /timeoff/calendars/employees/search: people who do not exist are left out without a word. Source: its reference. */
export function calendars(seed: number, people: readonly Person[]): Section {
  const rows = lazy(() => new Map(people.map((person, index) => [person.id, calendarOf(person, index)])));
  return {
    routes: [
      {
        method: 'POST',
        path: '/timeoff/calendars/employees/search',
        handle: ({ body }, _, now) =>
          searchObjects(employeeCalendar, [], { body, seed, now }, (_none, [clause]) => {
            if (clause?.operator !== 'equals') return refused('Supported operators: equals');
            if (clause.values.length > maxIds) {
              return {
                refusal: bobErrors.keyed(400, 'tooManyEmployeeIds', 'Too many employee ids', [
                  String(maxIds),
                ]),
              };
            }
            return { value: clause.values.map((id) => rows().get(id)).filter((row) => row !== undefined) };
          }),
      },
    ],
    ids: { 'employee-calendars': () => people.map(({ id }) => id) },
  };
}

function calendarOf({ id, values }: Person, index: number): Values {
  const isNone = index % 9 === 4;
  return {
    employeeId: id,
    calendarId: isNone ? null : `calendar-${String(1 + (index % 3))}`,
    calendarName: isNone ? null : `Holidays of Nowhere ${String(1 + (index % 3))}`,
    source: isNone ? 'none' : 'site',
    siteId: isNone ? null : (values['work.siteId'] ?? null),
  };
}
