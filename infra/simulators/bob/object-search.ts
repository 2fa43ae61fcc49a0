import { json } from '../frame/answer.ts';
import { fromJson, isJsonObject, toJson, type JsonObject } from '../frame/json.ts';
import type { Answer } from '../frame/vendor.ts';
import { bobErrors } from './errors.ts';
import { pageOf, type PageLimits } from './paging.ts';

/** One object: its values by the last part of their field ids (`fte` for `/position/fte`). */
export type Values = Readonly<Record<string, unknown>>;

export interface ObjectKind {
  /** As its field ids have it: `position`. */
  readonly kind: string;
  /** The key of the array in the answer; null for an answer that is the array. */
  readonly envelope: string | null;
  /** `bare`: `{"/skill/id": 1}`; `wrapped`: `{"/skill/id": {"value": 1}}`; `fields`: `{objectType, fields: {id: {value}}}`. */
  readonly rendering: 'bare' | 'wrapped' | 'fields';
  /** Where the body has `limit` and `cursor`; null for all in one answer, whatever it has. */
  readonly paging: { readonly within: 'top' | 'pagination'; readonly limits: PageLimits } | null;
  /** Which fields may be filtered by, and whether there has to be a filter. */
  readonly filters: { readonly fields: readonly string[]; readonly mandatory: boolean };
}

/** Clauses that were sent, already found to be sound. */
export interface Clause {
  readonly field: string;
  readonly operator: string;
  readonly values: readonly string[];
}

const maxFields = 50;

type Read<T> = { readonly value: T } | { readonly refusal: Answer };

/**
 * A search for objects: only fields that are asked for come, unknown ones are left out without a word, and all clauses have to
 * be met. Sources: "Object-based endpoints" and the references of the searches.
 *
 * @param select what the clauses leave; for kinds with operators of their own
 */
export function searchObjects(
  kind: ObjectKind,
  objects: readonly Values[],
  request: { readonly body: string; readonly seed: number; readonly now: number },
  select: (objects: readonly Values[], clauses: readonly Clause[]) => Read<readonly Values[]> = meetAll,
): Answer {
  const body = fromJson(request.body);
  if (!isJsonObject(body))
    return bobErrors.keyed(400, 'exception.invalid.json', 'Invalid JSON in the request body');
  const fields = body.fields;
  if (!Array.isArray(fields) || fields.length < 1 || fields.length > maxFields) {
    const error = `fields must hold 1 to ${String(maxFields)} field ids`;
    return bobErrors.keyed(400, 'exception.fields.invalid', error);
  }
  const clauses = clausesOf(kind, body.filters);
  if ('refusal' in clauses) return clauses.refusal;
  const selected = select(objects, clauses.value);
  if ('refusal' in selected) return selected.refusal;
  const render = (values: Values): JsonObject => rendered(kind, values, fields);
  if (kind.paging === null) return enveloped(kind, selected.value.map(render), {});

  const { within, limits } = kind.paging;
  const at = within === 'top' ? body : isJsonObject(body.pagination) ? body.pagination : {};
  const page = pageOf(
    selected.value,
    {
      limit: at.limit === undefined ? null : toJson(at.limit),
      cursor: typeof at.cursor === 'string' ? at.cursor : null,
      scan: `${kind.kind} ${String(request.seed)} ${toJson(body.filters ?? null)}`,
    },
    limits,
    request.now,
  );
  if (page.kind === 'refused') return page.refusal;
  return enveloped(kind, page.rows.map(render), { response_metadata: page.metadata });
}

/** GET of a part of the job catalogue: all its fields, paged by the query. */
export function listObjects(
  kind: ObjectKind,
  objects: readonly Values[],
  request: { readonly query: URLSearchParams; readonly seed: number; readonly now: number },
): Answer {
  const page = pageOf(
    objects,
    {
      limit: request.query.get('limit'),
      cursor: request.query.get('cursor'),
      scan: `${kind.kind} ${String(request.seed)}`,
    },
    kind.paging?.limits ?? { default: 100, max: 200 },
    request.now,
  );
  if (page.kind === 'refused') return page.refusal;
  const rows = page.rows.map((values) => rendered(kind, values, Object.keys(values)));
  return enveloped(kind, rows, { response_metadata: page.metadata });
}

function enveloped(kind: ObjectKind, rows: readonly JsonObject[], more: JsonObject): Answer {
  return json(200, kind.envelope === null ? rows : { [kind.envelope]: rows, ...more });
}

function rendered(kind: ObjectKind, values: Values, fields: readonly unknown[]): JsonObject {
  const named = fields.flatMap((field) => {
    const name = typeof field === 'string' ? nameOf(kind, field) : '';
    return Object.hasOwn(values, name) ? [[name, values[name] ?? null] as const] : [];
  });
  const entries = new Map(named);
  if (kind.rendering === 'fields') {
    const inner = [...entries].map(([name, value]) => [`/${kind.kind}/${name}`, { value }]);
    return { objectType: kind.kind, fields: Object.fromEntries(inner) as JsonObject };
  }
  const pairs = [...entries].map(([name, value]) => [
    `/${kind.kind}/${name}`,
    kind.rendering === 'bare' ? value : { value },
  ]);
  return Object.fromEntries(pairs) as JsonObject;
}

function nameOf({ kind }: ObjectKind, field: string): string {
  return field.startsWith(`/${kind}/`) ? field.slice(kind.length + 2) : field;
}

function clausesOf(kind: ObjectKind, filters: unknown): Read<readonly Clause[]> {
  const list: unknown = filters ?? [];
  if (!Array.isArray(list)) return refused('filters must be a list');
  if (list.length === 0 && kind.filters.mandatory) return refused('at least one filter is mandatory');
  const clauses: Clause[] = [];
  for (const [index, filter] of list.entries()) {
    const field: unknown = isJsonObject(filter) ? (filter.fieldId ?? filter.fieldPath) : undefined;
    if (!isJsonObject(filter) || typeof field !== 'string') {
      return { refusal: bobErrors.filterWithoutField(index) };
    }
    const name = nameOf(kind, field);
    if (!kind.filters.fields.includes(name)) return refused(`Unknown field ID: ${field}`);
    const values: unknown = filter.values;
    if (!Array.isArray(values) || values.length === 0) return refused('values must not be empty');
    clauses.push({ field: name, operator: String(filter.operator), values: values.map(String) });
  }
  return { value: clauses };
}

function meetAll(objects: readonly Values[], clauses: readonly Clause[]): Read<readonly Values[]> {
  if (!clauses.every(({ operator }) => operator === 'equals' || operator === 'notEqual')) {
    return refused('Supported operators: equals, notEqual');
  }
  const meets = (values: Values, { field, operator, values: wanted }: Clause): boolean =>
    wanted.includes(String(values[field])) === (operator === 'equals');
  return { value: objects.filter((values) => clauses.every((clause) => meets(values, clause))) };
}

export function refused(error: string): { readonly refusal: Answer } {
  return { refusal: bobErrors.keyed(400, 'exception.filters.invalid', error) };
}
