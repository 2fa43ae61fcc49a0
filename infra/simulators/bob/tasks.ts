import { json } from '../frame/answer.ts';
import { exact, type JsonObject } from '../frame/json.ts';
import { randomFor } from '../frame/random.ts';
import { date, moment } from '../frame/timeline.ts';
import type { Person } from './people.ts';
import { lazy, type Section } from './section.ts';

const cap = 5000;

/** GET /tasks: not paged, and cut off after 5000 without a word. */
export function tasks(seed: number, people: readonly Person[], size = 90): Section {
  const rows = lazy(() =>
    Array.from({ length: Math.min(size, cap) }, (_, index) => taskOf(seed, people, index)),
  );
  return {
    routes: [{ method: 'GET', path: '/tasks', handle: () => json(200, { tasks: rows() }) }],
    ids: { tasks: () => rows().map(({ id }) => String(id)) },
  };
}

function taskOf(seed: number, people: readonly Person[], index: number): JsonObject {
  const random = randomFor(seed, 'bob', 'tasks', index);
  const named = (): JsonObject | null => {
    const person = people[random.below(Math.max(1, people.length))];
    return person
      ? { id: person.id, displayName: person.values['root.displayName'], email: person.email }
      : null;
  };
  return {
    id: exact(String(8_000_000 + index * 3)),
    title: random.pick(['Feed the imaginary dragon', 'Sign the made-up form', 'Test a fixture']),
    owner: named(),
    requestedFor: named(),
    due: date(moment(index)),
    set: 'Onboarding of nobody',
    status: 'open',
    completionDate: null,
  };
}
