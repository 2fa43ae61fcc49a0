import { setTimeout as sleep } from 'node:timers/promises';

/** Doubling from 50 ms to 2 s: eight tries are about six seconds at the most. */
const firstPauseMs = 50;
const maxPauseMs = 2_000;
const tries = 8;

/**
 * Sends a batch, and then what DynamoDB left of it, until nothing is left. DynamoDB leaves some when it is short of
 * capacity or an answer grows too large, and wants its callers to back off; the pauses are drawn at random so that
 * several functions do not come back together.
 * @param send answers with what was not processed, or undefined.
 * @throws {Error} if something is still left after the last try; the signal's reason if it aborts.
 */
export async function untilProcessed<Batch>(
  batch: Batch,
  send: (batch: Batch) => Promise<Batch | undefined>,
  signal?: AbortSignal,
): Promise<void> {
  let left: Batch = batch;
  for (let attempt = 1; attempt <= tries; attempt++) {
    const unprocessed = await send(left);
    if (unprocessed === undefined) return;
    left = unprocessed;
    if (attempt === tries) break;
    const pause = Math.min(maxPauseMs, firstPauseMs * 2 ** (attempt - 1));
    await sleep(Math.random() * pause, undefined, { ...(signal && { signal }) });
  }
  throw new Error(`DynamoDB left a part of a batch unprocessed ${tries} times in a row`);
}

/**
 * Runs `work` over all items, at most `limit` at a time. The first failure stops what has not begun and is thrown.
 * @param items each is taken when its work begins
 */
export async function inParallel<Item>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = oneByOne(items);
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const item of rest) {
      if (failed) return;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  // All are waited for, so that no write of this call goes on after it has failed.
  const ends = await Promise.allSettled(Array.from({ length: limit }, worker));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

function* oneByOne<Item>(items: Iterable<Item>): Generator<Item> {
  yield* items;
}

export function chunksOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
