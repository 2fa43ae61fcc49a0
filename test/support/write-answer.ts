import type { JsonPath, StreamDefinition } from '../../lib/connectors/connector.ts';

/** What an answer holds, as its vendor would write it. */
export interface AnswerParts {
  /** At the level at which the vendor pages: rows, or parents with their rows. By their keys where the list is an object. */
  readonly entries: readonly object[] | Readonly<Record<string, object>>;
  /** How many there are in all; left out where it is null. */
  readonly total?: number | null;
  /** What leads to the next page: null ends the walk, and undefined leaves it out. */
  readonly next?: string | null | undefined;
  /** What is left out, by the id of it. */
  readonly missing?: Readonly<Record<string, unknown>>;
  /** Of the places that the definition names, the one to use; the first unless given. */
  readonly places?: { readonly items?: number; readonly next?: number };
}

/** The JSON of an answer, made from the definition alone. */
export function writeAnswer(definition: StreamDefinition, parts: AnswerParts): unknown {
  const { items, paging, partial } = definition;
  const { entries, total, next, missing = {}, places = {} } = parts;
  const itemPaths = [items.path, ...(items.or ?? [])];
  const itemPath = itemPaths[(places.items ?? 0) % itemPaths.length] ?? items.path;
  // The answer is the list itself: there is no room for anything else.
  if (itemPath.length === 0) return entries;
  const body: Record<string, unknown> = {};
  put(body, itemPath, entries);
  if (paging.kind === 'offset') {
    if (paging.total !== undefined && total !== null && total !== undefined) put(body, paging.total, total);
    body['amount'] ??= Object.keys(entries).length;
  }
  if (paging.kind === 'cursor' && next !== undefined) {
    const path = paging.next[(places.next ?? 0) % paging.next.length];
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
