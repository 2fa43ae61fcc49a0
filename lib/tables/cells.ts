import { segmentsOf } from '../connectors/field-names.ts';
import { isObject, jsonText, textOf, type JsonObject } from '../connectors/json.ts';

/** One value of a flat row. Numbers are the digits that the vendor wrote, lists and wide objects their JSON. */
export type Cell =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'boolean'; readonly is: boolean }
  | { readonly kind: 'json'; readonly json: string };

/** By the name of the column: `work.title`. What is null has no cell. */
export type Cells = ReadonlyMap<string, Cell>;

/** The columns below which a column is one cell of JSON. */
export type Folded = ReadonlySet<string>;

/**
 * A row as flat cells. Two forms of one field are one column: `/work/title`, `work.title`, and `title` below `work`; what is at
 * `root` or in `fields` has no level of its own, and `{value, humanReadable}` is the value, with the words below
 * `humanReadable`. Of two forms in one row the first that is not null counts.
 *
 * @param row as `parseJson` gives it
 */
export function cellsOf(row: JsonObject, folded: Folded = new Set()): Cells {
  const cells = new Map<string, Cell>();
  const add = (path: readonly string[], value: unknown): void => {
    const name = path.join('.');
    if (isObject(value) && !folded.has(name)) {
      const labelled = labelledIn(value);
      if (labelled === null) {
        addAll(path, value);
        return;
      }
      add(path, labelled.value);
      add(['humanReadable', ...path], labelled.humanReadable);
      return;
    }
    const cell = cellOf(value);
    // What is not an object at the root or in `fields` is there by its own name.
    const own = name === '' ? '_' : name;
    if (cell !== null && !cells.has(own)) cells.set(own, cell);
  };
  const addAll = (path: readonly string[], object: JsonObject): void => {
    for (const [key, value] of Object.entries(object)) add(below(path, key), value);
  };
  addAll([], row);
  return cells;
}

function below(path: readonly string[], key: string): readonly string[] {
  const segments = segmentsOf(key);
  // A key of nothing but dots or slashes names no field, and no column may be without a name.
  if (segments.length === 0) return [...path, '_'];
  if (path.length > 0) return [...path, ...segments];
  if (key === 'fields') return [];
  return segments[0] === 'root' ? segments.slice(1) : segments;
}

/** `{value, humanReadable}`, and nothing else in it. */
function labelledIn(object: JsonObject): { readonly value: unknown; readonly humanReadable: unknown } | null {
  const keys = Object.keys(object);
  if (!keys.includes('value') || !keys.every((key) => key === 'value' || key === 'humanReadable'))
    return null;
  return { value: object['value'], humanReadable: object['humanReadable'] };
}

function cellOf(value: unknown): Cell | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (typeof value === 'boolean') return { kind: 'boolean', is: value };
  const digits = textOf(value);
  return digits === null ? { kind: 'json', json: jsonText(value) } : { kind: 'number', digits };
}
