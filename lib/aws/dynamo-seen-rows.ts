import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

import type { Clock, SeenRows } from '../sync/ports.ts';
import { chunksOf, inParallel, untilProcessed } from './until-processed.ts';

const version = 1;
const batchGetLimit = 100;

/** How long a run's memory is kept: longer than any run takes. DynamoDB's TTL erases it within a few days after that. */
export const runMemoryMs = 14 * 24 * 3600 * 1000;

/** A digest is 8 bytes; in 11 characters of base64url it travels, in bytes it is stored. */
const digestBytes = 8;

/** An item takes 400 KB. */
const digestsInItem = 40_000;

/** A `BatchGetItem` answers 16 MB at most, and leaves the rest for another one. */
const batchesAtOnce = 4;

/**
 * What a run has seen: an item `seen#<stream>#<run>#<page>` of the checkpoints table for each page, of 8 bytes a row, and
 * where a page has more rows than an item takes, further ones with `#1`, `#2` … behind.
 */
export class DynamoSeenRows implements SeenRows {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(client: DynamoDBClient, table: string, clock: Pick<Clock, 'now'>) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
  }

  async remember(
    stream: string,
    run: string,
    page: number,
    digests: readonly string[],
    revision: number,
  ): Promise<void> {
    const parts = chunksOf(digests, digestsInItem);
    for (let part = Math.max(1, parts.length) - 1; part >= 0; part -= 1) {
      await this.#put(keyOf(stream, run, page, part), parts[part] ?? [], parts.length, revision);
    }
  }

  async recall(stream: string, run: string, pages: number, from = 0): Promise<ReadonlySet<string> | null> {
    const seen = new Set<string>();
    const first = Array.from({ length: Math.max(0, pages - from) }, (_, page) =>
      keyOf(stream, run, from + page, 0),
    );
    const further: string[] = [];
    let found = 0;
    const take = (digests: Uint8Array): void => {
      found += 1;
      for (const digest of split(digests)) seen.add(digest);
    };
    await this.#get(first, (digests, parts, pk) => {
      take(digests);
      for (let part = 1; part < parts; part += 1) further.push(`${pk}#${part}`);
    });
    await this.#get(further, take);
    return found === first.length + further.length ? seen : null;
  }

  async #put(pk: string, digests: readonly string[], parts: number, revision: number): Promise<void> {
    const expiresAt = Math.ceil((this.#clock.now() + runMemoryMs) / 1000);
    const write = this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: { pk: { S: pk } },
        UpdateExpression:
          'SET digests = :digests, #parts = :parts, revision = :revision, expiresAt = :expiresAt, #v = :v',
        // Lambda freezes a function that ran out of time, and what it was sending may go out long after its lease.
        ConditionExpression: 'attribute_not_exists(revision) OR revision <= :revision',
        ExpressionAttributeNames: { '#v': 'v', '#parts': 'parts' },
        ExpressionAttributeValues: {
          ':digests': { B: Buffer.concat(digests.map((digest) => Buffer.from(digest, 'base64url'))) },
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
    pks: readonly string[],
    take: (digests: Uint8Array, parts: number, pk: string) => void,
  ): Promise<void> {
    await inParallel(chunksOf(pks, batchGetLimit), batchesAtOnce, (chunk) =>
      untilProcessed(
        chunk.map((pk): Record<string, AttributeValue> => ({ pk: { S: pk } })),
        async (keys) => {
          const answer = await this.#client.send(
            new BatchGetItemCommand({
              RequestItems: {
                [this.#table]: {
                  Keys: keys,
                  ConsistentRead: true,
                  ProjectionExpression: 'pk, digests, #parts',
                  ExpressionAttributeNames: { '#parts': 'parts' },
                },
              },
            }),
          );
          for (const { pk, digests, parts } of answer.Responses?.[this.#table] ?? []) {
            take(digests?.B ?? new Uint8Array(), Number(parts?.N ?? 1), pk?.S ?? '');
          }
          return answer.UnprocessedKeys?.[this.#table]?.Keys;
        },
      ),
    );
  }
}

function keyOf(stream: string, run: string, page: number, part: number): string {
  return `seen#${stream}#${run}#${page}${part === 0 ? '' : `#${part}`}`;
}

function split(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / digestBytes }, (_, index) =>
    Buffer.from(bytes.subarray(index * digestBytes, (index + 1) * digestBytes)).toString('base64url'),
  );
}
