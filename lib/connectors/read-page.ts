import { createHash } from 'node:crypto';

import type { Items, JsonPath, StreamDefinition } from './connector.ts';
import { at, countOf, isObject, jsonText, textOf, type JsonObject } from './json.ts';

/** A row as the vendor gave it, with its id. */
export interface Row {
  readonly id: string;
  readonly json: string;
  /** SHA-256 over the JSON with its keys sorted, base64. */
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
      /** Why the page is not all that there is; null if nothing says so. */
      readonly partial: string | null;
    }
  /** Not the shape that was promised: it may be better next time. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** The shape is right, but a row cannot be kept: it will be the same next time. Names path and index, no value. */
  | { readonly kind: 'unstorable'; readonly reason: string };

/** DynamoDB's limit for a sort key, in bytes of UTF-8. */
export const maxIdBytes = 1024;

/** Finds the rows, their ids and the signs of paging in an answer's JSON. */
export function readPage(definition: StreamDefinition, body: unknown): PageReading {
  const found = findItems(definition.items, body);
  if (found.kind !== 'found') return found;
  const rows: Row[] = [];
  for (const { value, where } of found.items) {
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
    rows.push({ id, json: jsonText(value), hash: hashOf(value) });
  }
  const { paging } = definition;
  return {
    kind: 'page',
    rows,
    entries: found.entries,
    total: paging.kind === 'offset' ? countOf(at(body, paging.total)) : null,
    cursor: paging.kind === 'cursor' ? cursorOf(paging.next, body) : null,
    partial: definition.partial ? partialOf(definition.partial, body) : null,
  };
}

type Found =
  | {
      readonly kind: 'found';
      readonly items: readonly { readonly value: unknown; readonly where: string }[];
      readonly entries: number;
    }
  | { readonly kind: 'malformed'; readonly reason: string };

function findItems({ path, nested }: Items, body: unknown): Found {
  const name = path.join('.');
  const list = at(body, path);
  // A missing array is never "no rows": absence has to be said.
  if (!Array.isArray(list)) return { kind: 'malformed', reason: `the answer has no array at ${name}` };
  const entries: readonly unknown[] = list;
  if (nested === undefined) {
    const items = entries.map((value, index) => ({ value, where: `${name}[${index}]` }));
    return { kind: 'found', items, entries: entries.length };
  }
  const items: { value: unknown; where: string }[] = [];
  for (const [index, parent] of entries.entries()) {
    const inner = at(parent, [nested.list]);
    const children: unknown = Array.isArray(inner) ? inner : at(inner, [nested.list]);
    if (!Array.isArray(children)) {
      return { kind: 'malformed', reason: `${name}[${index}] has no array at ${nested.list}` };
    }
    const carried = at(parent, [nested.carry]);
    for (const [place, child] of children.entries()) {
      const bare = isObject(child) && !Object.hasOwn(child, nested.carry) && carried !== undefined;
      items.push({
        value: bare ? { [nested.carry]: carried, ...child } : (child as unknown),
        where: `${name}[${index}].${nested.list}[${place}]`,
      });
    }
  }
  return { kind: 'found', items, entries: entries.length };
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

function cursorOf(paths: readonly JsonPath[], body: unknown): string | null {
  return isObject(body) ? firstText(paths, body) : null;
}

/** Bob's `errors`: an object by employee, or a list. Says how many, and no ids. */
function partialOf(path: JsonPath, body: unknown): string | null {
  const errors = at(body, path);
  const count = Array.isArray(errors) ? errors.length : isObject(errors) ? Object.keys(errors).length : 0;
  return count === 0 ? null : `the vendor left ${count} out (${path.join('.')} in its answer)`;
}

/** Key order means nothing in JSON, so a vendor that shuffles its keys has changed nothing. */
function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(jsonText(sorted(value)))
    .digest('base64');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // From entries, not by assignment: a key named __proto__ must stay a key.
  return Object.fromEntries(pairs.map(([key, inner]) => [key, sorted(inner)]));
}
