import { createHash } from 'node:crypto';

import { idParts, type Items, type JsonPath, type StreamDefinition } from './connector.ts';
import { absentFields } from './coverage.ts';
import { redacted, withoutPaths, type Privacy } from './privacy.ts';
import { at, countOf, isObject, jsonText, sorted, textOf, type JsonObject } from './json.ts';

/** A row as the vendor gave it, less what is not to be kept, with its id. */
export interface Row {
  readonly id: string;
  /** Under which an older version stored it, where that is something else: see decision 15. */
  readonly formerId?: string;
  readonly json: string;
  /** SHA-256 over the JSON with its keys sorted and without what changes by itself, base64. */
  readonly hash: string;
}

export type PageReading =
  | {
      readonly kind: 'page';
      readonly rows: readonly Row[];
      /** Entries at the level at which the vendor counts and pages. */
      readonly entries: number;
      readonly total: number | null;
      readonly cursor: string | null;
      /** Fields that were requested and that no row has; null if there is no row. */
      readonly absent: readonly string[] | null;
      /** Why the page is not all that there is; null if nothing says so. */
      readonly partial: string | null;
      /**
       * What the rows are known by, in their order, where some of them cannot be read: something in their places, for the vendor
       * counts them, too. Absent where all can be.
       */
      readonly places?: readonly string[];
    }
  /** Not the shape that was promised: it may be better next time. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** The shape is right, but a row cannot be kept: it will be the same next time. Names path and index, no value. */
  | { readonly kind: 'unstorable'; readonly reason: string };

/** DynamoDB's limit for a sort key, in bytes of UTF-8. */
export const maxIdBytes = 1024;

/** A cursor is kept in the checkpoint, of which DynamoDB takes 400 KB with everything else in it; those of real vendors have some KB. */
export const maxCursorBytes = 64 * 1024;

export interface ReadOptions {
  readonly privacy: Privacy;
  /** That were requested; null where there are none to choose. */
  readonly fields: readonly string[] | null;
  /** The parent whose rows were requested, if there is one. */
  readonly parent?: string | null;
  /** Is shown each row as it is kept. */
  readonly onRow?: (row: JsonObject) => void;
}

/** Finds the rows, their ids and the signs of paging in an answer's JSON. What cannot be read of it does not keep the rest away. */
export function readPage(
  definition: StreamDefinition,
  body: unknown,
  { privacy, fields, parent = null, onRow }: ReadOptions,
): PageReading {
  const { paging } = definition;
  const total =
    paging.kind === 'offset' && paging.total !== undefined ? countOf(at(body, paging.total)) : null;
  const next = paging.kind === 'cursor' ? cursorOf(paging.next, body) : { cursor: null };
  if ('reason' in next) return { kind: 'malformed', reason: next.reason };
  const found = findItems(definition.items, body, total);
  if (found.kind !== 'found') return found;
  const { flaws } = found;
  const as = definition.parents?.as;
  const rows: Row[] = [];
  const places: string[] = [];
  for (const { value: given, where } of found.items) {
    const value = as === undefined || parent === null ? given : withField(given, as, parent);
    const kept = isObject(value) ? redacted(value, privacy) : null;
    const hash = hashOf(kept === null ? value : withoutPaths(kept, definition.volatile ?? []));
    const id = isObject(value)
      ? definition.id === 'hash'
        ? hashedId(hash)
        : idOf(definition.id, value)
      : null;
    if (isObject(value) && id === null) {
      return {
        kind: 'unstorable',
        reason: `${where} has no id (looked for ${describeId(idParts(definition))})`,
      };
    }
    if (kept === null || id?.id.isWellFormed() !== true) {
      flaws.add(
        kept !== null ? `${where} has an id that is no text (half a character)` : `${where} is not an object`,
      );
      places.push(`unreadable ${hash}`);
      continue;
    }
    const bytes = Buffer.byteLength(id.id);
    if (bytes > maxIdBytes) {
      return {
        kind: 'unstorable',
        reason: `${where} has an id of ${bytes} bytes; at most ${maxIdBytes} can be kept`,
      };
    }
    onRow?.(kept);
    rows.push({ ...id, json: jsonText(kept), hash });
    places.push(id.id);
  }
  const why = whyNotReadable(next.cursor, flaws, rows.length + found.emptyLists);
  if (why !== null) return { kind: 'malformed', reason: why };
  return {
    kind: 'page',
    rows,
    entries: found.entries,
    total,
    cursor: next.cursor,
    absent: fields && absentFields(fields, found.items.map(({ value }) => value).filter(isObject)),
    partial: partialOf(definition, body, rows.length) ?? flaws.inWords(),
    ...(places.length > rows.length && { places }),
  };
}

