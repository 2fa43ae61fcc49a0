import type { Chance } from './chance.ts';
import { troubledTicks } from './faults.ts';

/** How the changes of the records are published and read in a history. */
export interface Publishing {
  /** Of the table's stream, at the beginning. */
  readonly shards: number;
  /** When one of them is divided, milliseconds from the start. */
  readonly splits: readonly number[];
  /** Writes in a batch. */
  readonly most: number;
  /** How much of what can go wrong does, 0 to 1. */
  readonly trouble: number;
  /** An object takes so long to be stored, unless something goes wrong with it. */
  readonly storesWithin: number;
  /** Nothing is delivered in between, milliseconds from the start. */
  readonly outage: { readonly at: number; readonly until: number };
  readonly keepsBefore: boolean;
  /** At most so long between two polls of the reader, milliseconds. */
  readonly pollsWithin: number;
  /** The log lists so many keys at a time, and takes so long for them. */
  readonly listing: { readonly keys: number; readonly ms: number };
  /** The log's clock is ahead of the publisher's. */
  readonly aheadMs: number;
}

export function drawPublishing(gapSeconds: number, chance: Chance): Publishing {
  const span = troubledTicks * gapSeconds * 1000;
  const at = chance.whole(0, gapSeconds * 1000);
  // A log that lists slowly gives the lines in their order by the publisher's clock: then there is only one.
  const isSlow = chance.happens(0.5);
  return {
    shards: chance.whole(1, 3),
    splits: Array.from({ length: chance.whole(0, 2) }, () => chance.whole(0, span)),
    most: chance.pick([1, 2, 5, 20]),
    trouble: chance.pick([0.05, 0.2, 0.5]),
    storesWithin: isSlow && chance.happens(0.7) ? 40_000 : 300,
    // Long enough for several changes of a record, which are then published within a minute or two.
    outage: { at, until: at + (chance.happens(0.4) ? chance.whole(1, 5 * 3600) * 1000 : 0) },
    keepsBefore: chance.happens(0.5),
    pollsWithin: chance.scaled(300_000, 3_600_000),
    listing: isSlow ? { keys: chance.whole(1, 2), ms: chance.whole(1000, 120_000) } : { keys: 1000, ms: 0 },
    aheadMs: isSlow ? 0 : chance.whole(0, 50_000),
  };
}
