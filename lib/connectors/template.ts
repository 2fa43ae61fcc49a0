import { isObject } from './json.ts';

/** What may stand in braces in a stream's path, query and body. */
export interface Values {
  /** For `{today}`, epoch milliseconds. */
  readonly now: number;
  readonly since?: string;
  readonly until?: string;
  readonly parent?: string;
  readonly file?: string;
  readonly ids?: readonly string[];
}

/** A name in braces, and for a date so many days before or after it. */
const placeholder = /\{([a-z][A-Za-z]*)([+-]\d{1,4})?\}/g;

/** The names that stand in braces anywhere in `value`. */
export function placeholdersIn(value: unknown): readonly string[] {
  return [...JSON.stringify(value ?? null).matchAll(placeholder)].map(([, name = '']) => name);
}

/** Each value goes into the path as one segment, with any content. */
export function fillPath(path: string, values: Values): string {
  return path.replace(placeholder, (_, name: string, days?: string) => {
    return segmentOf(name, textFor(name, days, values));
  });
}

/** Whether it can be a segment of a path: a URL takes two names for steps between its segments, encoded or not. */
export function isSegment(value: string): boolean {
  return value !== '.' && value !== '..' && value.isWellFormed();
}

/** @throws Error for what is no segment */
function segmentOf(name: string, value: string): string {
  if (!isSegment(value)) throw new Error(`{${name}} cannot be ${value} in a path`);
  return encodeURIComponent(value);
}

export function fillText(text: string, values: Values): string {
  return text.replace(placeholder, (_, name: string, days?: string) => textFor(name, days, values));
}

/** A JSON value with everything filled in; `{ids}`, by itself, becomes a list. */
export function fillJson(value: unknown, values: Values): unknown {
  if (value === '{ids}') return values.ids ?? missing('ids');
  if (typeof value === 'string') return fillText(value, values);
  if (Array.isArray(value)) return value.map((entry) => fillJson(entry, values));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillJson(inner, values)]));
}

/** Puts in what the user has said, once and for all: `params` that are one text each. A path takes each as one segment. */
export function withParams<T>(value: T, params: Readonly<Record<string, unknown>>): T {
  const put = (inner: unknown, encode: boolean): unknown => {
    if (typeof inner === 'string') {
      return inner.replace(placeholder, (whole, name: string) => {
        const given = Object.hasOwn(params, name) ? params[name] : undefined;
        if (typeof given !== 'string') return whole;
        return encode ? segmentOf(name, given) : given;
      });
    }
    if (Array.isArray(inner)) return inner.map((entry) => put(entry, encode));
    if (!isObject(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, part]) => [key, put(part, key === 'path')]));
  };
  return put(value, false) as T;
}

const dayMs = 86_400_000;

function textFor(name: string, days: string | undefined, values: Values): string {
  switch (name) {
    case 'today':
      return new Date(values.now + Number(days ?? 0) * dayMs).toISOString().slice(0, 10);
    case 'since':
    case 'until':
    case 'parent':
    case 'file':
      return values[name] ?? missing(name);
    default:
      return missing(name);
  }
}

function missing(name: string): never {
  throw new Error(`There is nothing to put in the place of {${name}}`);
}
