import { setTimeout as sleep } from 'node:timers/promises';

/** Doubling from 50 ms to 2 s: eight tries take about six seconds at the most. */
const firstPauseMs = 50;
const maxPauseMs = 2_000;
const triesInVain = 8;

/** What DynamoDB throws instead of an answer when it processed nothing at all of a batch. */
const throttlingErrors = [
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
];

/** How many parts of their batches have been processed, counted together by batches that share a table's capacity. */
export interface Progress {
  processed: number;
}

/**
 * Sends a batch, and then what DynamoDB left of it, until nothing is left. DynamoDB leaves some when it is short of
 * capacity or an answer grows too large, and wants its callers to back off; the pauses are drawn at random so that
 * several functions do not come back together. A partition takes 1,000 write units a second, so a page of large records
 * takes many tries: only tries in which nothing was processed count towards the end.
 * @param send answers with what was not processed, or undefined.
 * @param progress shared with the batches that are sent beside this one: while one of them gets on, none gives up.
 * @throws {Error} if nothing was processed in eight tries in a row; the signal's reason if it aborts.
 */
export async function untilProcessed<Batch extends { readonly length: number }>(
  batch: Batch,
  send: (batch: Batch) => Promise<Batch | undefined>,
  signal?: AbortSignal,
  progress: Progress = { processed: 0 },
): Promise<void> {
  let left = batch;
  let inVain = 0;
  let seen = progress.processed;
  for (let pause = firstPauseMs; ; pause = Math.min(maxPauseMs, pause * 2)) {
    const unprocessed = await send(left).catch((error: unknown) => {
      if (error instanceof Error && throttlingErrors.includes(error.name)) return left;
      throw error;
    });
    progress.processed += left.length - (unprocessed?.length ?? 0);
    if (unprocessed === undefined) return;
    left = unprocessed;
    inVain = progress.processed === seen ? inVain + 1 : 0;
    seen = progress.processed;
    if (inVain === triesInVain) {
      throw new Error(
        `AWS processed nothing of a batch in ${triesInVain} tries in a row: it is short of capacity, which passes by itself`,
      );
    }
    await sleep(Math.random() * pause, undefined, { ...(signal && { signal }) });
  }
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
