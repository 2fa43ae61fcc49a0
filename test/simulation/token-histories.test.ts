import { describe, expect, it } from 'vitest';

import type { Grant } from '../../lib/connectors/connector.ts';
import type { PageRequest } from '../../lib/sync/message.ts';
import type { SyncDependencies } from '../../lib/sync/work.ts';
import { SyncWorld } from '../support/sync-world.ts';
import {
  clientCredentials,
  clientFields,
  rotating,
  tokenConnector,
  TokenVendor,
} from '../support/token-vendor.ts';
import { Chance } from './chance.ts';
import { Killed, mortal } from './live-mortally.ts';

/**
 * Hours of a connection whose access tokens expire within its runs, by chance: functions that each remember what they know while
 * they are warm, and that are killed before or after any of their calls, at renewals above all; a token endpoint that is away now
 * and then. Then two calm hours.
 */

const minute = 60_000;
const streams = ['ledger/rows', 'ledger/more'];
const functions = 3;
const rounds = 150;

interface Case {
  readonly grant: Grant;
  readonly lifeSeconds: number;
}

const cases: Readonly<Record<string, Case>> = {
  "the client's own, of 5 minutes": { grant: clientCredentials, lifeSeconds: 300 },
  "the client's own, of an hour": { grant: clientCredentials, lifeSeconds: 3600 },
  'rotating, of 20 minutes': { grant: rotating(true), lifeSeconds: 1200 },
};

interface Lived {
  readonly world: SyncWorld;
  readonly vendor: TokenVendor;
  /** When tokens were stored. */
  readonly storedAt: readonly number[];
  /** How many functions were killed while they renewed. */
  readonly killed: number;
}

async function live(seed: number, { grant, lifeSeconds }: Case): Promise<Lived> {
  const chance = new Chance('tokens', seed);
  const secret = { ...clientFields, refreshToken: 'made-up-refresh-0' };
  const world = new SyncWorld({ connector: tokenConnector(grant), streams, secret });
  const vendor = new TokenVendor(world.clock, { grant, lifeSeconds, rows: 90 });
  world.vendor.handle((request) => vendor.handle(request));
  const storedAt: number[] = [];
  let killed = 0;
  let isCalm = false;
  const memories = Array.from({ length: functions }, () => ({ held: null }));

  /** One invocation, in one of the functions. It is a new one where the last was killed. */
  async function invoke(request: PageRequest): Promise<void> {
    const own = chance.whole(0, functions - 1);
    const { tokens } = world.deps;
    const deps: SyncDependencies = {
      ...world.deps,
      tokens: tokens && { ...tokens, memory: memories[own] ?? { held: null } },
    };
    const mine = mortal(deps, (call, when) => {
      const name = mine.calls[call] ?? '';
      if (name === 'tokenVault.store' && when === 'after') storedAt.push(world.clock.now());
      const ofTokens =
        name.startsWith('tokenVault') || name === 'tokenStates.replace' || name === 'vendor.call';
      return !isCalm && chance.happens(ofTokens ? 0.04 : 0.001);
    });
    try {
      const report = await world.invoke(request, mine.deps);
      if (report.next !== 'redrive' || report.run === null) return;
      const { run, sequence, stream, delaySeconds } = report;
      await world.queue.send({ v: 1, stream, run, sequence }, delaySeconds ?? 0);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      memories[own] = { held: null };
      if (mine.calls.includes('tokenVault.current')) killed += 1;
    }
  }

  async function round(): Promise<void> {
    vendor.failure = !isCalm && chance.happens(0.05) ? { status: 503 } : null;
    const received = [];
    for (let one = world.queue.receive(); one !== undefined; one = world.queue.receive()) received.push(one);
    for (const { receiptHandle } of received) world.queue.delete(receiptHandle);
    const ticked = isCalm || chance.happens(0.15) ? streams : [];
    const scheduledAt = world.clock.now();
    await Promise.all([
      ...received.map(({ message }) => invoke({ kind: 'message', message })),
      ...ticked.map((stream) => invoke({ kind: 'tick', stream, scheduledAt })),
    ]);
    await world.clock.advance(chance.scaled(500, 4 * minute));
    if (chance.happens(0.3)) await world.watch();
  }

  for (let count = 0; count < rounds; count += 1) await round();
  isCalm = true;
  for (let count = 0; count < rounds / 2; count += 1) await round();
  await world.drain();
  return { world, vendor, storedAt, killed };
}

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);

describe.each(Object.entries(cases))('access tokens by chance: %s', (_, one) => {
  it.each(seeds)('of seed %i: expires without harm, and is lost in no crash', async (seed) => {
    const { world, vendor, storedAt, killed } = await live(seed, one);
    // No call with a token that is known to have expired.
    expect(vendor.unauthorized).toEqual([]);
    // The vendor has always taken what it was shown.
    expect(world.reports.flatMap(({ reason }) => /invalid_grant/.exec(reason ?? '') ?? [])).toEqual([]);
    if (one.grant.kind === 'refresh_token') {
      // The last one is always what is shown, unless its answer was lost or never came.
      const shown = vendor.tokenRequests.map(({ request }) =>
        new URLSearchParams(request.body ?? '').get('refresh_token'),
      );
      const failed = vendor.tokenRequests.filter(({ granted }) => !granted).length;
      expect(shown.length - new Set(shown).size).toBeLessThanOrEqual(killed + failed);
    }
    expect(await world.breakers.read('ledger')).toMatchObject({ state: 'closed', revision: 0 });
    const gaps = storedAt.slice(1).map((at, index) => at - (storedAt[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15 * minute);
    for (const stream of streams) {
      expect(await world.checkpoint(stream)).toMatchObject({ state: 'idle', outcome: 'complete' });
      expect(await world.storedIds(stream)).toHaveLength(90);
    }
  });

  it('covers renewals, and kills at them', async () => {
    const lived = await Promise.all(seeds.slice(0, 4).map((seed) => live(seed, one)));
    for (const { vendor } of lived) expect(vendor.tokenRequests.length).toBeGreaterThan(2);
    expect(lived.reduce((sum, { killed }) => sum + killed, 0)).toBeGreaterThan(0);
  });
});
