import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

import type { Clock, PageInMemory, Recalled, RememberedFields, SeenRows, Within } from '../sync/ports.ts';
import { FieldCounter, noFields } from '../tables/field-counts.ts';
import { bytesOf, digestBytes, PackedDigests } from './packed-digests.ts';
import { packCounts, unpackCounts } from './packed-fields.ts';
import { chunksOf, inParallel, untilProcessed } from './until-processed.ts';

const version = 1;
const batchGetLimit = 100;

/** How long a run's memory is kept: longer than any run takes. DynamoDB's TTL erases it within a few days after that. */
export const runMemoryMs = 14 * 24 * 3600 * 1000;

/** An item takes 400 KB. */
const digestsInItem = 40_000;

/**
 * So many digests are recalled at most: 64 MB, an eighth of a function's memory. A function needs 110 MB for itself, and what
 * the recall before took may still lie there.
 */
export const maxSeenRows = 8 * 1024 * 1024;

const batchesAtOnce = 4;

/**
 * What a `BatchGetItem` is to answer at most, in bytes of digests: each is in memory five times over while its answer is read, and
 * DynamoDB itself stops at 16 MB only.
 */
const answerBytes = 1_000_000;

/** Fields are read of so many pages at most, evenly spread over the run: to add them up takes a second or some of a small function. */
const maxPagesOfFields = 2000;
/** Of a usual page they are less than a kilobyte; of the largest, 20. */
const batchOfFields = 50;

/** Longer than any function has; a timer takes no more. */
const maxMs = 2 ** 31 - 1;

/**
 * What a run has seen: an item `seen#<stream>#<run>#<page>` of the checkpoints table for each page, of 8 bytes a row and what its
 * fields take, and where a page has more rows than an item takes, further ones with `#1`, `#2` … behind.
 */
export class DynamoSeenRows implements SeenRows {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #max: number;
  readonly #maxPagesOfFields: number;

