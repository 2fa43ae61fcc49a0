import { askedByKey } from '../paging/keyset-walk.ts';
import { askedRows } from '../paging/offset-walk.ts';
import { askedPage } from '../paging/page-numbers.ts';
import { sinceText } from '../paging/changes.ts';
import { walkOf, type PagePosition, type Part } from '../paging/position.ts';
import { boundText } from '../paging/windows.ts';
import {
  pageSizeIn,
  type Authentication,
  type Batches,
  type Changes,
  type Connector,
  type JsonPath,
  type SecretHeader,
  type StreamDefinition,
} from './connector.ts';
import type { Sent } from './next-link.ts';
import { accessTokenField } from './token-request.ts';
import { fillJson, fillPath, fillText, type Values } from './template.ts';

export interface RequestParts {
  readonly baseUrl: string;
  readonly connector: Connector;
  readonly definition: StreamDefinition;
  readonly position: PagePosition | null;
  readonly pageSize: number | null;
  readonly fields: readonly string[] | null;
  /** `field:asc` or `field:desc`; null leaves the order to the vendor. */
  readonly orderBy: string | null;
  /** Of a batch: the ids of its rows. */
  readonly ids?: readonly string[];
  /** Headers that make the request conditional; none unless given. */
  readonly conditions?: Readonly<Record<string, string>>;
  /** Epoch milliseconds: what `{today}` is. */
  readonly now: number;
  readonly secret: Readonly<Record<string, string>>;
}

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the query, what carries the credentials: it is put into the URL as it is sent, and stands in no URL before. */
  readonly secretQuery?: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The one request for the page at `position`. */
export function buildRequest(parts: RequestParts): Request {
  const { baseUrl, connector, definition, position, secret } = parts;
  const values = valuesOf(parts);
  const fetched = walkOf(position)?.kind === 'file' && definition.paging.kind === 'file';
  const link = linkOf(parts);
  const url = new URL(
    baseUrl + (link ?? fillPath(fetched ? definition.paging.path : definition.path, values)),
  );
  // The vendor's own URL of the next page has it all.
  const query = fetched || link !== null ? {} : { ...definition.query, ...changesOf(parts)?.query };
  const paging = pagingFields(parts);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, fillText(value, values));
  if (paging.within === null) {
    for (const [name, value] of Object.entries(paging.fields)) url.searchParams.set(name, String(value));
  }
  const method = fetched ? 'GET' : definition.method;
  const posts = method === 'POST';
  const { headers, query: secretQuery } = signedBy(connector.authentication, secret);
  return {
    method,
    url: url.href,
    headers: {
      accept: definition.items.lines === true ? 'application/x-ndjson, application/json' : 'application/json',
      ...inLowerCase(connector.headers),
      ...inLowerCase(definition.headers),
      // Bob answers a GET that carries a Content-Type with 400 and a page of HTML.
      ...(posts && { 'content-type': 'application/json' }),
      ...parts.conditions,
      ...headers,
    },
    ...(Object.keys(secretQuery).length > 0 && { secretQuery }),
    body: posts ? JSON.stringify(bodyOf(parts, paging, values)) : null,
  };
}

/** Below the base URL. What a run of another way of paging has stored leads to the beginning. */
function linkOf({ definition, position }: RequestParts): string | null {
  const walk = walkOf(position);
  const isLink = definition.paging.kind === 'link' && walk?.kind === 'cursor' && walk.cursor.startsWith('/');
  return isLink ? walk.cursor : null;
}

/** What is laid over the request while what has changed is walked alone. */
function changesOf({ definition, position }: RequestParts): Changes | undefined {
  return position?.kind === 'part' && position.part.kind === 'changes' ? definition.changes : undefined;
}