/** @param good rows, and lists that say that they are empty @returns null for a page of which something can be kept */
function whyNotReadable(cursor: string | null, flaws: Flaws, good: number): string | null {
  if (good === 0 && flaws.count > 0) return flaws.inWords();
  if (cursor === null) return null;
  if (!cursor.isWellFormed()) return 'the cursor of the next page is no text (half a character)';
  const bytes = Buffer.byteLength(cursor);
  return bytes > maxCursorBytes
    ? `the cursor of the next page has ${bytes} bytes; at most ${maxCursorBytes} can be kept`
    : null;
}

/** What of an answer cannot be read, by its place and never by its value. */
class Flaws {
  count = 0;
  #first: string | null = null;

  add(flaw: string): void {
    this.count += 1;
    this.#first ??= flaw;
  }

  inWords(): string | null {
    return this.count <= 1 ? this.#first : `${this.#first} (and ${this.count - 1} more cannot be read)`;
  }
}

type Found =
  | {
      readonly kind: 'found';
      readonly items: readonly Item[];
      readonly entries: number;
      /** Within entries that hold lists of rows: those that are there and have none. */
      readonly emptyLists: number;
      readonly flaws: Flaws;
    }
  | { readonly kind: 'malformed'; readonly reason: string };

interface Item {
  readonly value: unknown;
  /** Names its place in the answer, and nothing of what it holds. */
  readonly where: string;
}

function findItems(items: Items, body: unknown, total: number | null): Found {
  const { nested } = items;
  const list = findList(items, body) ?? (isSaidToBeEmpty(items, body, total) ? [] : null);
  const flaws = new Flaws();
  // A missing array is never "no rows": absence has to be said.
  if (list === null) {
    const places = [items.path, ...(items.or ?? [])].map(nameOf).join(' or ');
    return { kind: 'malformed', reason: `the answer has no ${items.keyed ? 'list' : 'array'} at ${places}` };
  }
  if (nested === undefined) return { kind: 'found', items: list, entries: list.length, emptyLists: 0, flaws };
  const names = typeof nested.list === 'string' ? [nested.list] : nested.list;
  const found: Item[] = [];
  let emptyLists = 0;
  for (const { value: parent, where } of list) {
    const inner = names.map((name) => childrenOf(parent, name)).find((children) => children !== null);
    if (inner === undefined) {
      flaws.add(`${where} has no array at ${names.join(' or ')}`);
      continue;
    }
    if (inner.length === 0) emptyLists += 1;
    const carried = at(parent, [nested.carry]);
    for (const [place, value] of inner.entries()) {
      const child = { value, where: `${where}.${names[0] ?? ''}[${place}]` };
      for (const row of nested.tree === undefined ? [child] : branches(child, nested.tree, flaws)) {
        found.push({ value: withField(row.value, nested.as ?? nested.carry, carried), where: row.where });
      }
    }
  }
  return { kind: 'found', items: found, entries: list.length, emptyLists, flaws };
}

/** A list in the place of which stands `null`, with a total of 0 beside it. */
function isSaidToBeEmpty({ path, or = [] }: Items, body: unknown, total: number | null): boolean {
  return [path, ...or].some(
    (place) =>
      at(body, place) === null && (total === 0 || (total === null && saysNone(at(body, place.slice(0, -1))))),
  );
}

/** What vendors call the number of rows. */
const totals = ['total', 'totalCount', 'total_count', 'count'];

function saysNone(around: unknown): boolean {
  const said = totals.map((name) => at(around, [name])).filter((count) => count !== undefined);
  return said.length > 0 && said.every((count) => countOf(count) === 0);
}

function findList(items: Items, body: unknown): readonly Item[] | null {
  const places = [items.path, ...(items.or ?? [])];
  for (const place of places) {
    const list = at(body, place);
    if (Array.isArray(list)) return entriesOf(list, nameOf(place));
    if (items.keyed !== undefined && isKeyed(place, list, (values) => values.every(isObject))) {
      return valuesOf(list, items.keyed, nameOf(place));
    }
  }
  // Nothing has the shape as a whole: what has it in part is better than nothing.
  for (const place of places) {
    const list = at(body, place);
    // The answer itself may be anything, such as an error; where its rows lie deeper, that will be seen there.
    if (items.keyed === undefined || (place.length === 0 && items.nested === undefined)) continue;
    if (isKeyed(place, list, (values) => values.some(isObject))) {
      return valuesOf(list, items.keyed, nameOf(place));
    }
  }
  return null;
}

function entriesOf(list: readonly unknown[], name: string): readonly Item[] {
  // Bob's specification has each row of some lists in a list of its own.
  return list.flatMap((entry, index) =>
    (Array.isArray(entry) ? (entry as unknown[]) : [entry]).map((value) => ({
      value,
      where: `${name}[${index}]`,
    })),
  );
}

