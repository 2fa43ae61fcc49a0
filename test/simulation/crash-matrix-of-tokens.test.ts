import { describe, expect, it } from 'vitest';

import type { Connector } from '../../lib/connectors/connector.ts';
import type { PageRequest } from '../../lib/sync/message.ts';
import { SyncWorld } from '../support/sync-world.ts';
import { clientFields, rotating, tokenConnector, TokenVendor } from '../support/token-vendor.ts';
import { Killed, mortal } from './live-mortally.ts';

/**
 * Twelve workers whose access token has expired meet at once, and one of them is killed before or after one of its calls. Where
 * the vendor takes the last refresh token once more, nothing is ever lost.
 */

const minute = 60_000;
const workers = 12;
const names = Array.from({ length: workers }, (_, index) => `rows-${index}`);

type When = 'before' | 'after';
interface Kill {
  readonly call: number;
  readonly when: When;
}

function ledgerOf(lastTokenReusable: boolean): Connector {
  const connector = tokenConnector(rotating(lastTokenReusable));
  const { rows } = connector.streams;
  if (rows === undefined) throw new Error('There are no rows');
  return {
    ...connector,
    streams: Object.fromEntries(names.map((name) => [name, { ...rows, path: `/${name}` }])),
  };
}

interface Lived {
  readonly world: SyncWorld;
  readonly vendor: TokenVendor;
  /** The calls that could have been the last one of a worker, in their order. */
  readonly calls: readonly string[];
}

