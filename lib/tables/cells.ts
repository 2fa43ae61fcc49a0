import { segmentsOf } from '../connectors/field-names.ts';
import { isObject, jsonText, textOf, type JsonObject } from '../connectors/json.ts';

/** One value of a flat row. Numbers are the digits that the vendor wrote, lists their JSON. */
export type Cell =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'boolean'; readonly is: boolean }
  | { readonly kind: 'json'; readonly json: string };

/** By its path, as `pathKey` writes it. What is null has no cell. */
export type Cells = ReadonlyMap<string, Cell>;

/** In no key of a vendor's: a point may be, so that `a.b` and `b` below `a` are told apart. */
const between = '\u0000';

export function pathKey(path: readonly string[]): string {
  return path.join(between);
}

export function pathOf(key: string): readonly string[] {
  return key.split(between);
}

/** As people name a field: `work.title`. */
export function nameOf(path: readonly string[]): string {
  return path.map((segment) => (segment === '' ? '_' : segment)).join('.');
}

/**
 * A row as flat cells. Two forms of one field are one cell: `/work/title`, `work.title`, and `title` below `work`; what is at
 * `root` or in `fields` has no level of its own, and `{value, humanReadable}` is the value, with the words below
 * `humanReadable`. Of two forms in one row the first that is not null counts.
 *
 * @param row as `parseJson` gives it
 * @param onCell is told of each value the key of its cell, and its own keys from the top of the row
 */
export function cellsOf(row: JsonObject, onCell?: (key: string, keys: readonly string[]) => void): Cells {
  const cells = new Map<string, Cell>();
  // They are of no use to most, and every value would have a list of its own.
  const below = (keys: readonly string[], key: string): readonly string[] =>
    onCell === undefined ? keys : [...keys, key];
  const add = (path: readonly string[], keys: readonly string[], value: unknown): void => {
    const labelled = labelledIn(value);
    if (labelled !== null) {
      add(path, below(keys, 'value'), labelled.value);
      add(['humanReadable', ...path], below(keys, 'humanReadable'), labelled.humanReadable);
      return;
    }
    if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) add([...path, key], below(keys, key), inner);
      return;
    }
    const cell = cellOf(value);
    if (cell === null) return;
    const key = pathKey(path);
    onCell?.(key, keys);
    if (!cells.has(key)) cells.set(key, cell);
  };
  for (const [key, value] of Object.entries(row)) {
    const isContainer = (key === 'fields' || key === 'root') && isObject(value);
    if (!isContainer) add(topPath(key), [key], value);
    else for (const [inner, one] of Object.entries(value)) add(topPath(inner), [key, inner], one);
  }
  return cells;
}

/** At the top of a row a key may be a whole path; below it a point is a part of the key. */
function topPath(key: string): readonly string[] {
  const segments = segmentsOf(key);
  if (segments.length === 0) return [key];
  return segments[0] === 'root' && segments.length > 1 ? segments.slice(1) : segments;
}

/** `{value, humanReadable}`, and nothing else in it. */
function labelledIn(value: unknown): { readonly value: unknown; readonly humanReadable: unknown } | null {
  if (!isObject(value) || !Object.hasOwn(value, 'value')) return null;
  const isLabelled = Object.keys(value).every((key) => key === 'value' || key === 'humanReadable');
  return isLabelled ? { value: value['value'], humanReadable: value['humanReadable'] } : null;
}

function cellOf(value: unknown): Cell | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (typeof value === 'boolean') return { kind: 'boolean', is: value };
  const digits = textOf(value);
  return digits === null ? { kind: 'json', json: jsonText(value) } : { kind: 'number', digits };
}
