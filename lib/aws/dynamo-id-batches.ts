import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

import type { Clock, IdBatches } from '../sync/ports.ts';
import { runMemoryMs } from './dynamo-seen-rows.ts';
import { batchGetLimit, getItems, type Item } from './get-items.ts';
import { inParallel } from './until-processed.ts';

const version = 1;
const writesAtOnce = 8;
/** A list is replaced once a run, so losing more often than this is no accident. */
const maxTries = 5;

/**
 * The ids that a stream's run has been given: an item `ids#<stream>#<batch>` of the checkpoints table for each batch. The
 * next run writes over them: so there is one list of a stream, and what is in it can be found without knowing its run. A
 * batch is what one request may name, far below the 400 KB that an item takes.
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
      const update = new UpdateItemCommand({
        TableName: this.#table,
        Key: { pk: { S: keyOf(stream, index) } },
        UpdateExpression:
          'SET #run = :run, ids = :ids, revision = :revision, expiresAt = :expiresAt, #v = :v',
        // What a frozen function was sending may go out long after its lease.
        ConditionExpression: 'attribute_not_exists(revision) OR revision <= :revision',
        ExpressionAttributeNames: { '#run': 'run', '#v': 'v' },
        ExpressionAttributeValues: {
          ':run': { S: run },
          ':ids': { L: ids.map((id) => ({ S: id })) },
          ':revision': { N: String(revision) },
          ':expiresAt': { N: String(expiresAt) },
          ':v': { N: String(version) },
        },
      });
      await this.#client.send(update).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
    });
  }

  async read(stream: string, run: string, index: number): Promise<readonly string[] | null> {
    const item = await this.#get(keyOf(stream, index));
    const ids = idsIn(item);
    return item?.['run']?.S !== run || ids.length === 0 ? null : ids;
  }

  /**
   * Takes an id off the list, whether its run is under way or over. It needs `BatchGetItem`, and if it is there `UpdateItem`
   * and perhaps `GetItem`. @returns whether it was on it
   */
  async remove(stream: string, id: string): Promise<boolean> {
    let found = false;
    // A longer list of an earlier run may have left items behind, and TTL erases them in any order: a gap is no end.
    for (let from = 0, any = true; any; from += batchGetLimit) {
      any = false;
      const keys = Array.from({ length: batchGetLimit }, (_, index) => keyOf(stream, from + index));
      for (const item of await getItems(this.#client, this.#table, keys)) {
        any = true;
        if (await this.#removeFrom(item, id)) found = true;
      }
    }
    return found;
  }

  /** @returns whether it was in it; found again if the answer to the removal is lost, or the list is replaced meanwhile */
  async #removeFrom(item: Item, id: string): Promise<boolean> {
    const pk = item['pk']?.S ?? '';
    let found = false;
    let index = idsIn(item).indexOf(id);
    for (let tries = 0; index >= 0; tries += 1) {
      if (tries === maxTries) throw new Error('The list of ids is replaced again and again');
      found = true;
      const removal = new UpdateItemCommand({
        TableName: this.#table,
        Key: { pk: { S: pk } },
        UpdateExpression: `REMOVE ids[${index}]`,
        ConditionExpression: `ids[${index}] = :id`,
        ExpressionAttributeValues: { ':id': { S: id } },
      });
      try {
        await this.#client.send(removal);
        return true;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        index = idsIn(await this.#get(pk)).indexOf(id);
      }
    }
    return found;
  }

  async #get(pk: string): Promise<Item | undefined> {
    const { Item: item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: { pk: { S: pk } }, ConsistentRead: true }),
    );
    return item;
  }
}

function idsIn(item: Item | undefined): readonly string[] {
  return (item?.['ids']?.L ?? []).map(({ S = '' }) => S);
}

function keyOf(stream: string, index: number): string {
  return `ids#${stream}#${index}`;
}
