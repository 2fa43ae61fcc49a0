import type { Connector, Fault } from '../connectors/connector.ts';
import { accessTokenField, grantOf, refreshTokenField, tokenRequest } from '../connectors/token-request.ts';
import type { Clock, Secret, TokenVault, Vendor } from '../sync/ports.ts';
import { readTokenAnswer, type TokenReading } from '../sync/read-token-answer.ts';
import { adviceFor } from './check-advice.ts';

export interface CheckTokens {
  /** The token endpoint. */
  readonly url: string;
  /** Null where nothing keeps tokens: on this machine. */
  readonly vault: Pick<TokenVault, 'current'> | null;
}

interface Ports {
  /** Null where the secret itself is what is sent. */
  readonly tokens: CheckTokens | null;
  readonly vendor: Vendor;
  readonly clock: Pick<Clock, 'now'>;
}

export type CheckAccess =
  /** With an access token among its fields, where one is needed. */
  | { readonly kind: 'ready'; readonly secret: Secret }
  | {
      readonly kind: 'not';
      readonly verdict: 'fault' | 'unknown';
      readonly fault: Fault | null;
      /** What is in the way, as the rest of a sentence, and what to do. */
      readonly words: string;
      readonly asked: string | null;
    };

/**
 * What the calls of a check are signed with. The client's own credentials are shown to the token endpoint, which costs nobody
 * anything; a refresh token never is, for it may be taken once: only a page renews it, and keeps what comes.
 */
export async function accessToCheck(
  connector: Connector,
  secret: Secret,
  ports: Ports,
  signal: AbortSignal,
): Promise<CheckAccess> {
  const { authentication: auth } = connector;
  const { tokens, vendor, clock } = ports;
  if (auth.kind !== 'oauth2' || tokens === null) return { kind: 'ready', secret };
  if (auth.grant.kind === 'client_credentials') {
    const answer = await vendor.call(tokenRequest(auth, tokens.url, secret.fields, null), signal);
    const reading = readTokenAnswer(answer);
    if (reading.kind !== 'granted') return notGranted(reading, connector, tokens.url);
    const { accessToken } = reading.granted;
    return { kind: 'ready', secret: withFields(secret, { [accessTokenField]: accessToken }) };
  }
  const held = (await tokens.vault?.current())?.tokens;
  const isGood =
    held?.grant === grantOf(auth, secret.fields) &&
    (held.lifeMs === null || held.requestedAt + held.lifeMs > clock.now());
  if (held === undefined || held === null || !isGood) {
    const words =
      'not called, for it has no access token that is good now, and only a page renews one: npx pagekeeper run a stream of it, and check again';
    return { kind: 'not', verdict: 'unknown', fault: null, words, asked: null };
  }
  const { accessToken, refreshToken } = held;
  const fields = { [accessTokenField]: accessToken, [refreshTokenField]: refreshToken ?? '' };
  return { kind: 'ready', secret: withFields(secret, fields) };
}

function withFields({ version, fields }: Secret, more: Readonly<Record<string, string>>): Secret {
  return { version, fields: { ...fields, ...more } };
}

function notGranted(
  reading: Exclude<TokenReading, { kind: 'granted' }>,
  connector: Connector,
  url: string,
): CheckAccess {
  const asked = new URL(url).host;
  switch (reading.kind) {
    case 'refused': {
      const words = `the token endpoint refuses the credentials (${reading.reason}). ${adviceFor('credential', connector)}`;
      return { kind: 'not', verdict: 'fault', fault: 'credential', words, asked };
    }
    case 'transient': {
      const fault = reading.failure === 'throttled' ? 'limit' : reading.status === null ? 'network' : 'vendor';
      return { kind: 'not', verdict: 'unknown', fault, words: `${reading.reason}. ${adviceFor(fault, connector)}`, asked };
    }
    case 'final': {
      const fault = reading.outcome === 'missing' ? 'address' : 'request';
      const words = `${reading.reason}. Check tokenUrl, grant and scopes of the connector.`;
      return { kind: 'not', verdict: 'fault', fault, words, asked };
    }
  }
}
