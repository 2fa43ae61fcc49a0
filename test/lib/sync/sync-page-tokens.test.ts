import { describe, expect, it } from 'vitest';

import type { Grant } from '../../../lib/connectors/connector.ts';
import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { SyncWorld } from '../../support/sync-world.ts';
import {
  clientCredentials,
  clientFields,
  rotating,
  tokenConnector,
  TokenVendor,
} from '../../support/token-vendor.ts';

const minute = 60_000;
const stream = 'ledger/rows';

interface Options {
  readonly grant?: Grant;
  readonly clientIn?: 'basic' | 'body';
  readonly lifeSeconds?: number;
  readonly isTold?: boolean;
  readonly streams?: readonly string[];
}

function worldOf(options: Options = {}): { readonly world: SyncWorld; readonly vendor: TokenVendor } {
  const { grant = clientCredentials, clientIn, streams = [stream] } = options;
  const world = new SyncWorld({
    connector: tokenConnector(grant, clientIn),
    streams,
    secret: { ...clientFields, ...(grant.kind === 'refresh_token' && { refreshToken: 'made-up-refresh-0' }) },
  });
  const vendor = new TokenVendor(world.clock, { ...options, grant });
  world.vendor.handle((request) => vendor.handle(request));
  return { world, vendor };
}

async function run(world: SyncWorld, name = stream): Promise<string | undefined> {
  await world.tick(name);
  await world.drain(20 * minute);
  return (await world.checkpoint(name)).outcome ?? undefined;
}

const bodyOf = (vendor: TokenVendor, index = 0): string => vendor.tokenRequests[index]?.request.body ?? '';

