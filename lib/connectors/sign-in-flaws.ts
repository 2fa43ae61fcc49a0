import { credentialFlaw, isHeaderName, isOwnHeader, namesCredential } from './header-flaws.ts';
import type { Authentication, Connector, OAuth2, SecretHeader, StreamDefinition } from './connector.ts';

/** What of signing in contradicts itself or the rest of the definition: a sentence each, with what to do. Pure. */
export function signInFlaws({ name, authentication, streams }: Connector): readonly string[] {
  const place = `The connector ${name}, authentication`;
  switch (authentication.kind) {
    case 'header':
      return headerFlaws([authentication], `${place}.`);
    case 'headers':
      return authentication.headers.length === 0
        ? [`${place}.headers names no header: give each header that the vendor needs, with its field.`]
        : headerFlaws(authentication.headers, `${place}.headers: `);
    case 'query':
      return Object.entries(streams)
        .filter(([, definition]) => parametersOf(definition).includes(authentication.parameter))
        .map(
          ([stream]) =>
            `${place}.parameter: ${authentication.parameter} is a parameter of the stream ${stream}, too, so one would take the other's place: take it out of the stream.`,
        );
    case 'basic':
      return basicFlaws(authentication, place);
    case 'oauth2':
      return oauth2Flaws(authentication, place);
  }
}

const ownParameters = new Set([...['grant_type', 'refresh_token', 'scope', 'client_id', 'client_secret']]);

function oauth2Flaws(auth: OAuth2, place: string): readonly string[] {
  const { clientId, clientSecret, grant, parameters = {}, scopes = [], prefix = 'Bearer ' } = auth;
  const fields = [clientId, clientSecret, ...(grant.kind === 'refresh_token' ? [grant.field] : [])];
  const twice = fields.find((field, index) => fields.indexOf(field) < index);
  const taken = Object.keys(parameters).filter((name) => ownParameters.has(name));
  const wide = scopes.find((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope));
  return [
    ...(twice === undefined
      ? []
      : [`${place}: the field ${twice} stands for two things: give each its own field of the secret.`]),
    ...taken.map(
      (name) =>
        `${place}.parameters.${name} is set by Pagekeeper itself: leave it out${name === 'scope' ? ', and use scopes' : ''}.`,
    ),
    ...Object.entries(parameters)
      .filter(([name]) => !taken.includes(name) && namesCredential(name))
      .map(([name]) => credentialFlaw(`${place}.parameters.${name}`)),
    ...(wide === undefined
      ? []
      : [`${place}.scopes: give each scope by itself, without blanks and quotation marks.`]),
    ...flawsOfHeader({ header: 'Authorization', field: clientId, prefix }, `${place}.`),
  ];
}

function headerFlaws(headers: readonly SecretHeader[], place: string): readonly string[] {
  const names = headers.map(({ header }) => header.toLowerCase());
  const twice = headers.find(({ header }, index) => names.indexOf(header.toLowerCase()) < index);
  return [
    ...headers.flatMap((header) => flawsOfHeader(header, place)),
    ...(twice === undefined
      ? []
      : [`${place}${twice.header} is there twice, and a request has it once: take one of them out.`]),
  ];
}

function flawsOfHeader({ header, prefix = '' }: SecretHeader, place: string): readonly string[] {
  const flaws: string[] = [];
  if (!isHeaderName(header))
    flaws.push(`${place}header is no name of a header: write it as the vendor does.`);
  else if (isOwnHeader(header) && header.toLowerCase() !== 'authorization') {
    flaws.push(`${place}header: ${header} is set by Pagekeeper itself, so it can carry no key.`);
  }
  if (!/^[\x20-\x7e]*$/.test(prefix)) {
    flaws.push(`${place}prefix holds characters that HTTP does not allow: write it in ASCII.`);
  } else if (/[A-Za-z0-9]$/.test(prefix)) {
    flaws.push(
      `${place}prefix: between "${prefix}" and the value there is nothing: write the blank as well, "${prefix} ".`,
    );
  }
  return flaws;
}

function basicFlaws(
  { username, password, fixed }: Extract<Authentication, { kind: 'basic' }>,
  place: string,
): readonly string[] {
  if (username === undefined && password === undefined) {
    return [`${place} names no field of the secret: give username, password or both.`];
  }
  if (fixed === undefined) return [];
  if (username !== undefined && password !== undefined) {
    return [`${place}.fixed has no place where username and password are given: leave it out.`];
  }
  return username === undefined && fixed.includes(':')
    ? [`${place}.fixed is the name of the user there, and HTTP Basic allows no colon in it: take it out.`]
    : [];
}

/** Every parameter of a stream's query, in the definition's own words. */
function parametersOf({ query = {}, paging, changes }: StreamDefinition): readonly string[] {
  const ofPaging: readonly unknown[] = Object.values({ ...paging, kind: undefined });
  const ofKey = paging.kind === 'keyset' ? Object.keys(paging.after) : [];
  const named = [...Object.keys(query), ...Object.keys(changes?.query ?? {}), ...ofKey];
  return [...named, ...ofPaging.filter((value) => typeof value === 'string')];
}
