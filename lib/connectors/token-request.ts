import { createHash } from 'node:crypto';

import type { OAuth2 } from './connector.ts';
import { isObject } from './json.ts';

/** What is sent to the token endpoint of a vendor (RFC 6749), and how its answer is read: pure. */

/** Among the credentials of a request: the access token, beside the fields of the secret. No field of a secret has this name. */
export const accessTokenField = 'pagekeeper:access-token';

/** Every text of which no part may be reported has its name here, too. */
export const refreshTokenField = 'pagekeeper:refresh-token';

type Fields = Readonly<Record<string, string>>;

/**
 * Where the vendor is said to be elsewhere, its token endpoint is there, too, at the same path: the credentials must not leave for the
 * real one.
 */
export function tokenUrlAt(baseUrl: string | undefined, tokenUrl: string): string {
  return baseUrl === undefined ? tokenUrl : new URL(new URL(tokenUrl).pathname, baseUrl).href;
}

export interface TokenRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @param refreshToken the last one that was granted; null with the client's own credentials */
export function tokenRequest(
  auth: OAuth2,
  url: string,
  secret: Fields,
  refreshToken: string | null,
): TokenRequest {
  const id = secret[auth.clientId] ?? '';
  const password = secret[auth.clientSecret] ?? '';
  const scope = auth.scopes?.join(' ');
  const form = new URLSearchParams({
    ...auth.parameters,
    grant_type: auth.grant.kind,
    ...(refreshToken !== null && { refresh_token: refreshToken }),
    ...(scope !== undefined && { scope }),
    ...(auth.clientIn === 'body' && { client_id: id, client_secret: password }),
  });
  return {
    method: 'POST',
    url,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(auth.clientIn === 'basic' && { authorization: `Basic ${basicOf(id, password)}` }),
    },
    body: form.toString(),
  };
}

/** Of a client, form-encoded first (RFC 6749, 2.3.1), which leaves what most of them are made of as it is. */
function basicOf(id: string, password: string): string {
  return Buffer.from(`${formEncoded(id)}:${formEncoded(password)}`, 'utf8').toString('base64');
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

/**
 * Names what tokens are granted for: others than these begin anew. Of a refresh token that a person has stored all that it has
 * been rotated to since is a part; another one is another grant.
 */
export function grantOf({ clientId, clientSecret, grant }: OAuth2, secret: Fields): string {
  const made = [secret[clientId], secret[grant.kind === 'refresh_token' ? grant.field : clientSecret]];
  return createHash('sha256').update(JSON.stringify(made)).digest('hex');
}

/** What the token endpoint has granted. */
export interface Granted {
  readonly accessToken: string;
  /** Null where the vendor gave none: the one that it was requested with goes on. */
  readonly refreshToken: string | null;
  /** For how long the vendor takes it, in milliseconds; null where it did not say. */
  readonly lifeMs: number | null;
}

/** @param body of a good answer @returns what is wrong with it, in words without anything of it, where it grants nothing */
export function grantedIn(body: string): Granted | string {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return 'the token endpoint answers what is not JSON';
  }
  if (!isObject(json)) return 'the token endpoint grants no access token';
  const { access_token, refresh_token, expires_in } = json;
  // What HTTP does not allow in a header could not be sent.
  if (typeof access_token !== 'string' || !/^[\x21-\x7e]+$/.test(access_token)) {
    return 'the token endpoint grants no access token';
  }
  const seconds = typeof expires_in === 'string' ? Number.parseFloat(expires_in) : expires_in;
  return {
    accessToken: access_token,
    refreshToken: typeof refresh_token === 'string' && refresh_token !== '' ? refresh_token : null,
    lifeMs: typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null,
  };
}

/** Of RFC 6749 (5.2): no other word of such an answer is repeated. */
const errorCodes = [
  ...['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client'],
  ...['unsupported_grant_type', 'invalid_scope'],
] as const;

export type TokenError = (typeof errorCodes)[number];

/** Why the token endpoint refuses; null where its answer does not say so as RFC 6749 has it. */
export function tokenErrorIn(body: string): TokenError | null {
  try {
    const json: unknown = JSON.parse(body);
    const said = isObject(json) ? json['error'] : null;
    return errorCodes.find((code) => code === said) ?? null;
  } catch {
    return null;
  }
}
