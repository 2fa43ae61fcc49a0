import { describe, expect, it } from 'vitest';

import { connectors } from '../../../lib/connectors/registry.ts';
import { checkConnection, type CheckedConnection } from '../../../lib/operations/check.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import { secretPlaceholder } from '../../../lib/sync/credentials.ts';
import type { FakeAnswer, FakeHandler } from '../../support/fakes/fake-vendor.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const { signal } = new AbortController();
const mobaroStreams = ['mobaro/users', 'mobaro/webhooks', 'mobaro/locations'];

async function check(
  vendor: FakeHandler,
  streams = mobaroStreams,
  world = new SyncWorld({ streams, vendor }),
) {
  const name = streams[0]?.split('/')[0] ?? '';
  const connector = connectors[name]!;
  const connection: CheckedConnection = {
    ...{ name, connector, limitGroup: name, baseUrl: 'https://vendor.example' },
    streams: [...world.streams.values()],
  };
  const findings = await checkConnection(connection, { ...world.deps, clock: world.clock }, signal);
  return { findings, world, told: findings.map(({ target, fault }) => [target, fault]) };
}

const on =
  (path: string, answer: FakeAnswer, others: FakeHandler): FakeHandler =>
  (request) =>
    request.url.includes(path) ? answer : others(request);

