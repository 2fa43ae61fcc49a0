import { isAlwaysNewestFirst, type StreamDefinition } from '../../../lib/connectors/connector.ts';
import type { VendorRequest } from '../../../lib/sync/ports.ts';
import { all, match, matchPath, type Captures } from './match.ts';

/** What a request asks for, once it has been found to be one that the definition allows. */
export interface Question {
  /** `list` and `batch`: of the ids, and of the rows of some. `file`: whether it is there; `start`: that it be written. */
  readonly kind: 'rows' | 'list' | 'batch' | 'start' | 'file';
  readonly captures: Captures;
  readonly limit: number | null;
  readonly offset: number | null;
  readonly cursor: string | null;
  /** Of a list that is requested by key: of the row that the page is to begin at or behind. */
  readonly key: number | null;
  /** That was requested. */
  readonly url: string;
  /** What has changed alone, or the list in the order of change. */
  readonly isPart: boolean;
}

/** Rows of a page where the vendor alone decides. */
export const vendorsPage = 5;

/** In the URLs of next pages, which the vendor writes as it likes. */
export const cursorInUrl = '_after';

export type Understood = Question | { readonly kind: 'unknown'; readonly why: string };

/** Reads a request strictly: what the definition does not say may not be in it. */
export function readRequest(definition: StreamDefinition, base: URL, request: VendorRequest): Understood {
  const url = new URL(request.url);
  const unknown = (why: string): Understood => ({ kind: 'unknown', why });
  if (url.origin !== base.origin) return unknown('it went to another host');
  if (!url.pathname.startsWith(base.pathname)) return unknown('it went outside of the base URL');
  const path = url.pathname.slice(base.pathname.replace(/\/$/, '').length);
  const { paging } = definition;
  if (paging.kind === 'file') {
    const file = request.method === 'GET' ? matchPath(paging.path, path) : null;
    if (file !== null) return { kind: 'file', captures: file, ...none, isPart: false, url: request.url };
  }
  if (request.method !== definition.method) return unknown(`its method was ${request.method}`);
  const inPath = matchPath(definition.path, path);
  if (inPath === null) return unknown('its path is not that of the definition');

  const query: Record<string, unknown> = Object.fromEntries(url.searchParams);
  const body = bodyOf(request);
  if (body === undefined) return unknown('its body is not a JSON object');
  const numbers = takePaging(definition, query, body);
  let isQueryKnown = false;
  for (const { asked, isPart } of waysToAsk(definition)) {
    const inQuery = match(asked.query ?? {}, query);
    isQueryKnown ||= inQuery !== null;
    for (const { kind, template } of bodiesOf(asked)) {
      const captures = all([inPath, inQuery, matchBody(asked, template, body)]);
      if (captures !== null) return { kind, captures, ...numbers, isPart, url: request.url };
    }
  }
  if (!isQueryKnown) return unknown(`its query had ${Object.keys(query).join(', ') || 'nothing'}`);
  return unknown(`its body had ${JSON.stringify(body)}`);
}

/** The whole list, and what has changed. */
function waysToAsk(
  definition: StreamDefinition,
): readonly { readonly asked: StreamDefinition; readonly isPart: boolean }[] {
  const { changes, query, body } = definition;
  if (changes === undefined) return [{ asked: definition, isPart: false }];
  const ofPart: StreamDefinition = {
    ...definition,
    query: { ...query, ...changes.query },
    ...(definition.method === 'POST' && { body: { ...body, ...changes.body } }),
  };
  const part = { asked: ofPart, isPart: true };
  const isAlwaysPart = isAlwaysNewestFirst(changes) || changes.historyDays !== undefined;
  return isAlwaysPart ? [part] : [{ asked: definition, isPart: false }, part];
}

