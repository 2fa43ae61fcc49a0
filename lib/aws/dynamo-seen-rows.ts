import { BatchGetItemCommand, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

import type { Clock, SeenRows } from '../sync/ports.ts';
import { chunksOf, untilProcessed } from './until-processed.ts';

const version = 1;
const batchGetLimit = 100;

/** How long a run's memory is kept: longer than any run takes. DynamoDB's TTL erases it within a few days after that. */
const keptForMs = 14 * 24 * 3600 * 1000;

/** A digest is 8 bytes; in 11 characters of base64url it travels, in bytes it is stored. */
const digestBytes = 8;

/** What a run has seen: an item `seen#<stream>#<run>#<page>` of the checkpoints table for each page, of 8 bytes a row. */
export class DynamoSeenRows implements SeenRows {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(client: DynamoDBClient, table: string, clock: Pick<Clock, 'now'>) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
  }

  async remember(stream: string, run: string, page: number, digests: readonly string[]): Promise<void> {
    const expiresAt = Math.ceil((this.#clock.now() + keptForMs) / 1000);
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: { pk: { S: keyOf(stream, run, page) } },
        UpdateExpression: 'SET digests = :digests, expiresAt = :expiresAt, #v = :v',
        ExpressionAttributeNames: { '#v': 'v' },
        ExpressionAttributeValues: {
          ':digests': { B: Buffer.concat(digests.map((digest) => Buffer.from(digest, 'base64url'))) },
          ':expiresAt': { N: String(expiresAt) },
          ':v': { N: String(version) },
        },
      }),
    );
  }

  async recall(stream: string, run: string, pages: number): Promise<ReadonlySet<string>> {
    const seen = new Set<string>();
    const keys = Array.from({ length: pages }, (_, page) => ({ pk: { S: keyOf(stream, run, page) } }));
    for (const chunk of chunksOf(keys, batchGetLimit)) {
      await untilProcessed([...chunk], async (left) => {
        const answer = await this.#client.send(
          new BatchGetItemCommand({
            RequestItems: {
              [this.#table]: { Keys: left, ConsistentRead: true, ProjectionExpression: 'digests' },
            },
          }),
        );
        for (const { digests } of answer.Responses?.[this.#table] ?? []) {
          for (const digest of split(digests?.B ?? new Uint8Array())) seen.add(digest);
        }
        return answer.UnprocessedKeys?.[this.#table]?.Keys as typeof left | undefined;
      });
    }
    return seen;
  }
}

function keyOf(stream: string, run: string, page: number): string {
  return `seen#${stream}#${run}#${page}`;
}

function split(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / digestBytes }, (_, index) =>
    Buffer.from(bytes.subarray(index * digestBytes, (index + 1) * digestBytes)).toString('base64url'),
  );
}
