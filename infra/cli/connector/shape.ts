import { isObject, textOf } from '../../../lib/connectors/json.ts';

/** What kind of value it is, and how long, without the value itself: `text(12)`, `int(3)`, `time`, `list(2)`. */
export function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return '';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return shapeOfText(value);
  const digits = textOf(value);
  if (digits !== null) return `${/^-?\d+$/.test(digits) ? 'int' : 'decimal'}(${String(digits.length)})`;
  if (Array.isArray(value)) return `list(${String(value.length)})`;
  return isObject(value) ? `object(${String(Object.keys(value).length)})` : 'unknown';
}

/** The same without lengths: two values of one type are of one column. */
export function typeOf(value: unknown): string {
  return shapeOf(value).replace(/\(\d+\)$/, '');
}

const texts: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}-\d\d-\d\d$/, 'date'],
  [/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/, 'time'],
  [/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/, 'time, no zone'],
  [/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'uuid'],
];

function shapeOfText(text: string): string {
  return texts.find(([form]) => form.test(text))?.[1] ?? `text(${String(text.length)})`;
}

/** Of one field of rows. */
export interface FieldSeen {
  readonly types: ReadonlySet<string>;
  /** How often it came. */
  readonly times: number;
}

/** By path, the fields of rows: of objects within, each field; of lists, that they are lists. */
export function fieldsOf(rows: readonly unknown[]): ReadonlyMap<string, FieldSeen> {
  const fields = new Map<string, { readonly types: Set<string>; times: number }>();
  const add = (value: unknown, path: string): void => {
    if (isObject(value) && Object.keys(value).length > 0) {
      for (const [key, inner] of Object.entries(value)) add(inner, path === '' ? key : `${path}.${key}`);
      return;
    }
    const field = fields.get(path) ?? { types: new Set(), times: 0 };
    field.types.add(typeOf(value));
    field.times += 1;
    fields.set(path, field);
  };
  for (const row of rows) add(row, '');
  return fields;
}
