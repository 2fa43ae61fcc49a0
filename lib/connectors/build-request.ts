import { askedLimit, askedOffset } from '../paging/offset-walk.ts';
import type { PagePosition } from '../paging/position.ts';
import type { Authentication, Connector, StreamDefinition } from './connector.ts';

export interface RequestParts {
  readonly baseUrl: string;
  readonly connector: Connector;
  readonly definition: StreamDefinition;
  readonly position: PagePosition | null;
  readonly pageSize: number | null;
  readonly fields: readonly string[] | null;
  /** `field:asc` or `field:desc`; null leaves the order to the vendor. */
  readonly orderBy: string | null;
  readonly secret: Readonly<Record<string, string>>;
}

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The one request that asks for the page at `position`. */
export function buildRequest(parts: RequestParts): Request {
  const { baseUrl, connector, definition, secret } = parts;
  const url = new URL(baseUrl + definition.path);
  for (const [name, value] of Object.entries({ ...definition.query, ...pagingQuery(parts) })) {
    url.searchParams.set(name, value);
  }
  const posts = definition.method === 'POST';
  return {
    method: definition.method,
    url: url.href,
    headers: {
      accept: 'application/json',
      // Bob answers a GET that carries a Content-Type with 400 and a page of HTML.
      ...(posts && { 'content-type': 'application/json' }),
      ...authorization(connector.authentication, secret),
    },
    body: posts
      ? JSON.stringify({ ...definition.body, ...(parts.fields && { fields: parts.fields }) })
      : null,
  };
}

function pagingQuery({ definition, position, pageSize, orderBy }: RequestParts): Record<string, string> {
  const { paging } = definition;
  switch (paging.kind) {
    case 'none':
      return {};
    case 'offset': {
      const at = position?.kind === 'offset' ? position : null;
      return {
        [paging.limit]: String(askedLimit(at, pageSize ?? paging.pageSize.default, paging.pageSize.max)),
        [paging.offset]: String(askedOffset(at)),
        ...(paging.order !== undefined && orderBy !== null && { [paging.order]: orderBy }),
      };
    }
    case 'cursor':
      return {
        [paging.limit]: String(pageSize ?? paging.pageSize.default),
        ...(position?.kind === 'cursor' && { [paging.cursor]: position.cursor }),
      };
  }
}

/** Every text that would give the credentials away, as they are and as they travel: what a vendor may echo. */
export function credentialTexts(
  { authentication }: Connector,
  secret: Readonly<Record<string, string>>,
): readonly string[] {
  const values = [...Object.values(secret), ...Object.values(authorization(authentication, secret))];
  const bare = values.map((value) => value.replace(/^Basic /, ''));
  // In a JSON body they stand escaped.
  const texts = bare.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]);
  return [...new Set(texts)].filter((text) => text.length >= 4).sort((a, b) => b.length - a.length);
}

function authorization(
  authentication: Authentication,
  secret: Readonly<Record<string, string>>,
): Record<string, string> {
  const field = (name: string): string => {
    const value = secret[name];
    if (value === undefined) throw new Error(`The secret has no field ${name}`);
    return value;
  };
  switch (authentication.kind) {
    case 'header':
      return { [authentication.header.toLowerCase()]: field(authentication.field) };
    case 'basic': {
      const pair = `${field(authentication.username)}:${field(authentication.password)}`;
      return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
    }
  }
}
