import { isObject, type JsonObject } from '../connectors/json.ts';
import { cellsOf, pathKey, pathOf } from './cells.ts';
import { addSeen, note, nothingSeen, type ValuesSeen } from './column-type.ts';

/** What fields some rows have, by their paths as `pathKey` writes them: how often each came, and of which kinds. Never a value. */
export interface FieldCounts {
  readonly rows: number;
  readonly fields: ReadonlyMap<string, Readonly<ValuesSeen>>;
}

export const noFields: FieldCounts = { rows: 0, fields: new Map() };

/** Counts the fields of rows, one row after the other, or of some that have been counted. */
export class FieldCounter {
  #rows = 0;
  #fields = new Map<string, ValuesSeen>();

  add(row: JsonObject): void {
    this.#rows += 1;
    for (const [key, cell] of cellsOf(withoutOddKeys(row))) note(seenIn(this.#fields, key), cell);
  }

  addCounts({ rows, fields }: FieldCounts): void {
    this.#rows += rows;
    for (const [key, seen] of fields) addSeen(seenIn(this.#fields, key), seen);
    // However many pages there are, and whatever keys they have.
    if (this.#fields.size > 2 * maxFields) this.#fields = new Map(this.counted().fields);
  }

  counted(): FieldCounts {
    return bounded({ rows: this.#rows, fields: this.#fields });
  }
}

/** In the place of keys that are no names of fields. */
const anyKey = '*';

export function hasAnyKey(key: string): boolean {
  return pathOf(key).includes(anyKey);
}

/** Keys of one object; more than that are ids or dates, and no names. At the top of a row every key is a field. */
const maxSiblings = 50;
export const maxFields = 2000;
/** Of a path: one that is longer leads nowhere that people look. */
const maxPathLength = 300;
/** Of all paths together: they are stored as one item, of which DynamoDB takes 400 KB. */
const maxPathsLength = 100_000;

/** The same with fewer paths: of those that are left after `collapsing`, the ones that come most often. */
function bounded(counts: FieldCounts): FieldCounts {
  const { rows, fields } = rekeyed(counts, collapsing(counts.fields.keys()));
  const fits = [...fields].filter(([key]) => key.length <= maxPathLength);
  const length = fits.reduce((sum, [key]) => sum + key.length, 0);
  if (fits.length <= maxFields && length <= maxPathsLength) return { rows, fields: new Map(fits) };
  const most = fits.toSorted(([a, { rows: x }], [b, { rows: y }]) => y - x || (a < b ? -1 : 1));
  let left = maxPathsLength;
  const kept = most.slice(0, maxFields).filter(([key]) => (left -= key.length) >= 0);
  return { rows, fields: new Map(kept) };
}

/** A key at the top is judged as it is, before it is taken for a path at its points: an address has some. */
function withoutOddKeys(row: JsonObject): JsonObject {
  const isOdd = (key: string): boolean => !isTopName(key);
  const judged = (object: JsonObject): JsonObject =>
    Object.keys(object).some(isOdd)
      ? Object.fromEntries(Object.entries(object).map(([key, value]) => [isOdd(key) ? anyKey : key, value]))
      : object;
  const found = judged(row);
  const containers = ['fields', 'root'].filter((name) => isObject(found[name]));
  return containers.reduce<JsonObject>(
    (all, name) => ({ ...all, [name]: judged(all[name] as JsonObject) }),
    found,
  );
}

/**
 * What the keys of rows become in a schema: those that are data, and all keys of an object that has such a key or too many,
 * become `*`. They may be names and addresses of people, which must not stand there.
 */
export function collapsing(keys: Iterable<string>): (key: string) => string {
  const steps: ((key: string) => string)[] = [];
  // What lies below the same `*` may be too much only once it is together.
  for (let left = new Set(keys); ;) {
    const step = collapsingOnce(left);
    const next = new Set([...left].map(step));
    if (next.size === left.size && [...next].every((key) => left.has(key))) break;
    steps.push(step);
    left = next;
  }
  return (key) => steps.reduce((found, step) => step(found), key);
}

function collapsingOnce(keys: Iterable<string>): (key: string) => string {
  const below = new Map<string, Set<string>>();
  for (const key of keys) {
    const path = pathOf(key);
    for (let depth = 1; depth < path.length; depth += 1) {
      const parent = pathKey(path.slice(0, depth));
      below.set(parent, (below.get(parent) ?? new Set()).add(path[depth] ?? ''));
    }
  }
  const isWide = (siblings: ReadonlySet<string>): boolean =>
    siblings.size > maxSiblings || [...siblings].some((key) => key === anyKey || !isName(key));
  const wide = new Set([...below].flatMap(([parent, siblings]) => (isWide(siblings) ? [parent] : [])));
  return (key) => {
    const path = pathOf(key);
    if (path[0] === anyKey) return anyKey;
    return pathKey(
      path.map((segment, depth) => (depth > 0 && wide.has(pathKey(path.slice(0, depth))) ? anyKey : segment)),
    );
  };
}

/** The same under other keys; those that become one are added up. */
export function rekeyed({ rows, fields }: FieldCounts, keyFor: (key: string) => string): FieldCounts {
  const sum = new Map<string, ValuesSeen>();
  for (const [key, seen] of fields) addSeen(seenIn(sum, keyFor(key)), seen);
  return { rows, fields: sum };
}

/** As programs name a field: no words of a sentence, and nothing that an address, a number, a date or a path has. */
export function isName(key: string): boolean {
  return /^[\p{L}_$][\p{L}\p{M}\p{N}_$.:-]{0,63}$/u.test(key) && !isId(key);
}

/** Reports have columns such as `First name (legal)`, and Bob keys such as `/work/title`. */
export function isTopName(key: string): boolean {
  return /^[\p{L}_$#/][^@]{0,99}$/u.test(key) && !isId(key);
}

function isId(key: string): boolean {
  return /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,})$/i.test(key);
}

function seenIn(fields: Map<string, ValuesSeen>, key: string): ValuesSeen {
  const found = fields.get(key) ?? nothingSeen();
  fields.set(key, found);
  return found;
}
