import type { SyncDependencies } from '../../lib/sync/work.ts';
import type { SyncWorld } from './sync-world.ts';

/** The function is killed now: it stores nothing any more. @returns what begins another one */
export function kill({ checkpoints }: SyncWorld): () => void {
  const { replace } = checkpoints;
  checkpoints.replace = () => Promise.reject(new Error('killed'));
  return () => {
    checkpoints.replace = replace;
  };
}

/** The ports of a function that is killed where it calls this one. */
export function killedAt(
  port: 'records' | 'vendor',
  world: SyncWorld,
): { readonly deps: SyncDependencies; readonly revive: () => void } {
  let revive = (): void => undefined;
  const die = (): Promise<never> => {
    revive = kill(world);
    return Promise.reject(new Error('killed'));
  };
  const { records } = world;
  const dying = {
    records: {
      upsert: die,
      list: records.list.bind(records),
      bury: records.markDeleted.bind(records),
      erase: records.purge.bind(records),
    },
    vendor: { call: die },
  };
  return { deps: { ...world.deps, [port]: dying[port] }, revive: () => revive() };
}
