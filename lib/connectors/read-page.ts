import { createHash } from 'node:crypto';

import type { Items, JsonPath, StreamDefinition } from './connector.ts';
import { absentFields } from './coverage.ts';
import { withheld, withoutPaths, type Privacy } from './privacy.ts';
import { at, countOf, isObject, jsonText, sorted, textOf, type JsonObject } from './json.ts';

/** A row as the vendor gave it, less what is not to be kept, with its id. */
export interface Row {
  readonly id: string;
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
      /** Fields that were asked for and that no row has; null if no row can tell. */
      readonly absent: readonly string[] | null;
      /** Why the page is not all that there is; null if nothing says so. */
      readonly partial: string | null;
    }
  /** Not the shape that was promised: it may be better next time. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** The shape is right, but a row cannot be kept: it will be the same next time. Names path and index, no value. */
  | { readonly kind: 'unstorable'; readonly reason: string };

/** DynamoDB's limit for a sort key, in bytes of UTF-8. */
export const maxIdBytes = 1024;

export interface ReadOptions {
  readonly privacy: Privacy;
  /** That were asked for; null where there are none to choose. */
  readonly fields: readonly string[] | null;
  /** Whose rows were asked for, if it was somebody's. */
  readonly parent?: string | null;
}

/** Finds the rows, their ids and the signs of paging in an answer's JSON. */
export function readPage(
  definition: StreamDefinition,
  body: unknown,
  { privacy, fields, parent = null }: ReadOptions,
): PageReading {
  const found = findItems(definition.items, body);
  if (found.kind !== 'found') return found;
  const as = definition.parents?.as;
  const rows: Row[] = [];
  for (const { value: given, where } of found.items) {
    const value = as === undefined || parent === null ? given : withField(given, as, parent);
    if (!isObject(value)) return { kind: 'malformed', reason: `${where} is not an object` };
    const id = idOf(definition.id, value);
    if (id === null) {
      return { kind: 'unstorable', reason: `${where} has no id (looked for ${describeId(definition.id)})` };
    }
    const bytes = Buffer.byteLength(id);
    if (bytes > maxIdBytes) {
      return {
        kind: 'unstorable',
        reason: `${where} has an id of ${bytes} bytes; at most ${maxIdBytes} can be kept`,
      };
    }
    const kept = withheld(value, privacy);
    rows.push({ id, json: jsonText(kept), hash: hashOf(withoutPaths(kept, definition.volatile ?? [])) });
  }
  const { paging } = definition;
  const next = paging.kind === 'cursor' ? cursorOf(paging.next, body) : { cursor: null };
  if ('reason' in next) return { kind: 'malformed', reason: next.reason };
  return {
    kind: 'page',
    rows,
    entries: found.entries,
    total: paging.kind === 'offset' && paging.total !== undefined ? countOf(at(body, paging.total)) : null,
    cursor: next.cursor,
    absent: fields && absentFields(fields, found.items.map(({ value }) => value).filter(isObject)),
    partial: partialOf(definition, body, rows.length),
  };
}

type Found =
  | {
      readonly kind: 'found';
      readonly items: readonly Item[];
      readonly entries: number;
    }
  | { readonly kind: 'malformed'; readonly reason: string };

interface Item {
  readonly value: unknown;
  /** Names its place in the answer, and nothing of what it holds. */
  readonly where: string;
  /** What should be the rows below it is something else. */
  readonly isCut?: boolean;
}