/** So that one of two writings of a name takes the place of the other. */
function inLowerCase(headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function bodyOf(parts: RequestParts, paging: PagingFields, values: Values): object {
  const { definition, fields, position } = parts;
  const laidOver = position?.kind === 'part' ? overlayOf(definition.batches, position.part) : {};
  const body = { ...definition.body, ...(fields && { fields }), ...laidOver, ...changesOf(parts)?.body };
  const filled = fillJson(body, values) as Record<string, unknown>;
  return paging.within === null ? filled : putWithin(filled, paging.within, paging.fields);
}

function overlayOf(batches: Batches | undefined, part: Part): object {
  if (batches === undefined || (part.kind !== 'ids' && part.kind !== 'batch')) return {};
  return part.kind === 'ids' ? batches.list : batches.body;
}

function putWithin(body: object, [first, ...rest]: JsonPath, fields: object): object {
  if (first === undefined) return { ...body, ...fields };
  const inner = (body as Readonly<Record<string, object | undefined>>)[first] ?? {};
  return { ...body, [first]: putWithin(inner, rest, fields) };
}

function valuesOf({ definition, position, ids, now }: RequestParts): Values {
  const part = position?.kind === 'part' ? position.part : null;
  const { parent = null, window = null } = part?.kind === 'slice' ? part : {};
  const walk = walkOf(position);
  return {
    now,
    ...(walk?.kind === 'file' && { file: walk.name }),
    ...(ids !== undefined && { ids }),
    ...(parent !== null && { parent }),
    ...(window !== null &&
      definition.windows !== undefined && {
        since: boundText(window.since, definition.windows),
        until: boundText(window.until, definition.windows),
      }),
    ...(part?.kind === 'changes' &&
      definition.changes !== undefined && { since: sinceText(part.since, definition.changes) }),
  };
}

interface PagingFields {
  readonly fields: Readonly<Record<string, string | number>>;
  /** The object of the body that takes them; null for the query. */
  readonly within: JsonPath | null;
}

function pagingFields(parts: RequestParts): PagingFields {
  const { definition, position, pageSize, orderBy } = parts;
  const { paging } = definition;
  const walk = walkOf(position);
  switch (paging.kind) {
    case 'none':
    case 'file':
      return { fields: {}, within: null };
    case 'offset': {
      const rows = askedRows(walk, pageSize ?? paging.pageSize.default, paging.pageSize.max);
      const fields = {
        [paging.limit]: rows.limit,
        [paging.offset]: rows.offset,
        ...(paging.order !== undefined && orderBy !== null && { [paging.order]: orderBy }),
      };
      return { fields, within: paging.within ?? null };
    }
    case 'page': {
      const size = pageSizeIn(paging);
      const page = askedPage(walk, size && (pageSize ?? size.default), size?.max ?? Infinity);
      const fields = {
        ...(paging.limit !== undefined && page.size !== null && { [paging.limit]: page.size }),
        [paging.page]: paging.first + page.index,
        ...(paging.order !== undefined && orderBy !== null && { [paging.order]: orderBy }),
      };
      return { fields, within: paging.within ?? null };
    }
    case 'link': {
      const size = pageSize ?? pageSizeIn(paging)?.default;
      // The vendor's own URL has it from the second page on.
      const isFirst = paging.limit !== undefined && size !== undefined && linkOf(parts) === null;
      return { fields: isFirst ? { [paging.limit]: size } : {}, within: null };
    }
    case 'keyset': {
      const limit = askedByKey(pageSize ?? paging.pageSize.default, paging.pageSize.max);
      const after = walk?.kind === 'keyset' ? walk.after : {};
      return { fields: { [paging.limit]: limit, ...after }, within: paging.within ?? null };
    }
    case 'cursor': {
      const fields = {
        [paging.limit]: pageSize ?? paging.pageSize.default,
        ...(walk?.kind === 'cursor' && { [paging.cursor]: walk.cursor }),
      };
      return { fields, within: paging.within ?? null };
    }
  }
}

/** What an answer is held against whose next page has a URL. @param url that was requested */
export function sentOf(
  { url }: Pick<Request, 'url'>,
  baseUrl: string,
  connector: Connector,
  secret: Readonly<Record<string, string>>,
): Sent {
  const { authentication } = connector;
  const parameter = authentication.kind === 'query' ? authentication.parameter : null;
  return { url, baseUrl, credentials: credentialTexts(connector, secret), parameter };
}

/** Every text of which no part may be reported: what the secret holds, and the credentials as they travel. */
export function credentialTexts(
  { authentication }: Connector,
  secret: Readonly<Record<string, string>>,
): readonly string[] {
  // There may be no access token yet, and it travels as it is.
  const { query } = authentication.kind === 'oauth2' ? noQuery : signedBy(authentication, secret);
  // As a form has them, with + for a blank, and percent-encoded otherwise.
  const inQuery = Object.values(query).flatMap((value) => [
    new URLSearchParams([['', value]]).toString().slice(1),
    encodeURIComponent(value),
  ]);
  const pair = authentication.kind === 'basic' ? pairOf(authentication, secret) : null;
  // A pair of which one half is no secret is hidden by its other half.
  const isWhole = authentication.kind === 'basic' && secretPair(authentication);
  const inHeader = pair === null ? [] : [base64(pair), ...(isWhole ? [pair] : [])];
  return [...new Set([...Object.values(secret), ...inQuery, ...inHeader])];
}

const noQuery: { readonly query: Readonly<Record<string, string>> } = { query: {} };

interface Signed {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

function signedBy(authentication: Authentication, secret: Readonly<Record<string, string>>): Signed {
  switch (authentication.kind) {
    case 'header':
      return { headers: headersOf([authentication], secret), query: {} };
    case 'headers':
      return { headers: headersOf(authentication.headers, secret), query: {} };
    case 'query':
      return {
        headers: {},
        query: { [authentication.parameter]: fieldOf(secret, authentication.field) },
      };
    case 'basic':
      return { headers: { authorization: `Basic ${base64(pairOf(authentication, secret))}` }, query: {} };
    case 'oauth2': {
      const { prefix = 'Bearer ' } = authentication;
      return {
        headers: headersOf([{ header: 'Authorization', field: accessTokenField, prefix }], secret),
        query: {},
      };
    }
  }
}

function headersOf(
  headers: readonly SecretHeader[],
  secret: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    headers.map(({ header, field, prefix = '' }) => [
      header.toLowerCase(),
      `${prefix}${fieldOf(secret, field)}`,
    ]),
  );
}

type Basic = Extract<Authentication, { kind: 'basic' }>;

function secretPair({ username, password }: Basic): boolean {
  return username !== undefined && password !== undefined;
}

function pairOf({ username, password, fixed = '' }: Basic, secret: Readonly<Record<string, string>>): string {
  return [username, password]
    .map((field) => (field === undefined ? fixed : fieldOf(secret, field)))
    .join(':');
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function fieldOf(secret: Readonly<Record<string, string>>, name: string): string {
  const value = secret[name];
  if (value === undefined) throw new Error(`The secret has no field ${name}`);
  return value;
}
