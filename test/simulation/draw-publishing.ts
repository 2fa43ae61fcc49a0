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
  /** Nothing is delivered for a day and so long, so that what was written in so long is lost; null where nothing is. */
  readonly lostMs: number | null;
  /** Null where nobody takes any: their hours make a history twice as long to live. */
  readonly snapshots: SnapshotsPlan | null;
  /** Null where nobody is told of runs, for the same reason. */
  readonly events: EventsPlan | null;
}

export interface SnapshotsPlan {
  /** When they are taken first, milliseconds from the start. */
  readonly firstAt: number;
  /** They come anew in a third of it. */
  readonly retentionDays: number;
  /** To read a record takes up to so long: then a snapshot has several parts. */
  readonly perRecordMs: number;
}

export interface EventsPlan {
  /** Writes of checkpoints in a batch. */
  readonly most: number;
  /** Nothing is delivered in between, milliseconds from the start. */
  readonly outage: { readonly at: number; readonly until: number };
}

export function drawPublishing(gapSeconds: number, chance: Chance): Publishing {
  const span = troubledTicks * gapSeconds * 1000;
  const at = chance.whole(0, gapSeconds * 1000);
  // A log that lists slowly gives the lines in their order by the publisher's clock: then there is only one.
  const isSlow = chance.happens(0.5);
  const plain = {
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
  const snapshots = chance.happens(1 / 8) ? drawSnapshots(chance) : null;
  const lostMs = snapshots !== null && chance.happens(0.4) ? chance.scaled(70 * 60_000, 6 * 3_600_000) : null;
  const from = chance.whole(0, span);
  const gap = lostMs === null ? {} : { outage: { at: from, until: from + dayMs + lostMs } };
  return {
    ...plain,
    ...gap,
    lostMs,
    snapshots,
    events: chance.happens(1 / 3) ? drawEvents(span, chance) : null,
  };
}

const dayMs = 86_400_000;

function drawSnapshots(chance: Chance): SnapshotsPlan {
  return {
    firstAt: chance.whole(0, 3_600_000),
    // Half of them every hour.
    retentionDays: chance.pick([30, 3 / 24]),
    perRecordMs: chance.pick([0, 5000, 25_000]),
  };
}

function drawEvents(span: number, chance: Chance): EventsPlan {
  const at = chance.whole(0, span);
  const outage = { at, until: at + (chance.happens(0.2) ? chance.whole(1, 5 * 3600) * 1000 : 0) };
  return { most: chance.pick([1, 5, 100]), outage };
}
