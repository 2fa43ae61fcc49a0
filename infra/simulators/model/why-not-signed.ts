import type { Authentication, Connector, StreamDefinition } from '../../../lib/connectors/connector.ts';
import type { VendorRequest } from '../../../lib/sync/ports.ts';

/** What the model vendor grants. */
export const madeUpToken = 'made-up-access-token';

type Secret = Readonly<Record<string, string>>;

/** What is wrong with how a request is signed: it lacks the credentials, or has them where they may be told. Null for nothing. */
export function whyNotSigned(
  authentication: Authentication,
  secret: Secret,
  { url, headers, secretQuery = {} }: VendorRequest,
): string | null {
  const told = decodeURIComponent(url.replaceAll('+', ' '));
  if (Object.values(secret).some((value) => told.includes(value))) return 'a credential stands in its URL';
  const wanted = wantedHeaders(authentication, secret);
  const wrong = Object.keys(wanted).find((name) => headers[name] !== wanted[name]);
  if (wrong !== undefined) return `its header ${wrong} does not carry the credentials`;
  const query =
    authentication.kind === 'query' ? { [authentication.parameter]: secret[authentication.field] } : {};
  return JSON.stringify(secretQuery) === JSON.stringify(query) ? null : 'its query does not carry the key';
}

function wantedHeaders(authentication: Authentication, secret: Secret): Readonly<Record<string, string>> {
  const valueOf = (field: string): string => secret[field] ?? '';
  switch (authentication.kind) {
    case 'header':
    case 'headers': {
      const headers = authentication.kind === 'header' ? [authentication] : authentication.headers;
      return Object.fromEntries(
        headers.map(({ header, field, prefix }) => [
          header.toLowerCase(),
          `${prefix ?? ''}${valueOf(field)}`,
        ]),
      );
    }
    case 'query':
      return {};
    case 'oauth2':
      return { authorization: `${authentication.prefix ?? 'Bearer '}${madeUpToken}` };
    case 'basic': {
      const { username, password, fixed = '' } = authentication;
      const user = username === undefined ? fixed : valueOf(username);
      const word = password === undefined ? fixed : valueOf(password);
      return { authorization: `Basic ${Buffer.from(`${user}:${word}`).toString('base64')}` };
    }
  }
}

/** @returns which of the constant headers a request lacks, or null */
export function whyNotWithConstants(
  { headers: ofAll = {} }: Connector,
  { headers: own = {} }: StreamDefinition,
  { headers }: VendorRequest,
): string | null {
  const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const wanted = [
    ...Object.entries(own),
    ...Object.entries(ofAll).filter(([name]) => !names.has(name.toLowerCase())),
  ];
  const lacking = wanted.find(([name, value]) => headers[name.toLowerCase()] !== value);
  return lacking === undefined ? null : `its header ${lacking[0]} is not the definition's`;
}