describe('checkConnection', () => {
  it('asks for one row of each stream, and changes nothing that is stored of them', async () => {
    const { findings, world } = await check(mobaroWith(1234));

    expect(findings.map(({ verdict, sentence, asked }) => [verdict, sentence, asked])).toEqual(
      mobaroStreams.map((stream) => [
        ...['good', `${stream}: it answers, and counts 1,234 rows.`],
        'vendor.example',
      ]),
    );
    expect(
      world.vendor.requests.map(({ request }) => new URL(request.url).searchParams.get('Limit')),
    ).toEqual(['1', '1', '1']);
    expect(await world.checkpoints.read('mobaro/users')).toBeUndefined();
    expect(await world.storedIds()).toEqual([]);
  });

  it.each([
    [{ status: 403 }, 'permission', 'fault'],
    [{ status: 404 }, 'missing', 'fault'],
    [{ status: 400 }, 'request', 'fault'],
    [{ status: 503 }, 'vendor', 'unknown'],
    [{ status: 429, headers: { 'Retry-After': '30' } }, 'limit', 'unknown'],
    [{ status: 200, body: '<!doctype html><html></html>' }, 'address', 'fault'],
    [{ kind: 'unanswered', failure: 'network', reason: 'ECONNREFUSED' }, 'network', 'fault'],
    [{ kind: 'redirected', status: 302, reason: 'to another host' }, 'address', 'fault'],
  ] as const)('says of %j that the %s is at fault', async (answer, fault, verdict) => {
    const { findings } = await check(() => answer, ['mobaro/users']);
    expect(findings).toMatchObject([{ fault, verdict }]);
  });

  it('stops at the first 401, and opens nothing', async () => {
    const { findings, told, world } = await check(() => ({ status: 401 }));

    expect(world.vendor.requests).toHaveLength(1);
    expect(findings.map(({ asked }) => asked)).toEqual(['vendor.example', null, null]);
    expect(told).toEqual(mobaroStreams.map((stream) => [stream, 'credential']));
    expect(await world.breakers.read('mobaro')).toEqual(newBreaker('mobaro'));
  });

  it('says that a key which is good elsewhere lacks a permission, and stops there as well', async () => {
    const { told, world } = await check(on('/webhooks', { status: 401 }, mobaroWith(5)));

    expect(told.map(([, fault]) => fault)).toEqual([null, 'permission', 'credential']);
    expect(world.vendor.requests).toHaveLength(2);
  });

  it('asks Bob first for what needs no permission, so that a 403 is none of the key', async () => {
    const vendor = on('/company/people/fields', { status: 200, body: [] }, () => ({ status: 403 }));
    const { findings } = await check(vendor, ['bob/people']);

    expect(findings).toMatchObject([
      { target: 'bob', verdict: 'good', sentence: 'bob: its key is good.' },
      { target: 'bob/people', fault: 'permission' },
    ]);
  });

  it('never asks with a placeholder, nor with a key that was refused', async () => {
    const streams = mobaroStreams;
    const empty = new SyncWorld({ streams, secret: { apiKey: secretPlaceholder } });
    expect((await check(mobaroWith(1), streams, empty)).told).toEqual([['mobaro', 'secret']]);

    const refused = new SyncWorld({ streams, vendor: () => ({ status: 401 }) });
    await refused.tick();
    expect((await check(mobaroWith(1), streams, refused)).told).toEqual([['mobaro', 'credential']]);
    expect([empty, refused].map(({ vendor }) => vendor.requests.length)).toEqual([0, 1]);
  });

  it('asks for what is new where a list is read by time', async () => {
    const { findings, world } = await check(mobaroWith(7), ['mobaro/results']);
    expect(findings).toMatchObject([{ verdict: 'good' }]);
    const [asked] = world.vendor.requests.map(({ request }) => new URL(request.url).searchParams);
    const [since, until] = ['AnsweredAfter', 'AnsweredBefore'].map((bound) =>
      Date.parse(asked?.get(bound) ?? ''),
    );
    // 72 hours are looked back.
    expect([since, until]).toEqual([world.clock.now() - 72 * 3_600_000, world.clock.now()]);
  });

  it('asks for the rows of one parent, and where there is none yet, for nothing', async () => {
    const streams = ['bob/employee-calendars'];
    const vendor = on('/company/people/fields', { status: 200, body: [] }, () => ({
      ...{ status: 200, body: { items: [] } },
    }));
    const world = new SyncWorld({ streams, vendor });
    const before = await check(vendor, streams, world);
    expect(before.findings.slice(1)).toMatchObject([
      {
        ...{ verdict: 'unknown', fault: null },
        sentence:
          'bob/employee-calendars: not called, for bob/people has no record yet, and it is requested for one of them at a time.',
      },
    ]);
    expect(world.vendor.requests).toHaveLength(1);

    await world.records.upsert(
      'bob/people',
      [{ id: '9001', json: '{}', hash: 'h' }],
      { at: 0, run: 'run-1' },
      signal,
    );
    const after = await check(vendor, streams, world);
    expect(after.findings.map(({ verdict }) => verdict)).toEqual(['good', 'good']);
    expect(world.vendor.requests.at(-1)?.request.body).toContain('"values":["9001"]');
  });

  it('says that the secret may not be read', async () => {
    const world = new SyncWorld();
    world.secrets.read = () =>
      Promise.reject(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    const { findings } = await check(mobaroWith(1), ['mobaro/users'], world);
    expect(findings).toMatchObject([{ verdict: 'unknown', fault: 'secret' }]);
    expect(findings[0]?.sentence).toContain('AccessDeniedException');
  });

  it('does not wait out a limit that is in use, and tells what it sees of it', async () => {
    const world = new SyncWorld({
      vendor: () => ({
        ...{ status: 200, body: { items: [], total: 0 } },
        headers: { 'X-RateLimit-Limit': '60', 'X-RateLimit-Remaining': '59', 'X-RateLimit-Reset': '1' },
      }),
    });
    expect((await check(mobaroWith(1), ['mobaro/users'], world)).findings[0]?.limit).toEqual({
      limit: 60,
      remaining: 59,
    });
    await world.governor.close('mobaro', world.clock.now() + 90_000);
    const { findings } = await check(mobaroWith(1), ['mobaro/users'], world);
    expect(findings).toMatchObject([{ verdict: 'unknown', fault: 'limit' }]);
    expect(findings[0]?.sentence).toMatch(/^mobaro\/users: the limit of mobaro is in use, try in \d+ s\.$/);
    expect(world.vendor.requests).toHaveLength(1);
  });
});
