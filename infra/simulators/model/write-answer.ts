import type { JsonPath, StreamDefinition } from '../../../lib/connectors/connector.ts';

/** What an answer holds, as its vendor would write it. */
export interface AnswerParts {
  /** At the level at which the vendor pages: rows, or parents with their rows. By their keys where the list is an object. */
  readonly entries: readonly object[] | Readonly<Record<string, object>>;
  /** How many there are in all; left out where it is null. */
  readonly total?: number | null;
  /** What leads to the next page: null ends the walk, and undefined leaves it out. */
  readonly next?: string | null | undefined;
  /** Whether more follows, and how many pages there are; left out where they are null. */
  readonly more?: boolean | null;
  readonly pages?: number | null;
  /** What is left out, by the id of it. */
  readonly missing?: Readonly<Record<string, unknown>>;
  /** Of the places that the definition names, the one to use; the first unless given. */
  readonly places?: { readonly items?: number; readonly next?: number };
}

/** The JSON of an answer, made from the definition alone. */
export function writeAnswer(definition: StreamDefinition, parts: AnswerParts): unknown {
  const { items, paging, partial } = definition;
  const { entries, total, next, more = null, pages = null, missing = {}, places = {} } = parts;
  const itemPaths = [items.path, ...(items.or ?? [])];
  const itemPath = itemPaths[(places.items ?? 0) % itemPaths.length] ?? items.path;
  // The answer is the list itself: there is no room for anything else.
  if (itemPath.length === 0) return entries;
  const body: Record<string, unknown> = {};
  put(body, itemPath, entries);
  if ('more' in paging && more !== null) put(body, paging.more, more);
  if (paging.kind === 'page' && paging.pages !== undefined && pages !== null) put(body, paging.pages, pages);
  if (paging.kind === 'offset' || paging.kind === 'page') {
    if (paging.total !== undefined && total !== null && total !== undefined) put(body, paging.total, total);
    body['amount'] ??= Object.keys(entries).length;
  }
  const nextPlaces = 'next' in paging && paging.next !== 'header' ? paging.next : [];
  if (nextPlaces.length > 0 && next !== undefined) {
    const path = nextPlaces[(places.next ?? 0) % nextPlaces.length];
    if (path !== undefined) put(body, path, next);
  }
  if (partial !== undefined && Object.keys(missing).length > 0) put(body, partial, missing);
  return body;
}

/** Puts a value where the path leads, and makes the objects on the way. */
export function put(into: Record<string, unknown>, path: JsonPath, value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const found = into[key];
  const inner = typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
  into[key] = inner;
  put(inner, rest, value);
}