async function live(lastTokenReusable: boolean, kill: Kill | null): Promise<Lived> {
  const connector = ledgerOf(lastTokenReusable);
  const streams = names.map((name) => `ledger/${name}`);
  const secret = { ...clientFields, refreshToken: 'made-up-refresh-0' };
  const world = new SyncWorld({ connector, streams, secret });
  const vendor = new TokenVendor(world.clock, { grant: rotating(lastTokenReusable), rows: 5 });
  world.vendor.handle((request) => vendor.handle(request));
  // One run with the first tokens; then they expire.
  await all(world, streams);
  await world.clock.advance(60 * minute);

  const calls: string[] = [];
  const work = async (request: PageRequest): Promise<void> => {
    const indexes = new Map<number, number>();
    const mine = mortal(world.deps, (call, when) => {
      const name = mine.calls[call] ?? '';
      // Pages of records have a matrix of their own.
      if (!name.startsWith('token') && name !== 'vendor.call') return false;
      if (when === 'before') indexes.set(call, calls.push(name) - 1);
      return kill !== null && kill.when === when && indexes.get(call) === kill.call;
    });
    try {
      const report = await world.invoke(request, mine.deps);
      if (report.next !== 'redrive' || report.run === null) return;
      const { run, sequence, stream } = report;
      await world.queue.send({ v: 1, stream, run, sequence }, report.delaySeconds ?? 0);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  };
  await Promise.all(streams.map((stream) => work({ kind: 'tick', stream, scheduledAt: world.clock.now() })));
  // What comes back at once is a part of it.
  for (let rounds = 0; rounds < 2; rounds += 1) {
    const received = [];
    for (let one = world.queue.receive(); one !== undefined; one = world.queue.receive()) received.push(one);
    for (const { receiptHandle } of received) world.queue.delete(receiptHandle);
    await Promise.all(received.map(({ message }) => work({ kind: 'message', message })));
  }
  for (let rounds = 0; rounds < 12; rounds += 1) {
    await world.drain(5 * minute);
    await world.clock.advance(5 * minute);
    await world.watch();
  }
  return { world, vendor, calls };
}

/** A run of each stream. */
async function all(world: SyncWorld, streams: readonly string[]): Promise<void> {
  for (const stream of streams) await world.tick(stream);
  await world.drain(10 * minute);
}

async function statesOf(world: SyncWorld): Promise<string[]> {
  const checkpoints = await world.checkpoints.readAll([...world.streams.keys()]);
  return [...checkpoints.values()].map(({ state, outcome }) => `${state}, ${outcome}`);
}

async function momentsOf(lastTokenReusable: boolean) {
  const { calls } = await live(lastTokenReusable, null);
  const tokenCall = calls.indexOf('vendor.call');
  return calls.flatMap((name, call) =>
    // The others are for rows.
    name === 'vendor.call' && call !== tokenCall
      ? []
      : (['before', 'after'] as const).map((when) => ({ name, call, when })),
  );
}

describe('the crash matrix of tokens that the vendor takes once more', async () => {
  const cases = await momentsOf(true);

  it('covers all that a renewal asks of the world, once', () => {
    const called = cases.filter(({ when }) => when === 'before').map(({ name }) => name);
    for (const name of ['tokenStates.read', 'tokenStates.replace', 'tokenVault.current', 'tokenVault.stored'])
      expect(called).toContain(name);
    expect(called.filter((name) => name === 'tokenVault.store')).toHaveLength(1);
    expect(called.filter((name) => name === 'tokenVault.makeCurrent')).toHaveLength(1);
    expect(called.filter((name) => name === 'vendor.call')).toHaveLength(1);
  });

  it.each(cases)('a kill $when call $call, $name: nothing is lost, and no breaker opens', async (kill) => {
    const { world, vendor } = await live(true, kill);
    expect(new Set(await statesOf(world))).toEqual(new Set(['idle, complete']));
    expect(await world.breakers.read('ledger')).toMatchObject({ revision: 0 });
    expect(vendor.unauthorized).toEqual([]);
    expect(vendor.tokenRequests.every(({ granted }) => granted)).toBe(true);
    // And it goes on: with the token after next as well.
    for (let runs = 0; runs < 2; runs += 1) {
      await world.clock.advance(60 * minute);
      await all(world, [...world.streams.keys()]);
      expect(new Set(await statesOf(world))).toEqual(new Set(['idle, complete']));
    }
  });
});

describe('the crash matrix of tokens that the vendor takes once', async () => {
  const cases = await momentsOf(false);
  const tokenCall = cases.findIndex(({ name }) => name === 'vendor.call');
  const store = cases.findIndex(({ name }) => name === 'tokenVault.store');
  /** Between the answer and its being stored: no order of calls closes it. */
  const isWindow = ({ call, when }: Kill): boolean =>
    (call === cases[tokenCall]?.call && when === 'after') ||
    (call === cases[store]?.call && when === 'before');

  it('has one window, of two moments', () => {
    expect(cases.filter(isWindow)).toHaveLength(2);
  });

  it.each(cases)(
    'a kill $when call $call, $name: lost in the window only, and then a person is told',
    async (kill) => {
      const { world, vendor } = await live(false, kill);
      const states = await statesOf(world);
      if (!isWindow(kill)) {
        expect(new Set(states)).toEqual(new Set(['idle, complete']));
        expect(await world.breakers.read('ledger')).toMatchObject({ revision: 0 });
        expect(vendor.tokenRequests.every(({ granted }) => granted)).toBe(true);
        return;
      }
      expect(states).toContain('halted, unauthorized');
      expect(await world.breakers.read('ledger')).toMatchObject({ state: 'open' });
      // Shown once more, refused, and never again.
      expect(vendor.tokenRequests.filter(({ granted }) => !granted)).toHaveLength(1);
      const checkpoints = await world.checkpoints.readAll([...world.streams.keys()]);
      expect([...checkpoints.values()].some(({ reason }) => reason?.includes('grant again'))).toBe(true);
      world.secrets.change({ ...clientFields, refreshToken: vendor.grantAnew() });
      for (let rounds = 0; rounds < 4; rounds += 1) {
        await world.watch();
        await world.drain(5 * minute);
        await world.clock.advance(5 * minute);
      }
      expect(new Set(await statesOf(world))).toEqual(new Set(['idle, complete']));
    },
  );
});
