import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';

import type { Clock, IdBatches } from '../sync/ports.ts';
import { runMemoryMs } from './dynamo-seen-rows.ts';
import { inParallel } from './until-processed.ts';

const version = 1;
const writesAtOnce = 8;

/**
 * The ids that a run has been told of: an item `ids#<stream>#<run>#<batch>` of the checkpoints table for each batch. A batch
 * is what one request may name, far below the 400 KB that an item takes.
 */
export class DynamoIdBatches implements IdBatches {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(client: DynamoDBClient, table: string, clock: Pick<Clock, 'now'>) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
  }

  async keep(
    stream: string,
    run: string,
    batches: readonly (readonly string[])[],
    revision: number,
  ): Promise<void> {
    const expiresAt = Math.ceil((this.#clock.now() + runMemoryMs) / 1000);
    await inParallel([...batches.entries()], writesAtOnce, async ([index, ids]) => {
      const put = new PutItemCommand({
        TableName: this.#table,
        Item: {
          pk: { S: keyOf(stream, run, index) },
          v: { N: String(version) },
          ids: { L: ids.map((id) => ({ S: id })) },
          revision: { N: String(revision) },
          expiresAt: { N: String(expiresAt) },
        },
        // What a frozen function was sending may go out long after its lease.
        ConditionExpression: 'attribute_not_exists(revision) OR revision <= :revision',
        ExpressionAttributeValues: { ':revision': { N: String(revision) } },
      });
      await this.#client.send(put).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
    });
  }

  async read(stream: string, run: string, index: number): Promise<readonly string[] | null> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#table,
        Key: { pk: { S: keyOf(stream, run, index) } },
        ConsistentRead: true,
      }),
    );
    return Item === undefined ? null : (Item['ids']?.L ?? []).map(({ S = '' }) => S);
  }
}

function keyOf(stream: string, run: string, index: number): string {
  return `ids#${stream}#${run}#${index}`;
}
