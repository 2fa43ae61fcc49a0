import type { SyncDependencies } from '../../lib/sync/work.ts';
import type { SyncWorld } from '../support/sync-world.ts';

export class Killed extends Error {}

/** Counts the calls of every port and dies at one of them: from then on no call of the same function comes to anything. */
export function mortal(
  deps: SyncDependencies,
  dies: (call: number, when: 'before' | 'after') => boolean,
): {
  readonly deps: SyncDependencies;
  readonly calls: string[];
  /** Another function begins. */
  readonly revive: () => void;
} {
  const calls: string[] = [];
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new Killed();
  };
  const guard = <Port extends object>(name: string, port: Port): Port =>
    new Proxy(port, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return async (...parameters: unknown[]): Promise<unknown> => {
          if (dead) return die();
          const call = calls.push(`${name}.${String(key)}`) - 1;
          if (dies(call, 'before')) return die();
          const result: unknown = await Reflect.apply(value, target, parameters);
          return dies(call, 'after') ? die() : result;
        };
      },
    });
  const { checkpoints, breakers, outages, governor, records, seenRows, schemas, idBatches } = deps;
  const { queue, secrets, tokens, vendor } = deps;
  const guarded = {
    ...deps,
    checkpoints: guard('checkpoints', checkpoints),
    breakers: guard('breakers', breakers),
    outages: guard('outages', outages),
    governor: guard('governor', governor),
    records: guard('records', records),
    seenRows: guard('seenRows', seenRows),
    schemas: guard('schemas', schemas),
    idBatches: guard('idBatches', idBatches),
    queue: guard('queue', queue),
    secrets: guard('secrets', secrets),
    tokens: tokens && {
      url: tokens.url,
      states: guard('tokenStates', tokens.states),
      vault: guard('tokenVault', tokens.vault),
      memory: tokens.memory,
    },
    vendor: guard('vendor', vendor),
  };
  const revive = (): void => {
    dead = false;
  };
  return { deps: guarded, calls, revive };
}

const minute = 60_000;

export type Dies = (call: number, when: 'before' | 'after') => boolean;

/**
 * A tick and all that follows, some calls of it mortal; then the watchdog until nothing moves any more.
 *
 * @param options.minutes for which it is watched @param options.looked called after each message
 * @returns the calls of all ports, in their order
 */
export async function liveMortally(
  world: SyncWorld,
  stream: string,
  dies: Dies,
  {
    minutes = 60,
    looked = () => Promise.resolve(),
  }: { readonly minutes?: number; readonly looked?: () => Promise<void> } = {},
): Promise<readonly string[]> {
  const { deps, calls, revive } = mortal(world.deps, dies);
  const survive = async (work: () => Promise<unknown>): Promise<void> => {
    revive();
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  };
  await survive(() => world.invoke({ kind: 'tick', stream, scheduledAt: world.clock.now() }, deps));
  for (let round = 0; round < minutes; round += 1) {
    for (let received = world.queue.receive(); received !== undefined; received = world.queue.receive()) {
      const { message, receiptHandle } = received;
      await survive(async () => {
        const report = await world.invoke({ kind: 'message', message }, deps);
        if (report.next === 'redrive') await world.queue.defer(receiptHandle, report.delaySeconds ?? 0);
        else world.queue.delete(receiptHandle);
      });
      await looked();
    }
    await world.clock.advance(minute);
    // A tick that died before it wrote anything is made up for by the next one; everything else heals by itself.
    // The watchdog stores that it has seen the stream: that is no beginning.
    const { lastTick = null } = (await world.checkpoints.read(stream)) ?? {};
    const begun = lastTick !== null;
    if (round === 14 && !begun) {
      await world.invoke({ kind: 'tick', stream, scheduledAt: world.clock.now() });
    }
    if (round % 5 === 4) await world.watch();
  }
  return calls;
}

/** Each call of a run, and both sides of it. */
export function moments(
  calls: readonly string[],
): { readonly name: string; readonly call: number; readonly when: 'before' | 'after' }[] {
  return calls.flatMap((name, call) => (['before', 'after'] as const).map((when) => ({ name, call, when })));
}