function findItems(items: Items, body: unknown): Found {
  const { nested } = items;
  const list = findList(items, body);
  // A missing array is never "no rows": absence has to be said.
  if (list === null) {
    const places = [items.path, ...(items.or ?? [])].map(nameOf).join(' or ');
    return { kind: 'malformed', reason: `the answer has no ${items.keyed ? 'list' : 'array'} at ${places}` };
  }
  if (nested === undefined) return { kind: 'found', items: list, entries: list.length };
  const found: Item[] = [];
  for (const { value: parent, where } of list) {
    const names = typeof nested.list === 'string' ? [nested.list] : nested.list;
    const inner = names.map((name) => childrenOf(parent, name)).find((children) => children !== null);
    if (inner === undefined) {
      return { kind: 'malformed', reason: `${where} has no array at ${names.join(' or ')}` };
    }
    const carried = at(parent, [nested.carry]);
    for (const child of inner.map((value, place) => ({
      value,
      where: `${where}.${names[0] ?? ''}[${place}]`,
    }))) {
      const rows: readonly Item[] = nested.tree === undefined ? [child] : branches(child, nested.tree, null);
      const cut = rows.find(({ isCut }) => isCut);
      if (cut !== undefined) {
        return { kind: 'malformed', reason: `${cut.where} has no array at ${nested.tree ?? ''}` };
      }
      found.push(
        ...rows.map(({ value, where }) => ({
          value: withField(value, nested.as ?? nested.carry, carried),
          where,
        })),
      );
    }
  }
  return { kind: 'found', items: found, entries: list.length };
}

function findList({ path, or = [], keyed }: Items, body: unknown): readonly Item[] | null {
  for (const place of [path, ...or]) {
    const list = at(body, place);
    const name = nameOf(place);
    if (Array.isArray(list)) {
      // Bob's specification has each row of some lists in a list of its own.
      return list.flatMap((entry: unknown, index) =>
        (Array.isArray(entry) ? (entry as unknown[]) : [entry]).map((value) => ({
          value,
          where: `${name}[${index}]`,
        })),
      );
    }
    // The keys are the vendor's names: they may say more than a reason should.
    // An answer that is an empty object says nothing; one in a named place says that there is nothing.
    const says = place.length > 0 || (isObject(list) && Object.keys(list).length > 0);
    if (keyed !== undefined && says && isObject(list) && Object.values(list).every(isObject)) {
      return Object.entries(list).map(([key, value], index) => ({
        value: withField(value, keyed, key),
        where: `${name}{${index}}`,
      }));
    }
  }
  return null;
}

function nameOf(path: JsonPath): string {
  return path.length === 0 ? 'the answer' : path.join('.');
}

function childrenOf(parent: unknown, name: string): readonly unknown[] | null {
  const inner = at(parent, [name]);
  const children: unknown = Array.isArray(inner) ? inner : at(inner, [name]);
  return Array.isArray(children) ? (children as readonly unknown[]) : null;
}

function withField(value: unknown, name: string, content: unknown): unknown {
  if (!isObject(value) || Object.hasOwn(value, name) || content === undefined) return value;
  return { [name]: content, ...value };
}

/** A row and all below it, each without what is below. */
function branches({ value, where }: Item, tree: string, parentId: unknown): Item[] {
  if (!isObject(value)) return [{ value, where }];
  const { [tree]: below, ...own } = value;
  const isCut = below !== undefined && below !== null && !Array.isArray(below);
  const row: Item = { value: parentId === null ? own : withField(own, 'parentId', parentId), where, isCut };
  const children: readonly unknown[] = Array.isArray(below) ? below : [];
  return [
    row,
    ...children.flatMap((child, index) =>
      branches({ value: child, where: `${where}.${tree}[${index}]` }, tree, own['id'] ?? null),
    ),
  ];
}

function idOf(parts: StreamDefinition['id'], row: JsonObject): string | null {
  const found = parts.map((paths) => firstText(paths, row));
  return found.every((part) => part !== null) ? found.join('/') : null;
}

function firstText(paths: readonly JsonPath[], row: JsonObject): string | null {
  for (const path of paths) {
    const text = textOf(at(row, path));
    if (text !== null && text !== '') return text;
  }
  return null;
}

function describeId(parts: StreamDefinition['id']): string {
  return parts.map((paths) => paths.map((path) => path.join('.')).join(' or ')).join(', and ');
}

/**
 * The first place that the answer has decides: a `null` there is the vendor's word that nothing follows, whatever stands in a
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