/** An answer that is an empty object says nothing; one in a named place says that there is nothing. */
function isKeyed(
  place: JsonPath,
  list: unknown,
  haveShape: (values: readonly unknown[]) => boolean,
): list is JsonObject {
  if (!isObject(list)) return false;
  const values = Object.values(list);
  return (values.length === 0 && place.length > 0) || (values.length > 0 && haveShape(values));
}

/** The keys are the vendor's names: they may say more than a reason should. */
function valuesOf(list: JsonObject, keyed: string, name: string): readonly Item[] {
  return Object.entries(list).map(([key, value], index) => ({
    value: withField(value, keyed, key),
    where: `${name}{${index}}`,
  }));
}

function nameOf(path: JsonPath): string {
  return path.length === 0 ? 'the answer' : path.join('.');
}

function childrenOf(parent: unknown, name: string): readonly unknown[] | null {
  const inner = at(parent, [name]);
  const children: unknown = Array.isArray(inner) ? inner : at(inner, [name]);
  if (Array.isArray(children)) return children as readonly unknown[];
  return inner === null && saysNone(parent) ? [] : null;
}

function withField(value: unknown, name: string, content: unknown): unknown {
  if (!isObject(value) || Object.hasOwn(value, name) || content === undefined) return value;
  return { [name]: content, ...value };
}

/** A row and all below it, each without what is below, in the order in which they stand. Lists may be long, and rows lie deep. */
function* branches(root: Item, tree: string, flaws: Flaws): Generator<Item, void, undefined> {
  const left: (Item & { readonly parentId?: unknown })[] = [root];
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    const { value, where, parentId = null } = item;
    if (!isObject(value)) {
      yield { value, where };
      continue;
    }
    const { [tree]: below = null, ...own } = value;
    yield { value: parentId === null ? own : withField(own, 'parentId', parentId), where };
    const isList = Array.isArray(below);
    if (!isList && below !== null) flaws.add(`${where} has no array at ${tree}`);
    const children: readonly unknown[] = isList ? below : [];
    for (let index = children.length - 1; index >= 0; index -= 1) {
      left.push({ value: children[index], where: `${where}.${tree}[${index}]`, parentId: own['id'] });
    }
  }
}

/** Of what is kept, so that nothing else can be told from it. In letters that a URL takes as they are. */
function hashedId(hash: string): Pick<Row, 'id'> {
  return { id: hash.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') };
}

export function hasId({ id }: StreamDefinition, row: JsonObject): boolean {
  return id !== 'hash' && idOf(id, row) !== null;
}

/** Null where a part of it is missing. */
function idOf(parts: readonly (readonly JsonPath[])[], row: JsonObject): Pick<Row, 'id' | 'formerId'> | null {
  const found: string[] = [];
  for (const paths of parts) {
    const part = firstText(paths, row);
    if (part === null) return null;
    found.push(part);
  }
  const plain = found.join('/');
  const id = found.length === 1 ? plain : found.map(escaped).join('/');
  return id === plain ? { id } : { id, formerId: plain };
}

/** So that the slash between two parts differs from one within a part: as in JSON Pointer (RFC 6901). */
function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

function firstText(paths: readonly JsonPath[], row: JsonObject): string | null {
  for (const path of paths) {
    const text = textOf(at(row, path));
    if (text !== null && text !== '') return text;
  }
  return null;
}

function describeId(parts: readonly (readonly JsonPath[])[]): string {
  return parts.map((paths) => paths.map((path) => path.join('.')).join(' or ')).join(', and ');
}

/**
 * The first place that the answer has decides: a `null` there is the vendor's word that nothing follows, with any value in a
 * later place. Some write an empty text or `false` for it.
 */
function cursorOf(
  paths: readonly JsonPath[],
  body: unknown,
): { readonly cursor: string | null } | { readonly reason: string } {
  const place = paths.find((path) => at(body, path) !== undefined);
  const value = place === undefined ? null : at(body, place);
  if (value === null || value === '' || value === false) return { cursor: null };
  const cursor = textOf(value);
  return cursor === null ? { reason: `the cursor at ${nameOf(place ?? [])} is no text` } : { cursor };
}

/** Bob's `errors`: an object by employee, or a list. Says how many, and no ids. */
function partialOf({ partial, cap }: StreamDefinition, body: unknown, rows: number): string | null {
  if (cap !== undefined && rows >= cap) return `the vendor gives ${cap} rows and is silent about the rest`;
  if (partial === undefined) return null;
  const errors = at(body, partial);
  const count = Array.isArray(errors) ? errors.length : isObject(errors) ? Object.keys(errors).length : 0;
  return count === 0 ? null : `the vendor left ${count} out (${partial.join('.')} in its answer)`;
}

/** Key order means nothing in JSON, so a vendor that shuffles its keys has changed nothing. */
function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(jsonText(sorted(value)))
    .digest('base64');
}
