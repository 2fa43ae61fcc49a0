import type { Records } from '../../../lib/sync/ports.ts';

/** Records of a stream that are stored and not deleted. */
export interface StoredCount {
  readonly rows: number;
  /** There are more: the count stopped there, so that nobody waits for it, and it costs little. */
  readonly isMore: boolean;
}

/** Together for all streams. */
const maxMs = 2000;
const streamsAtOnce = 8;

/**
 * Counts what is stored of each stream, for two seconds at the most.
 *
 * @returns without a stream that could not be counted, as where a reader may read only others
 */
export async function countStored(
  streams: readonly string[],
  records: Pick<Records, 'list'>,
): Promise<ReadonlyMap<string, StoredCount>> {
  const counts = new Map<string, StoredCount>();
  const signal = AbortSignal.timeout(maxMs);
  const waiting = [...streams];
  const countNext = async (): Promise<void> => {
    for (let stream = waiting.shift(); stream !== undefined; stream = waiting.shift()) {
      const counted = await countOne(stream, records, signal);
      if (counted !== null) counts.set(stream, counted);
    }
  };
  await Promise.all(Array.from({ length: streamsAtOnce }, countNext));
  return counts;
}

/** @returns null where nothing of it could be counted */
async function countOne(
  stream: string,
  records: Pick<Records, 'list'>,
  signal: AbortSignal,
): Promise<StoredCount | null> {
  let rows = 0;
  let after: string | null = null;
  try {
    do {
      const { keys, last }: Awaited<ReturnType<Records['list']>> = await records.list(stream, after, signal);
      rows += keys.filter(({ deletedAt }) => deletedAt === null).length;
      after = last;
    } while (after !== null);
    return { rows, isMore: false };
  } catch {
    // What stands still is what the person has asked for, whatever kept this from being counted.
    return after === null ? null : { rows, isMore: true };
  }
}
