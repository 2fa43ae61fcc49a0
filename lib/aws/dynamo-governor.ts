import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import type { Governor, Permit } from '../sync/ports.ts';
import { fromAttributes } from './attributes.ts';
import { parseItem } from './parse-item.ts';

const version = 1;

const gate = z.object({ closedUntil: z.number() });

/** One gate for each limit scope: the item `gate#<limitScope>` of the checkpoints table, with `closedUntil` in epoch ms. */
export class DynamoGovernor implements Governor {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async permit(limitScope: string, now: number): Promise<Permit> {
    const pk = keyOf(limitScope);
    const { Item: item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: { pk: { S: pk } }, ConsistentRead: true }),
    );
    if (item === undefined) return { granted: true };
    const { closedUntil } = parseItem(pk, fromAttributes(item), version, gate);
    return closedUntil <= now ? { granted: true } : { granted: false, at: closedUntil };
  }

  async close(limitScope: string, until: number): Promise<void> {
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { pk: { S: keyOf(limitScope) } },
          UpdateExpression: 'SET closedUntil = :until, #v = if_not_exists(#v, :version)',
          ConditionExpression: 'attribute_not_exists(closedUntil) OR closedUntil < :until',
          ExpressionAttributeNames: { '#v': 'v' },
          // A fraction is rounded away from the vendor: never earlier than it said.
          ExpressionAttributeValues: {
            ':until': { N: String(Math.ceil(until)) },
            ':version': { N: String(version) },
          },
        }),
      );
    } catch (error) {
      // It is closed for longer already.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

function keyOf(limitScope: string): string {
  return `gate#${limitScope}`;
}
