import type { Connector } from '../../lib/connectors/connector.ts';
import type { VendorRequest } from '../../lib/sync/ports.ts';
import { grantedIn, grantOf, tokenRequest } from '../../lib/connectors/token-request.ts';
import { newTokenState, withTokens } from '../../lib/sync/token.ts';
import type { FakeAnswer } from '../support/fakes/fake-vendor.ts';
import { tokenUrl, type SyncWorld } from '../support/sync-world.ts';
import { madeUpToken } from '../../infra/simulators/model/why-not-signed.ts';

/** Long after all that a check does: pages are what is checked here, and an access token is always new. */
const everMs = 10 * 365 * 86_400_000;

/**
 * What the first page of a connection requests before it calls: once, so that a check counts the calls for rows alone. How tokens
 * are renewed and rotated has tests and a crash matrix of its own.
 */
export async function grantTokens(connector: Connector, world: SyncWorld): Promise<void> {
  const { authentication: auth, name } = connector;
  if (auth.kind !== 'oauth2') return;
  const { fields } = await world.secrets.read({ fresh: true });
  const first = auth.grant.kind === 'refresh_token' ? (fields[auth.grant.field] ?? null) : null;
  const answer = grantToken(connector, fields, tokenRequest(auth, tokenUrl, fields, first));
  const granted = grantedIn(JSON.stringify(answer.body));
  if (answer.status !== 200 || typeof granted === 'string') {
    throw new Error(`The token endpoint of ${name} refuses what the definition requests`);
  }
  const { version: after } = await world.tokenVault.current();
  const requestedAt = world.clock.now() + everMs;
  await world.tokenVault.store('granted', { ...granted, grant: grantOf(auth, fields), requestedAt, after });
  await world.tokenVault.makeCurrent('granted', after);
  const { lifeMs } = granted;
  await world.tokenStates.replace(
    withTokens(newTokenState(name), { version: 'granted', requestedAt, lifeMs }),
  );
}

/** The token endpoint of a model vendor: it grants what the definition says how to request, and nothing else. */
function grantToken(
  { authentication: auth }: Connector,
  secret: Readonly<Record<string, string>>,
  { body, headers }: VendorRequest,
): FakeAnswer {
  if (auth.kind !== 'oauth2') return { status: 404 };
  const form = new URLSearchParams(body ?? '');
  const [id, word] = [secret[auth.clientId] ?? '', secret[auth.clientSecret] ?? ''].map((text) =>
    new URLSearchParams([['', text]]).toString().slice(1),
  );
  const isClient =
    auth.clientIn === 'basic'
      ? headers['authorization'] === `Basic ${Buffer.from(`${id}:${word}`).toString('base64')}`
      : form.get('client_id') === secret[auth.clientId] &&
        form.get('client_secret') === secret[auth.clientSecret];
  if (!isClient) return { status: 401, body: { error: 'invalid_client' } };
  if (form.get('scope') !== (auth.scopes?.join(' ') ?? null))
    return { status: 400, body: { error: 'invalid_scope' } };
  const shown = form.get('refresh_token');
  const isGranted =
    form.get('grant_type') === auth.grant.kind &&
    (auth.grant.kind === 'client_credentials' || shown === secret[auth.grant.field]);
  if (!isGranted) return { status: 400, body: { error: 'invalid_grant' } };
  const rotated = auth.grant.kind === 'refresh_token' ? { refresh_token: 'made-up-next' } : {};
  return { status: 200, body: { access_token: madeUpToken, expires_in: 3600, ...rotated } };
}