describe('a connection with access tokens', () => {
  it('requests one before its first page, and calls with it until it is to expire', async () => {
    const { world, vendor } = worldOf();
    expect(await run(world)).toBe('complete');
    expect(await world.storedIds(stream)).toHaveLength(45);
    for (let runs = 0; runs < 3; runs += 1) {
      await world.clock.advance(19 * minute);
      expect(await run(world)).toBe('complete');
    }
    expect(vendor.tokenRequests.map(({ at }) => at)).toHaveLength(1);
    await world.clock.advance(5 * minute);
    expect(await run(world)).toBe('complete');
    expect(vendor.tokenRequests).toHaveLength(2);
    expect(vendor.unauthorized).toEqual([]);
  });

  it.each(['basic', 'body'] as const)('sends the client in the %s', async (clientIn) => {
    const { world, vendor } = worldOf({ clientIn });
    expect(await run(world)).toBe('complete');
    const { headers, url, method } = vendor.tokenRequests[0]?.request ?? {};
    expect([method, url]).toEqual(['POST', 'https://vendor.example/oauth/token']);
    expect(headers?.['content-type']).toBe('application/x-www-form-urlencoded');
    const client = 'client_id=made-up-client&client_secret=made-up-client-secret';
    const form = 'grant_type=client_credentials&scope=rows%3Aread+offline';
    expect(bodyOf(vendor)).toBe(clientIn === 'body' ? `${form}&${client}` : form);
    expect(headers?.['authorization'] !== undefined).toBe(clientIn === 'basic');
  });

  it('is one invocation, which calls nothing else, and costs the page no attempt', async () => {
    const { world, vendor } = worldOf();
    const report = await world.tick(stream);
    expect(report).toMatchObject({ outcome: 'refused', requests: 1, next: 'redrive', attempt: 0 });
    expect(report.reason).toMatch(/^the access token was renewed, and stored \d+ ms after it came$/);
    expect(world.vendor.requests).toHaveLength(1);
    expect(vendor.tokenRequests).toHaveLength(1);
  });

  it('renews a token that has expired without a word before, and tries again: no breaker opens', async () => {
    const { world, vendor } = worldOf({ isTold: false, lifeSeconds: 1800 });
    expect(await run(world)).toBe('complete');
    await world.clock.advance(45 * minute);
    expect(await run(world)).toBe('complete');
    expect(vendor.unauthorized).toHaveLength(1);
    expect(vendor.tokenRequests).toHaveLength(2);
    expect(await world.breakers.read('ledger')).toMatchObject({ state: 'closed', revision: 0 });
    const expired = world.reports.find(({ status }) => status === 401);
    expect(expired).toMatchObject({ outcome: 'deferred', reason: expect.stringMatching(/had expired$/) });
  });

  it('opens the breaker at a 401 with a token that is new', async () => {
    const { world, vendor } = worldOf();
    expect(await run(world)).toBe('complete');
    await world.clock.advance(10 * minute);
    vendor.forgetAccess();
    expect(await run(world)).toBe('unauthorized');
    const { reason } = await world.checkpoint(stream);
    expect(reason).toMatch(/^HTTP 401.*, with an access token of 1\d min$/);
    expect(await world.breakers.read('ledger')).toMatchObject({ state: 'open', secretVersion: 'version-1' });
    expect(vendor.tokenRequests).toHaveLength(1);
  });

  it('requests a new one where a person has the credentials tried again', async () => {
    const { world, vendor } = worldOf({ grant: rotating(true) });
    expect(await run(world)).toBe('complete');
    await world.clock.advance(minute);
    vendor.forgetAccess();
    expect(await run(world)).toBe('unauthorized');
    world.secrets.change({ ...clientFields, refreshToken: 'made-up-refresh-0', maskKey: 'another' });
    await world.watch();
    await world.drain();
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
    expect(await world.breakers.read('ledger')).toMatchObject({ state: 'closed' });
    expect(vendor.tokenRequests.map(({ granted }) => granted)).toEqual([true, true]);
  });

  it.each([
    ['client_credentials', clientCredentials, /store credentials that the vendor takes \(secret set\)$/],
    [
      'refresh_token',
      rotating(true),
      /grant again at the vendor, and store the new refresh token \(secret set\)$/,
    ],
  ] as const)('halts the connection where the grant is refused: %s', async (_, grant, words) => {
    const { world, vendor } = worldOf({ grant, streams: [stream, 'ledger/more'] });
    vendor.failure = { status: 400, body: { error: 'invalid_grant', error_description: 'of Ann Other' } };
    expect(await run(world)).toBe('unauthorized');
    const { reason } = await world.checkpoint(stream);
    expect(reason).toMatch(/^the token endpoint refuses the grant \(HTTP 400: invalid_grant\): /);
    expect(reason).toMatch(words);
    expect(await run(world, 'ledger/more')).toBe('unauthorized');
    expect(world.vendor.requests).toHaveLength(1);
    // A person grants anew.
    vendor.failure = null;
    const refreshToken = vendor.grantAnew();
    world.secrets.change({ ...clientFields, ...(grant.kind === 'refresh_token' && { refreshToken }) });
    // One probes; the other one follows.
    for (let rounds = 0; rounds < 2; rounds += 1) {
      await world.watch();
      await world.drain();
    }
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
    expect(await world.breakers.read('ledger')).toMatchObject({ state: 'closed' });
  });

  it.each<FakeAnswer & { readonly status: number }>([
    { status: 503 },
    { status: 429, headers: { 'retry-after': '90' } },
    { status: 200, body: '<html>' },
    { status: 200, body: { token: 'x' } },
  ])('tries again later where the token endpoint has no answer for now: %j', async (failure) => {
    const { world, vendor } = worldOf();
    vendor.failure = failure;
    const report = await world.tick(stream);
    expect(report).toMatchObject({ outcome: 'deferred', status: failure.status, next: 'redrive' });
    expect(report.reason).toMatch(/^the token endpoint: /);
    const wait = failure.status === 429 ? 90_000 : 4000;
    vendor.failure = null;
    await world.clock.advance(wait - 1000);
    // Nobody else comes sooner.
    await world.deliver();
    expect(vendor.tokenRequests).toHaveLength(1);
    await world.drain();
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
    expect(await world.breakers.read('ledger')).toMatchObject({ state: 'closed', revision: 0 });
  });

  it('halts one stream where the request itself is wrong', async () => {
    const { world, vendor } = worldOf();
    vendor.failure = { status: 400, body: { error: 'invalid_scope' } };
    expect(await run(world)).toBe('rejected');
    expect((await world.checkpoint(stream)).reason).toBe('the token endpoint: HTTP 400: invalid_scope');
    expect(await world.breakers.read('ledger')).toMatchObject({ state: 'closed' });
  });

  it.each([
    [rotating(false), 300, /^an access token lasts 300 s, and less than 15 minutes cannot be kept/],
    [clientCredentials, 30, /^an access token lasts 30 s, and less than a minute cannot be used/],
  ] as const)(
    'refuses tokens that are too short-lived for it: %j, %i s',
    async (grant, lifeSeconds, says) => {
      const { world, vendor } = worldOf({ grant, lifeSeconds });
      expect(await run(world)).toBe('rejected');
      expect((await world.checkpoint(stream)).reason).toMatch(says);
      expect(vendor.tokenRequests).toHaveLength(1);
      expect(world.vendor.requests).toHaveLength(1);
    },
  );

  describe("of the client's own, for 5 minutes each", () => {
    const shortLived = (): ReturnType<typeof worldOf> => worldOf({ lifeSeconds: 300 });
    /** As another function does it that was started later: it holds nothing yet. */
    function anotherFunction({ deps }: SyncWorld): SyncWorld['deps'] {
      return { ...deps, tokens: deps.tokens && { ...deps.tokens, memory: { held: null } } };
    }

    it('renews each in time, and stores one in 15 minutes at most', async () => {
      const { world, vendor } = shortLived();
      for (let runs = 0; runs < 30; runs += 1) {
        expect(await run(world)).toBe('complete');
        await world.clock.advance(2 * minute);
      }
      expect(vendor.unauthorized).toEqual([]);
      const hours = (world.clock.now() - vendor.tokenRequests[0]!.at) / (60 * minute);
      expect(vendor.tokenRequests.length).toBeGreaterThan(10 * hours);
      expect(world.tokenVault.versions.length).toBeLessThanOrEqual(4 * hours + 1);
      expect(world.tokenVault.versions.length).toBeGreaterThan(2 * hours);
    });

    it('has each function request its own where the stored one is over, seconds apart, and costs no page an attempt', async () => {
      const { world, vendor } = shortLived();
      expect(await run(world)).toBe('complete');
      await world.clock.advance(6 * minute);
      await world.tick(stream);
      expect(world.reports.at(-1)?.reason).toBe('the access token was renewed, for this function alone');
      const other = anotherFunction(world);
      const message = world.queue.receive()!.message;
      const waited = await world.invoke({ kind: 'message', message }, other);
      expect(waited).toMatchObject({ outcome: 'refused', attempt: 0, requests: 0 });
      await world.clock.advance(5000);
      const renewed = await world.invoke({ kind: 'message', message }, other);
      expect(renewed).toMatchObject({ outcome: 'refused', attempt: 0, requests: 1 });
      await world.clock.advance(0);
      expect(await world.invoke({ kind: 'message', message }, other)).toMatchObject({ outcome: 'fetched' });
      const [, second, third] = vendor.tokenRequests.map(({ at }) => at);
      expect(third! - second!).toBeGreaterThanOrEqual(4000);
      expect(world.tokenVault.versions).toHaveLength(1);
      expect(vendor.unauthorized).toEqual([]);
    });

    it('opens the breaker for a 401 with a new one, also where only this function holds it', async () => {
      const { world, vendor } = shortLived();
      expect(await run(world)).toBe('complete');
      await world.clock.advance(6 * minute);
      await world.tick(stream);
      vendor.forgetAccess();
      await world.drain(minute);
      expect((await world.checkpoint(stream)).outcome).toBe('unauthorized');
      expect((await world.checkpoint(stream)).reason).toMatch(/with an access token of 0 min$/);
      expect(await world.breakers.read('ledger')).toMatchObject({ state: 'open' });
    });

    it('renews one that only this function holds where it expires under way', async () => {
      const { world, vendor } = shortLived();
      expect(await run(world)).toBe('complete');
      await world.clock.advance(6 * minute);
      await world.tick(stream);
      await world.clock.advance(3.9 * minute);
      // Sent before it is due, and answered after that.
      const { vendor: port } = world.deps;
      const late: SyncWorld['deps'] = {
        ...world.deps,
        vendor: {
          call: async (request, signal) => {
            await world.clock.advance(2 * minute);
            return port.call(request, signal);
          },
        },
      };
      const message = world.queue.receive()!.message;
      expect(await world.invoke({ kind: 'message', message }, late)).toMatchObject({
        outcome: 'deferred',
        status: 401,
        reason: expect.stringMatching(/had expired$/),
      });
      expect(vendor.unauthorized).toHaveLength(1);
      expect(await world.breakers.read('ledger')).toMatchObject({ revision: 0 });
    });
  });

  it('renews once for many streams, and the others wait for it', async () => {
    const { world, vendor } = worldOf({ grant: rotating(false), streams: [stream, 'ledger/more'] });
    const pending = ['ledger/rows', 'ledger/more'].map((name) => world.tick(name));
    await Promise.all(pending);
    await world.drain();
    expect(vendor.tokenRequests).toHaveLength(1);
    for (const name of [stream, 'ledger/more'])
      expect(await world.checkpoint(name)).toMatchObject({ outcome: 'complete' });
  });

  it('waits at most 2 s for one that is renewed elsewhere, and then comes back', async () => {
    const { world, vendor } = worldOf();
    const { clock, tokenStates } = world;
    const lease = { holder: 'another', until: clock.now() + 40_000 };
    await tokenStates.replace({ ...(await tokenStates.read('ledger')), lease });
    const before = clock.now();
    const report = await world.tick(stream);
    expect(clock.now() - before).toBeLessThanOrEqual(2000);
    expect(report).toMatchObject({ outcome: 'refused', requests: 0 });
    expect(report.reason).toBe('another page is renewing the access token');
    await world.drain();
    expect(vendor.tokenRequests[0]?.at).toBeGreaterThanOrEqual(lease.until);
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
  });
});

