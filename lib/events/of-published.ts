import type { Published } from '../changes/publish.ts';
import type { PagekeeperEvent } from './event.ts';

/** An event for each object of the change log. Pure. @param now epoch milliseconds */
export function recordsChanged(
  published: readonly Published[],
  deployment: string,
  now: number,
): readonly PagekeeperEvent[] {
  return published.map(({ stream, key, counts, first, last }) => ({
    type: 'Records Changed',
    detail: {
      // By its lines: a batch that comes twice makes another object of the same.
      id: `changes/${stream}/${first}-${last}`,
      ...{ deployment, stream, at: new Date(now).toISOString(), counts, key },
    },
  }));
}
