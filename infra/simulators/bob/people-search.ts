import { json } from '../frame/answer.ts';
import { exact, fromJson, isJsonObject, type JsonObject } from '../frame/json.ts';
import type { Answer } from '../frame/vendor.ts';
import { bobErrors } from './errors.ts';
import { peopleFields, slashKey } from './people-fields.ts';
import type { Person } from './people.ts';

const maxFields = 400;
const filterable = new Map<string, (person: Person) => string>([
  ['root.id', (person) => person.id],
  ['root.email', (person) => person.email],
]);

type HumanReadable = '' | 'APPEND' | 'REPLACE';
type Read<T> = { readonly value: T } | { readonly refusal: Answer };

/**
 * POST /people/search: all people in one answer, at most one filter, leavers only with `showInactive`. Fields that are
 * unknown are left out of the answer without a word. Source: Bob's "People read API contract".
 */
export function searchPeople(people: readonly Person[], requestBody: string, now: number): Answer {
  const body = bodyOf(requestBody);
  if (!body) return malformedBody();
  const fields = fieldsOf(body);
  if ('refusal' in fields) return fields.refusal;
  const filter = filterOf(body);
  if ('refusal' in filter) return filter.refusal;

  const showInactive = body.showInactive === true;
  const found = people.filter((person) => (showInactive || person.active) && filter.value(person));
  return json(200, { employees: found.map((person) => render(person, fields.value, readableOf(body), now)) });
}

/** POST /people/{id or email}: the person as a bare object, whether they have left or not. */
export function readPerson(
  people: readonly Person[],
  identifier: string,
  requestBody: string,
  now: number,
): Answer {
  const body = bodyOf(requestBody);
  if (!body) return malformedBody();
  const fields = fieldsOf(body);
  if ('refusal' in fields) return fields.refusal;
  const person = people.find(({ id, email }) => id === identifier || email === identifier);
  if (!person) return bobErrors.keyed(404, 'exception.employee.notfound', 'employee not found', [identifier]);
  return json(200, render(person, fields.value, readableOf(body), now));
}

/** Each value twice, as Bob sends it: under its category, and, unless it is null, under its slash key. */
function render(
  person: Person,
  fields: readonly string[],
  humanReadable: HumanReadable,
  now: number,
): JsonObject {
  const nested: Record<string, unknown> = {};
  const slashed: Record<string, unknown> = {};
  const readable: Record<string, unknown> = {};
  for (const id of fields) {
    const label = person.labels[id];
    const value =
      (humanReadable === 'REPLACE' ? label : undefined) ?? person.values[id] ?? restless(person, id, now);
    put(nested, id, value);
    if (value !== null) slashed[slashKey(id)] = { value };
    if (humanReadable === 'APPEND' && value !== null) put(readable, id, label ?? value);
  }
  return { ...slashed, ...nested, ...(humanReadable === 'APPEND' && { humanReadable: readable }) };
}

const day = 86_400_000;

/** What changes from day to day without anybody having changed it. */
function restless({ id, startsOn }: Person, field: string, now: number): unknown {
  const today = Math.floor(now / day);
  switch (field) {
    case 'root.avatarUrl':
      return `https://images.example.com/${id}?signature=${String(today)}`;
    case 'work.tenureYears':
      return exact(((today - Math.floor(startsOn / day)) / 365).toFixed(2));
    default:
      return null;
  }
}

/** `root` is the top level itself; every other category is an object in it. */
function put(target: Record<string, unknown>, id: string, value: unknown): void {
  const [category = '', name = ''] = id.split('.');
  if (category === 'root') target[name] = value;
  else target[category] = { ...(target[category] as object | undefined), [name]: value };
}

function bodyOf(text: string): JsonObject | null {
  if (text === '') return {};
  const body = fromJson(text);
  return isJsonObject(body) ? body : null;
}

function malformedBody(): Answer {
  return bobErrors.keyed(400, 'exception.invalid.json', 'Invalid JSON in the request body');
}

function fieldsOf(body: JsonObject): Read<readonly string[]> {
  const known = peopleFields.map(({ id }) => id);
  const asked = body.fields;
  if (asked === undefined) return { value: known };
  if (!Array.isArray(asked) || !asked.every((id) => typeof id === 'string')) {
    return {
      refusal: bobErrors.keyed(400, 'exception.fields.invalid', 'fields must be a list of field ids'),
    };
  }
  if (asked.length > maxFields) {
    return {
      refusal: bobErrors.keyed(400, 'exception.fields.toomany', 'Too many fields', [String(maxFields)]),
    };
  }
  // Slash ids are understood, too: both notations are in use.
  const wanted = new Set(asked.map((id: string) => id.replace(/^\//, '').replaceAll('/', '.')));
  return { value: known.filter((id) => wanted.has(id)) };
}

function readableOf(body: JsonObject): HumanReadable {
  const mode = body.humanReadable;
  return mode === 'APPEND' || mode === 'REPLACE' ? mode : '';
}

function filterOf(body: JsonObject): Read<(person: Person) => boolean> {
  const filters = body.filters;
  if (filters === undefined) return { value: () => true };
  if (!Array.isArray(filters) || filters.length !== 1) {
    const error = 'filters must hold exactly one filter; leave it out to read all people';
    return { refusal: bobErrors.keyed(400, 'exception.filters.invalid', error) };
  }
  const filter: unknown = filters[0];
  const field: unknown = isJsonObject(filter) ? (filter.fieldPath ?? filter.fieldId) : undefined;
  if (!isJsonObject(filter) || typeof field !== 'string') return { refusal: bobErrors.filterWithoutField(0) };
  const keyOf = filterable.get(field.replace(/^\//, '').replaceAll('/', '.'));
  if (!keyOf) {
    const error = `Unknown field ID: ${field}`;
    return { refusal: bobErrors.keyed(400, error, error, [error]) };
  }
  const values: unknown = filter.values;
  if (filter.operator !== 'equals' || !Array.isArray(values)) {
    return {
      refusal: bobErrors.keyed(400, 'exception.filters.invalid', 'Only the operator equals is supported'),
    };
  }
  const wanted = new Set<unknown>(values);
  return { value: (person) => wanted.has(keyOf(person)) };
}