describe('refresh tokens that rotate', () => {
  it('shows each one once, for as long as it goes on', async () => {
    const { world, vendor } = worldOf({ grant: rotating(false) });
    for (let runs = 0; runs < 6; runs += 1) {
      expect(await run(world)).toBe('complete');
      await world.clock.advance(60 * minute);
    }
    const shown = vendor.tokenRequests.map(({ request }) =>
      new URLSearchParams(request.body ?? '').get('refresh_token'),
    );
    expect(shown).toHaveLength(6);
    expect(new Set(shown).size).toBe(6);
    expect(vendor.tokenRequests.every(({ granted }) => granted)).toBe(true);
  });

  it('goes on with the rotated one where other fields of the secret change, and begins anew with a new first one', async () => {
    const { world, vendor } = worldOf({ grant: rotating(false) });
    await run(world);
    await world.clock.advance(60 * minute);
    world.secrets.change({ ...clientFields, refreshToken: 'made-up-refresh-0', maskKey: 'another' });
    expect(await run(world)).toBe('complete');
    expect(bodyOf(vendor, 1)).not.toContain('made-up-refresh-0');
    const refreshToken = vendor.grantAnew();
    world.secrets.change({ ...clientFields, refreshToken });
    await world.clock.advance(6 * minute);
    expect(await run(world)).toBe('complete');
    expect(bodyOf(vendor, 2)).toContain(refreshToken);
  });

  it('shows nothing of a secret that has been replaced, though a warm function still holds it', async () => {
    const { world, vendor } = worldOf({ grant: rotating(false) });
    await run(world);
    const old = await world.secrets.read({ fresh: false });
    const refreshToken = vendor.grantAnew();
    world.secrets.change({ ...clientFields, refreshToken });
    await world.clock.advance(6 * minute);
    // A function that has read the new secret renews; one that has read the old one before is still warm.
    expect(await run(world)).toBe('complete');
    const { secrets } = world.deps;
    const warm: SyncWorld['deps'] = {
      ...world.deps,
      secrets: { read: ({ fresh }) => (fresh ? secrets.read({ fresh }) : Promise.resolve(old)) },
    };
    await world.clock.advance(minute);
    const report = await world.invoke({ kind: 'tick', stream, scheduledAt: world.clock.now() }, warm);
    expect(report).toMatchObject({ outcome: 'refused', requests: 0, attempt: 0 });
    expect(report.reason).toBe('the secret has been replaced meanwhile');
    const { sequence } = report;
    await world.queue.send({ v: 1, stream, run: report.run!, sequence }, 0);
    await world.drain();
    expect((await world.checkpoint(stream)).outcome).toBe('complete');
    expect(vendor.tokenRequests.map(({ granted }) => granted)).toEqual([true, true]);
    expect(await world.breakers.read('ledger')).toMatchObject({ state: 'closed', revision: 0 });
  });

  it('takes up what a page had stored that was broken off before it could make it current', async () => {
    const { world, vendor } = worldOf({ grant: rotating(false) });
    const { makeCurrent } = world.tokenVault;
    world.tokenVault.makeCurrent = () => Promise.reject(new Error('broken off'));
    await world.tick(stream);
    world.tokenVault.makeCurrent = makeCurrent.bind(world.tokenVault);
    await world.drain();
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'complete' });
    expect(vendor.tokenRequests).toHaveLength(1);
  });

  it('takes nothing back where it comes late', async () => {
    const { world } = worldOf({ grant: rotating(true) });
    await run(world);
    const { version, tokens } = await world.tokenVault.current();
    await world.clock.advance(60 * minute);
    await run(world);
    const newer = await world.tokenVault.current();
    if (tokens === null) throw new Error('There are no tokens');
    await world.tokenVault.store('late', { ...tokens, accessToken: 'late', after: version });
    expect(await world.tokenVault.makeCurrent('late', version)).toBe(false);
    expect(await world.tokenVault.current()).toEqual(newer);
    await world.clock.advance(60 * minute);
    expect(await run(world)).toBe('complete');
  });

  it('tries the one before where the last is refused and the vendor may have overtaken itself', async () => {
    const { world, vendor } = worldOf({ grant: rotating(true) });
    await run(world);
    await world.clock.advance(60 * minute);
    await run(world);
    // A request that was given up is answered late: what had been granted before it is void.
    const shown = bodyOf(vendor, 1);
    const { headers } = vendor.tokenRequests[1]?.request ?? { headers: {} };
    vendor.handle({ method: 'POST', url: 'https://vendor.example/oauth/token', headers, body: shown });
    await world.clock.advance(60 * minute);
    expect(await run(world)).toBe('complete');
    expect(vendor.tokenRequests.map(({ granted }) => granted)).toEqual([true, true, true, false, true]);
    expect(await world.breakers.read('ledger')).toMatchObject({ state: 'closed' });
  });

  it('says "grant again" where an answer is lost and the vendor takes no token twice', async () => {
    const { world, vendor } = worldOf({ grant: rotating(false) });
    await run(world);
    await world.clock.advance(60 * minute);
    const { store } = world.tokenVault;
    world.tokenVault.store = () => Promise.reject(new Error('broken off'));
    await world.tick(stream);
    world.tokenVault.store = store.bind(world.tokenVault);
    await world.drain();
    expect(await world.checkpoint(stream)).toMatchObject({ outcome: 'unauthorized', state: 'halted' });
    expect((await world.checkpoint(stream)).reason).toMatch(/grant again/);
    expect(vendor.tokenRequests).toHaveLength(3);
  });

  it('puts no token and no secret into checkpoints, reports and what is known of the token', async () => {
    const { world, vendor } = worldOf({ grant: rotating(true) });
    await run(world);
    world.vendor.handle((request) => {
      const { authorization = '' } = request.headers;
      return request.url.includes('oauth')
        ? vendor.handle(request)
        : { status: 500, body: { message: `bad ${authorization} and made-up-refresh-1` } };
    });
    await world.clock.advance(10 * minute);
    await run(world);
    const all = JSON.stringify([
      world.reports,
      await world.checkpoint(stream),
      await world.tokenStates.read('ledger'),
      await world.breakers.read('ledger'),
    ]);
    expect(all).not.toMatch(/made-up-(access|refresh|client)/);
  });
});
