import { isObject, type JsonObject } from './json.ts';

/**
 * A field is named as the vendor's documentation names it: `work.title`, or `/position/reason`. It comes in several forms, of which
 * one row may have two: under the keys `work`, `title`, under the one key `/work/title`, and again within `fields` or, in words,
 * within `humanReadable`. What is at the root has no level of its own: `root.email` may come as `email`. A name may be a
 * category, too: `home` is all fields that begin so.
 */
type Segments = readonly string[];

/** Objects that hold fields by their whole names. */
const containers: ReadonlySet<string> = new Set(['humanReadable', 'fields']);

/** Whether a row has something under this name. */
export function hasField(row: JsonObject, name: string): boolean {
  let found = false;
  changeField(row, name, (value) => {
    found = true;
    return value;
  });
  return found;
}

/** @param to what takes the value's place, wherever it is; undefined takes the key out */
export function changeField(row: JsonObject, name: string, to: (value: unknown) => unknown): JsonObject {
  return namesOf(segmentsOf(name)).reduce<JsonObject>(
    (found, segments) => changeIn(found, segments, to),
    row,
  );
}

/** `work` of `work.title`, and `position` of `/position/reason`. */
export function categoryOf(name: string): string {
  return segmentsOf(name)[0] ?? name;
}

/** `work` and `title` of `work.title`, and of `/work/title`. */
export function segmentsOf(name: string): Segments {
  return name.split(name.startsWith('/') ? '/' : '.').filter((segment) => segment !== '');
}

function namesOf(segments: Segments): readonly Segments[] {
  const [first, ...rest] = segments;
  if (first === 'root') return rest.length === 0 ? [segments] : [segments, rest];
  return rest.length === 0 ? [segments, ['root', ...segments]] : [segments];
}

function changeIn(object: JsonObject, segments: Segments, to: (value: unknown) => unknown): JsonObject {
  const entries = Object.entries(object).map(([key, value]) => [key, changeEntry(key, value, segments, to)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as JsonObject;
}

function changeEntry(
  key: string,
  value: unknown,
  segments: Segments,
  to: (value: unknown) => unknown,
): unknown {
  if (containers.has(key)) return below(value, segments, to);
  const own = segmentsOf(key);
  // The field itself, or one of the category that is named.
  if (isStartOf(segments, own)) return to(value);
  return own.length > 0 && isStartOf(own, segments) ? below(value, segments.slice(own.length), to) : value;
}

function below(value: unknown, segments: Segments, to: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => below(entry, segments, to));
  return isObject(value) ? changeIn(value, segments, to) : value;
}

function isStartOf(start: Segments, of: Segments): boolean {
  return (
    start.length > 0 && start.length <= of.length && start.every((segment, index) => segment === of[index])
  );
}