function bodyOf({ method, body }: VendorRequest): Record<string, unknown> | undefined {
  if (method === 'GET') return body === null ? {} : undefined;
  try {
    const value: unknown = JSON.parse(body ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

type Numbers = Pick<Question, 'limit' | 'offset' | 'cursor' | 'key'>;

const none: Numbers = { limit: null, offset: null, cursor: null, key: null };

/** Takes what pages out of query and body, so that nothing but the definition's own is left. */
function takePaging(
  { paging, method }: StreamDefinition,
  query: Record<string, unknown>,
  body: Record<string, unknown>,
): Numbers {
  const path = 'within' in paging ? (paging.within ?? null) : null;
  const place = path === null || method === 'GET' ? query : placeOf(body, path);
  const numbers = takeFrom(paging, place, query);
  const [only] = path ?? [];
  if (only !== undefined && place !== query && Object.keys(place).length === 0) drop(body, only);
  return numbers;
}

/** @param place the object of the body, or the query, that takes what pages */
function takeFrom(
  paging: StreamDefinition['paging'],
  place: Record<string, unknown>,
  query: Record<string, unknown>,
): Numbers {
  switch (paging.kind) {
    case 'none':
    case 'file':
      return none;
    case 'offset': {
      const numbers = {
        ...none,
        limit: numberOf(place[paging.limit]),
        offset: numberOf(place[paging.offset]),
      };
      drop(place, paging.limit, paging.offset);
      return numbers;
    }
    case 'page': {
      const limit = paging.limit === undefined ? vendorsPage : numberOf(place[paging.limit]);
      const index = (numberOf(place[paging.page]) ?? NaN) - paging.first;
      drop(place, paging.limit ?? '', paging.page);
      return { ...none, limit, offset: index < 0 ? NaN : index * (limit ?? NaN) };
    }
    case 'cursor': {
      const cursor = place[paging.cursor];
      const limit = numberOf(place[paging.limit]);
      drop(place, paging.limit, paging.cursor);
      return { ...none, limit, cursor: typeof cursor === 'string' ? cursor : null };
    }
    case 'link': {
      const cursor = query[cursorInUrl];
      const limit = paging.limit === undefined ? vendorsPage : numberOf(query[paging.limit]);
      drop(query, paging.limit ?? '', cursorInUrl);
      return { ...none, limit, cursor: typeof cursor === 'string' ? cursor : null };
    }
    case 'keyset': {
      const parts = Object.keys(paging.after).map((name) => place[name]);
      const limit = numberOf(place[paging.limit]);
      const isFirst = parts.every((part) => part === undefined);
      const key = isFirst ? null : (numberOf(parts[0]) ?? NaN);
      drop(place, paging.limit, ...Object.keys(paging.after));
      return { ...none, limit, key };
    }
  }
}

function placeOf(body: Record<string, unknown>, path: readonly string[]): Record<string, unknown> {
  let place = body;
  for (const key of path) {
    const inner = place[key];
    if (typeof inner !== 'object' || inner === null) return {};
    place = inner as Record<string, unknown>;
  }
  return place;
}

function drop(from: Record<string, unknown>, ...names: readonly string[]): void {
  for (const name of names) Reflect.deleteProperty(from, name);
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}

interface Wanted {
  readonly kind: 'rows' | 'list' | 'batch' | 'start';
  readonly template: Readonly<Record<string, unknown>>;
}

function bodiesOf({ method, body, batches, paging }: StreamDefinition): readonly Wanted[] {
  if (method === 'GET') return [{ kind: paging.kind === 'file' ? 'start' : 'rows', template: {} }];
  return [
    ...(batches === undefined
      ? []
      : [
          { kind: 'batch' as const, template: { ...body, ...batches.body } },
          { kind: 'list' as const, template: { ...body, ...batches.list } },
        ]),
    { kind: paging.kind === 'file' ? 'start' : 'rows', template: body ?? {} },
  ];
}

/** The fields are the user's choice: any of those that the definition knows. */
function matchBody(
  { fields }: StreamDefinition,
  template: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>>,
): Captures | null {
  if (fields === undefined || 'fields' in template) return match(template, body);
  const { fields: asked, ...rest } = body;
  if (!Array.isArray(asked) || asked.length === 0 || asked.length > fields.max) return null;
  return match(template, rest);
}
