import { html, json } from '../frame/answer.ts';
import { exact } from '../frame/json.ts';
import { randomFor } from '../frame/random.ts';
import { date } from '../frame/timeline.ts';
import type { Person } from './people.ts';
import type { Section } from './section.ts';

const tables = [
  { id: 'category_7001__equipment', name: 'Made-up equipment' },
  { id: 'category_7001__training', name: 'Pretend training' },
] as const;

/** The table whose entries stand for the stream `custom-table`. */
export const [{ id: customTable }] = tables;

/** Custom tables and what they say of one person at a time. Whoever does not exist is a 404 of HTML, as has been seen. */
export function customTables(seed: number, people: readonly Person[]): Section {
  const idsOf = (table: string, index: number): readonly string[] => {
    const random = randomFor(seed, 'bob', table, index);
    return Array.from({ length: random.below(4) }, (_, place) => `10000202${String(60_201 + place)}`);
  };
  return {
    routes: [
      {
        method: 'GET',
        path: '/people/custom-tables/metadata',
        handle: () =>
          json(200, {
            tables: tables.map(({ id, name }) => ({
              id,
              name,
              category: 'category_7001',
              description: 'Invented',
              columns: [{ id: `${id}__column_1`, name: 'What', type: 'text', mandatory: false }],
            })),
          }),
      },
      {
        method: 'GET',
        path: '/people/custom-tables/*',
        handle: (_, rest) => {
          const [employee, table = ''] = rest.split('/');
          const index = people.findIndex(({ id }) => id === employee);
          const person = people[index];
          if (!person || !tables.some(({ id }) => id === table)) return html(404, 'Not Found');
          return json(200, {
            values: idsOf(table, index).map((id) => ({
              id: exact(id),
              effectiveDate: date(person.startsOn),
              [`${table}__column_1`]: 'One imaginary thing',
            })),
          });
        },
      },
    ],
    ids: {
      'custom-tables': () => tables.map(({ id }) => id),
      'custom-table': () =>
        people.flatMap(({ id }, index) => idsOf(customTable, index).map((entry) => `${id}/${entry}`)),
    },
  };
}
