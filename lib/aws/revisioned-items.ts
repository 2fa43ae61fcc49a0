import { isDeepStrictEqual } from 'node:util';

import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import type { z } from 'zod';

import { fromAttributes, toAttributes } from './attributes.ts';
import { parseItem } from './parse-item.ts';
import { chunksOf, untilProcessed } from './until-processed.ts';

type Item = Record<string, AttributeValue>;

const batchGetLimit = 100;

/**
 * Items of the checkpoints table that are replaced under a revision: optimistic locking. Only the attributes that the
 * schema knows are set, so what a newer version added to an item outlives a write by an older one.
 */
export class RevisionedItems<Value extends { readonly revision: number }> {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #schema: z.ZodType<Value>;
  readonly #version: number;

  /** @param version of the format that this code writes, in the attribute `v`; the schema reads all older ones, too. */
  constructor(client: DynamoDBClient, table: string, schema: z.ZodType<Value>, version: number) {
    this.#client = client;
    this.#table = table;
    this.#schema = schema;
    this.#version = version;
  }

  /** Consistent. `undefined` only if there is no such item; one that cannot be understood throws. */
  async read(pk: string): Promise<Value | undefined> {
    const { Item: item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: { pk: { S: pk } }, ConsistentRead: true }),
    );
    return item === undefined ? undefined : this.#parse(pk, item);
  }

  /**
   * Consistent; by key, without the ones that do not exist.
   * @param isLeftOut what one that cannot be understood throws, and its key: whether the others are read without it
   */
  async readAll(
    pks: readonly string[],
    isLeftOut: (error: unknown, pk: string) => boolean = () => false,
  ): Promise<ReadonlyMap<string, Value>> {
    const values = new Map<string, Value>();
    // A key given twice is refused by DynamoDB.
    for (const chunk of chunksOf([...new Set(pks)], batchGetLimit)) {
      await untilProcessed(
        chunk.map((pk): Item => ({ pk: { S: pk } })),
        async (keys) => {
          const answer = await this.#client.send(
            new BatchGetItemCommand({
              RequestItems: { [this.#table]: { Keys: keys, ConsistentRead: true } },
            }),
          );
          for (const item of answer.Responses?.[this.#table] ?? []) {
            const pk = item['pk']?.S ?? '';
            try {
              values.set(pk, this.#parse(pk, item));
            } catch (error) {
              if (!isLeftOut(error, pk)) throw error;
            }
          }
          return answer.UnprocessedKeys?.[this.#table]?.Keys;
        },
      );
    }
    return values;
  }

  /**
   * Stores `next` one revision higher, if the stored revision is still its own (0: if there is no item).
   * @returns what is now stored, or undefined if another writer was faster.
   */
  async replace(pk: string, next: Value): Promise<Value | undefined> {
    const stored = { ...next, revision: next.revision + 1 };
    const attributes = toAttributes({ ...stored, v: this.#version });
    const names = Object.keys(attributes);
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { pk: { S: pk } },
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
          ConditionExpression: next.revision === 0 ? 'attribute_not_exists(pk)' : '#revision = :expected',
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: {
            ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
            ...(next.revision === 0 ? {} : { ':expected': { N: String(next.revision) } }),
          },
        }),
      );
      return stored;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return (await this.#wasOurs(error, pk, stored)) ? stored : undefined;
    }
  }

  /**
   * The answer to a write can get lost on its way; then the SDK sends the write again and it fails on its own trace. What
   * is stored shows whose it was: after one try it was never ours.
   */
  async #wasOurs(error: ConditionalCheckFailedException, pk: string, stored: Value): Promise<boolean> {
    if ((error.$metadata.attempts ?? 1) === 1) return false;
    return isDeepStrictEqual(await this.read(pk), stored);
  }

  #parse(pk: string, item: Item): Value {
    return parseItem(pk, fromAttributes(item), this.#version, this.#schema);
  }
}
