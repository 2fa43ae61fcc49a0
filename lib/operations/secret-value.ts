import {
  secretFields,
  type Authentication,
  type Connector,
  type SecretHeader,
} from '../connectors/connector.ts';
import { secretPlaceholder } from '../sync/credentials.ts';

export type SecretReading =
  | { readonly kind: 'value'; readonly fields: Readonly<Record<string, string>> }
  /** `reason` names fields, and no value. */
  | { readonly kind: 'wrong'; readonly reason: string };

/** What is to be stored for a connector: exactly its fields, each with something in it that HTTP can carry. Pure. */
export function readSecretValue(connector: Connector, value: unknown): SecretReading {
  const wanted = secretFields(connector);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return wrong(`it has to be a JSON object with ${wanted.join(' and ')}`);
  }
  const given = new Map(Object.entries(value) as [string, unknown][]);
  const strange = [...given.keys()].filter((name) => !wanted.includes(name));
  if (strange.length > 0) return wrong(`${connector.title} takes ${wanted.join(' and ')} and nothing else`);
  const fields: [string, string][] = [];
  for (const name of wanted) {
    const text = given.get(name);
    if (text === undefined) return wrong(`${name} is missing`);
    if (typeof text !== 'string') return wrong(`${name} is not a text`);
    // A person who copies a key often copies a line break with it.
    const trimmed = text.trim();
    if (trimmed === '') return wrong(`${name} is empty`);
    if (trimmed === secretPlaceholder) return wrong(`${name} is still the placeholder`);
    if (!/^[\x20-\x7e]+$/.test(trimmed)) return wrong(`${name} holds characters that HTTP does not allow`);
    if (isWholeHeader(trimmed, connector))
      return wrong(`${name} is the bare value, without what stands before it in a header`);
    fields.push([name, trimmed]);
  }
  return { kind: 'value', fields: Object.fromEntries(fields) };
}

/** `Bearer abc`, `Basic abc`, `X-Api-Key: abc`: right only where the header is Authorization itself, and takes it as it is. */
function isWholeHeader(value: string, { authentication }: Connector): boolean {
  return (
    /^[a-z-]*(authorization|api-?key|token)\s*:/i.test(value) ||
    (!takesScheme(authentication) && /^(bearer|basic|token|apikey|digest)\s/i.test(value))
  );
}

/** No prefix stands before it: then the value begins with it, if the vendor wants one. */
function takesScheme(authentication: Authentication): boolean {
  const isBare = ({ header, prefix = '' }: SecretHeader): boolean =>
    prefix === '' && /authorization$/i.test(header);
  switch (authentication.kind) {
    case 'header':
      return isBare(authentication);
    case 'headers':
      return authentication.headers.some(isBare);
    case 'query':
    case 'basic':
    case 'oauth2':
      return false;
  }
}

function wrong(reason: string): SecretReading {
  return { kind: 'wrong', reason };
}
