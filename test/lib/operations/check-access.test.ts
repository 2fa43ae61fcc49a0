import { describe, expect, it } from 'vitest';

import type { Grant } from '../../../lib/connectors/connector.ts';
import { checkConnection } from '../../../lib/operations/check.ts';
import { SyncWorld } from '../../support/sync-world.ts';
import {
  clientCredentials,
  clientFields,
  rotating,
  tokenConnector,
  TokenVendor,
} from '../../support/token-vendor.ts';

const { signal } = new AbortController();

function worldOf(grant: Grant) {
  const connector = tokenConnector(grant);
  const secret = {
    ...clientFields,
    ...(grant.kind === 'refresh_token' && { refreshToken: 'made-up-refresh-0' }),
  };
  const world = new SyncWorld({ connector, streams: ['ledger/rows'], secret });
  const vendor = new TokenVendor(world.clock, { grant });
  world.vendor.handle((request) => vendor.handle(request));
  const check = () =>
    checkConnection(
      {
        ...{ name: 'ledger', connector, limitGroup: 'ledger', baseUrl: 'https://vendor.example' },
        streams: [...world.streams.values()],
      },
      { ...world.deps, tokens: world.deps.tokens, clock: world.clock },
      signal,
    );
  return { world, vendor, check };
}

describe('checkConnection with access tokens', () => {
  it('requests one with the client’s own credentials, and keeps nothing', async () => {
    const { world, vendor, check } = worldOf(clientCredentials);
    expect(await check()).toMatchObject([{ target: 'ledger/rows', verdict: 'good' }]);
    expect(vendor.tokenRequests).toHaveLength(1);
    expect(world.tokenVault.versions).toEqual([]);
  });

  it.each([
    [{ status: 401, body: { error: 'invalid_client' } }, 'fault', 'credential', /refuses the credentials/],
    [
      { status: 400, body: { error: 'invalid_scope' } },
      'fault',
      'request',
      /Check tokenUrl, grant and scopes/,
    ],
    [{ status: 404 }, 'fault', 'address', /the token endpoint: HTTP 404/],
    [{ status: 503 }, 'unknown', 'vendor', /the token endpoint: HTTP 503/],
    [{ status: 429 }, 'unknown', 'limit', /the token endpoint: HTTP 429/],
  ] as const)('says of %j at the token endpoint what is at fault', async (failure, verdict, fault, words) => {
    const { vendor, check, world } = worldOf(clientCredentials);
    vendor.failure = failure;
    const findings = await check();
    expect(findings).toMatchObject([{ target: 'ledger', verdict, fault, asked: 'vendor.example' }]);
    expect(findings[0]?.sentence).toMatch(words);
    expect(await world.breakers.read('ledger')).toMatchObject({ revision: 0 });
  });

  it('never shows a refresh token: it checks with the access token that is there', async () => {
    const { world, vendor, check } = worldOf(rotating(false));
    expect(await check()).toMatchObject([{ target: 'ledger', verdict: 'unknown', fault: null }]);
    expect(world.vendor.requests).toEqual([]);
    await world.tick('ledger/rows');
    expect(await check()).toMatchObject([{ target: 'ledger/rows', verdict: 'good' }]);
    await world.clock.advance(3600_000);
    const [found] = await check();
    expect(found?.sentence).toMatch(/only a page renews one: npx pagekeeper run/);
    expect(vendor.tokenRequests).toHaveLength(1);
  });
});