  /** @param max digests that fit into memory @param pagesOfFields of which the fields are read at most */
  constructor(
    client: DynamoDBClient,
    table: string,
    clock: Pick<Clock, 'now'>,
    max = maxSeenRows,
    pagesOfFields = maxPagesOfFields,
  ) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
    this.#max = max;
    this.#maxPagesOfFields = pagesOfFields;
  }

  async remember(
    stream: string,
    run: string,
    page: number,
    { digests, fields }: PageInMemory,
    revision: number,
  ): Promise<void> {
    const parts = chunksOf(digests, digestsInItem);
    for (let part = Math.max(1, parts.length) - 1; part >= 0; part -= 1) {
      const item = {
        digests: parts[part] ?? [],
        parts: parts.length,
        fields: part === 0 ? fields : noFields,
      };
      await this.#put(keyOf(stream, run, page, part), item, revision);
    }
  }

  async recall(stream: string, run: string, pages: number, within: Within, from = 0): Promise<Recalled> {
    return (
      (await this.#inTime(within, (signal) => this.#gather(stream, run, { from, pages }, signal))) ??
      'too slow'
    );
  }

  async fieldsOf(
    stream: string,
    run: string,
    pages: number,
    within: Within,
  ): Promise<RememberedFields | null> {
    const step = Math.max(1, pages / this.#maxPagesOfFields);
    const chosen = Math.ceil(pages / step);
    const keyAt = (index: number): string => keyOf(stream, run, Math.floor(index * step), 0);
    const counter = new FieldCounter();
    let missing = chosen;
    const take = ({ fields }: Item): void => {
      const counts = fields === null ? null : unpackCounts(fields);
      if (counts === null) return;
      missing -= 1;
      counter.addCounts(counts);
    };
    const read = async (signal: AbortSignal): Promise<RememberedFields | null> => {
      await this.#get(
        batchesOf(chosen, keyAt, () => batchOfFields),
        ['fields'],
        take,
        signal,
      );
      return missing === 0 ? { counts: counter.counted(), isSample: chosen < pages } : null;
    };
    return (await this.#inTime(within, read)) ?? null;
  }

  /** Undefined where time has run out before it came to an end. */
  async #inTime<Result>(
    { until, signal }: Within,
    read: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result | undefined> {
    const left = Math.min(until - this.#clock.now(), maxMs);
    if (left <= 0) return undefined;
    const late = AbortSignal.timeout(left);
    try {
      return await read(AbortSignal.any([signal, late]));
    } catch (error) {
      if (late.aborted && !signal.aborted) return undefined;
      throw error;
    }
  }

  async #gather(
    stream: string,
    run: string,
    { from, pages }: { readonly from: number; readonly pages: number },
    signal: AbortSignal,
  ): Promise<Recalled> {
    const packed = new PackedDigests(this.#max);
    const further: string[] = [];
    let left = Math.max(0, pages - from);
    let largest = 0;
    const take = ({ digests }: Item): void => {
      left -= 1;
      largest = Math.max(largest, digests.length);
      packed.add(digests);
    };
    const takeFirst = (item: Item): void => {
      take(item);
      left += item.parts - 1;
      for (let part = 1; part < item.parts; part += 1) further.push(`${item.pk}#${part}`);
    };
    const firstKey = (page: number): string => keyOf(stream, run, from + page, 0);
    const furtherKey = (index: number): string => further[index] ?? '';
    const batch = (): number => (packed.isFull ? 0 : batchFor(largest));
    const attributes = ['digests', 'parts'];
    await this.#get(batchesOf(left, firstKey, batch), attributes, takeFirst, signal);
    await this.#get(batchesOf(further.length, furtherKey, batch), attributes, take, signal);
    if (packed.isFull) return 'too many';
    return left === 0 ? packed.sorted() : 'forgotten';
  }

  async #put(
    pk: string,
    { digests, parts, fields }: PageInMemory & { readonly parts: number },
    revision: number,
  ): Promise<void> {
    const expiresAt = Math.ceil((this.#clock.now() + runMemoryMs) / 1000);
    const write = this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: { pk: { S: pk } },
        UpdateExpression:
          'SET digests = :digests, #fields = :fields, #parts = :parts, revision = :revision, expiresAt = :expiresAt, #v = :v',
        // Lambda freezes a function that ran out of time, and what it was sending may go out long after its lease.
        ConditionExpression: 'attribute_not_exists(revision) OR revision <= :revision',
        ExpressionAttributeNames: { '#v': 'v', '#parts': 'parts', '#fields': 'fields' },
        ExpressionAttributeValues: {
          ':digests': { B: Buffer.concat(digests.map(bytesOf)) },
          ':fields': { B: packCounts(fields) },
          ':parts': { N: String(Math.max(1, parts)) },
          ':revision': { N: String(revision) },
          ':expiresAt': { N: String(expiresAt) },
          ':v': { N: String(version) },
        },
      }),
    );
    await write.catch((error: unknown) => {
      // A later holder has the page, and this one will lose its lease's fence as well.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    });
  }

  async #get(
    batches: Iterable<readonly string[]>,
    attributes: readonly string[],
    take: (item: Item) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const names = ['pk', ...attributes];
    const progress = { processed: 0 };
    await inParallel(batches, batchesAtOnce, (batch) =>
      untilProcessed(
        batch.map((pk): Record<string, AttributeValue> => ({ pk: { S: pk } })),
        async (keys) => {
          const answer = await this.#client.send(
            new BatchGetItemCommand({
              RequestItems: {
                [this.#table]: {
                  Keys: keys,
                  ConsistentRead: true,
                  ProjectionExpression: names.map((name) => `#${name}`).join(', '),
                  ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
                },
              },
            }),
            { abortSignal: signal },
          );
          for (const { pk, digests, parts, fields } of answer.Responses?.[this.#table] ?? []) {
            take({
              pk: pk?.S ?? '',
              digests: digests?.B ?? new Uint8Array(),
              parts: Number(parts?.N ?? 1),
              fields: fields?.B ?? null,
            });
          }
          return answer.UnprocessedKeys?.[this.#table]?.Keys;
        },
        signal,
        progress,
      ),
    );
  }
}

/** What is read of an item. */
interface Item {
  readonly pk: string;
  readonly digests: Uint8Array;
  /** How many items the page takes. */
  readonly parts: number;
  /** Null where they were not read, or an older version wrote the item. */
  readonly fields: Uint8Array | null;
}

/** @param largest item that has come so far, bytes; 0 before the first, which may be as large as an item can be */
function batchFor(largest: number): number {
  const size = largest === 0 ? digestsInItem * digestBytes : largest;
  return Math.min(batchGetLimit, Math.max(1, Math.floor(answerBytes / size)));
}

/** @param size of the next batch, called when it is due; 0 if none shall follow */
function* batchesOf(
  count: number,
  keyAt: (index: number) => string,
  size: () => number,
): Generator<readonly string[]> {
  let start = 0;
  for (let due = size(); due > 0 && start < count; due = size()) {
    const from = start;
    start = Math.min(count, start + due);
    yield Array.from({ length: start - from }, (_, index) => keyAt(from + index));
  }
}

function keyOf(stream: string, run: string, page: number, part: number): string {
  return `seen#${stream}#${run}#${page}${part === 0 ? '' : `#${part}`}`;
}
