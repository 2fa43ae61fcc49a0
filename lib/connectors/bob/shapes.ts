import type { JsonPath, Paging, StreamDefinition } from '../connector.ts';

/**
 * What Bob's endpoints have in common. Sources: apidocs.hibob.com, "Pagination", "Object-based endpoints" and the references
 * of the endpoints themselves.
 */

// The pagination guide says next_cursor, an older specification cursor; both have been seen.
const next: readonly JsonPath[] = [
  ['response_metadata', 'next_cursor'],
  ['response_metadata', 'cursor'],
];

interface Size {
  readonly default: number;
  readonly max: number;
}

/** `limit` and `cursor` in the query. More than 200 at a time is a 400, unless the endpoint says otherwise. */
export function queryCursor(pageSize: Size): Paging {
  return { kind: 'cursor', limit: 'limit', cursor: 'cursor', next, pageSize };
}

/** `limit` and `cursor` in the body: at its top, or in its object `pagination`. */
export function bodyCursor(within: 'top' | 'pagination', pageSize: Size): Paging {
  const path = within === 'top' ? [] : ['pagination'];
  return { kind: 'cursor', limit: 'limit', cursor: 'cursor', within: path, next, pageSize };
}

/**
 * Where the value of a field such as `/candidate/id` may be. The key is one literal key; its value comes bare (hiring,
 * calendars) or as `{value, humanReadable}` (job catalogue, workforce planning, job ads).
 */
export function field(name: string): readonly JsonPath[] {
  return [[name, 'value'], [name]];
}

/** The field ids of one kind of object: `/position/fte` for `fte`. */
export function fieldsOf(kind: string, ...names: readonly string[]): readonly string[] {
  return names.map((name) => `/${kind}/${name}`);
}

/** At most 50 are taken by the searches for objects; more are a 400. */
export const maxObjectFields = 50;

/**
 * A filter that lets every object through, for searches that refuse an empty list of filters: no object has the id 0. That
 * `notEqual` on an id may be used like this is seen in others' code; the operator and the field are documented.
 */
export function allBut(idField: string): Readonly<Record<string, unknown>> {
  return { filters: [{ fieldId: idField, operator: 'notEqual', values: ['0'] }] };
}

type Search = Pick<StreamDefinition, 'about' | 'path' | 'items' | 'id' | 'paging' | 'grade'> &
  Partial<StreamDefinition>;

/** A read that is a POST, for it takes the names of the fields: what is not requested does not come. */
export function search(fields: readonly string[], definition: Search): StreamDefinition {
  return {
    method: 'POST',
    body: { filters: [] },
    fields: { default: fields, max: maxObjectFields },
    ...definition,
  };
}
