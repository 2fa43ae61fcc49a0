import type { Authentication, Connector, StreamDefinition } from './connector.ts';

/** What is wrong with the constant headers, parameters and bodies of requests: a sentence each, with what to do. Pure. */
export function constantFlaws({ name, authentication, headers, streams }: Connector): readonly string[] {
  const signing = signingHeaders(authentication);
  const places = [
    { place: `The connector ${name}`, headers, constants: {} },
    ...Object.entries(streams).map(([stream, definition]) => ({
      place: `The connector ${name}, stream ${stream}`,
      ...{ headers: definition.headers, constants: constantsOf(definition) },
    })),
  ];
  return places.flatMap(({ place, headers: own = {}, constants }) => [
    ...Object.entries(own).flatMap(
      ([header, value]) => whyNotHeader(header, value, signing, `${place}, headers.${header}`) ?? [],
    ),
    ...twice(Object.keys(own)).map(
      (header) => `${place}, headers.${header} is there twice, in two writings: take one of them out.`,
    ),
    ...Object.entries(constants).flatMap(([field, value]) => credentialsIn(value, `${place}, ${field}`)),
  ]);
}

function constantsOf({ query, body, changes, batches }: StreamDefinition): Readonly<Record<string, unknown>> {
  return {
    ...{ query, body, 'changes.query': changes?.query, 'changes.body': changes?.body },
    ...{ 'batches.list': batches?.list, 'batches.body': batches?.body },
  };
}

/** Texts under the name of a credential that nothing fills in, wherever they stand. */
function credentialsIn(value: unknown, place: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const isConstant = typeof inner === 'string' && inner !== '' && !inner.includes('{');
    const at = `${place}.${key}`;
    return isConstant && namesCredential(key) ? [credentialFlaw(at)] : credentialsIn(inner, at);
  });
}

function whyNotHeader(
  header: string,
  value: string,
  signing: readonly string[],
  place: string,
): string | null {
  if (!isHeaderName(header)) return `${place} is no name of a header: write it as the vendor does.`;
  if (signing.includes(header.toLowerCase())) {
    return `${place} carries the credentials (authentication), and a constant would take their place: leave it out.`;
  }
  if (isOwnHeader(header)) {
    const instead = /authorization|cookie/i.test(header)
      ? 'say in authentication how to sign in'
      : 'leave it out';
    return `${place} is set by Pagekeeper itself: ${instead}.`;
  }
  if (!/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value)) {
    return `${place} is no value that HTTP carries as it is: give a text of ASCII, without blanks around it.`;
  }
  return namesCredential(header) || /^(bearer|basic|token)\s/i.test(value) ? credentialFlaw(place) : null;
}

/** A definition is no place for one: it is in the repository and in the functions' code. The value is not repeated. */
export function credentialFlaw(place: string): string {
  return `${place} looks like a credential: name a field of the secret in authentication, and put the value there (npx pagekeeper secret set).`;
}

export function namesCredential(name: string): boolean {
  return /(api[-_]?key|access[-_]?key|[-_]token|^token|secret|password)$/i.test(name);
}

function twice(names: readonly string[]): readonly string[] {
  const small = names.map((name) => name.toLowerCase());
  return names.filter((name, index) => small.indexOf(name.toLowerCase()) < index);
}

function signingHeaders(authentication: Authentication): readonly string[] {
  switch (authentication.kind) {
    case 'header':
      return [authentication.header.toLowerCase()];
    case 'headers':
      return authentication.headers.map(({ header }) => header.toLowerCase());
    case 'query':
    case 'basic':
    case 'oauth2':
      return [];
  }
}

/** Those that say how a message travels, who sends it and what it may be answered with: Pagekeeper's own. */
const ownHeaders: ReadonlySet<string> = new Set([
  ...['authorization', 'proxy-authorization', 'cookie', 'host', 'date', 'via'],
  ...['content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'accept-encoding'],
  ...['connection', 'keep-alive', 'te', 'trailer', 'upgrade', 'expect', 'range', 'if-range'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'],
]);

export function isOwnHeader(name: string): boolean {
  return ownHeaders.has(name.toLowerCase());
}

/** A token of RFC 9110. */
export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
}
