import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

import type { RecordKey } from '../sync/ports.ts';
import { isStorableId } from './record-item.ts';
import { inParallel } from './until-processed.ts';

/** A batch cannot be conditional, so each write is its own. */
const writesAtOnce = 8;

export interface TombstoneTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly stream: string;
  readonly signal: AbortSignal;
}

/** See `Records.bury`. The table's TTL, on `expiresAt`, erases what no sweep comes by for. */
export async function bury(
  { client, table, stream, signal }: TombstoneTable,
  ids: readonly string[],
  { deletedAt, expiresAt }: { readonly deletedAt: number; readonly expiresAt: number },
): Promise<number> {
  const at = new Date(deletedAt).toISOString();
  let buried = 0;
  await inParallel(ids, writesAtOnce, async (id) => {
    const update = new UpdateItemCommand({
      TableName: table,
      Key: { stream: { S: stream }, id: { S: id } },
      // A deletion is a change: who reads by changedAt shall come across it.
      UpdateExpression: 'SET deletedAt = :at, changedAt = :at, expiresAt = :expires',
      // Without the first condition an update would make a record of nothing.
      ConditionExpression: 'attribute_exists(id) AND attribute_not_exists(deletedAt)',
      ExpressionAttributeValues: {
        ':at': { S: at },
        ':expires': { N: String(Math.ceil(expiresAt / 1000)) },
      },
    });
    if (await unlessRefused(client.send(update, { abortSignal: signal }))) buried += 1;
  });
  return buried;
}

/** See `Records.erase`. */
export async function erase(
  { client, table, stream, signal }: TombstoneTable,
  tombstones: readonly RecordKey[],
): Promise<void> {
  await inParallel(tombstones, writesAtOnce, async ({ id, erased }) => {
    const tombstone = {
      TableName: table,
      Key: { stream: { S: stream }, id: { S: id } },
      ConditionExpression: 'attribute_exists(deletedAt)',
    };
    await unlessRefused(
      erased
        ? client.send(new DeleteItemCommand(tombstone), { abortSignal: signal })
        : client.send(
            new UpdateItemCommand({
              ...tombstone,
              UpdateExpression: 'REMOVE #json, gzip, #hash',
              ExpressionAttributeNames: { '#json': 'json', '#hash': 'hash' },
            }),
            { abortSignal: signal },
          ),
    );
  });
}

/** Deletes a record, or the tombstone of one. @returns whether there was one */
export async function forget(
  { client, table, stream }: Omit<TombstoneTable, 'signal'>,
  id: string,
): Promise<boolean> {
  // DynamoDB would not refuse the condition but the whole request.
  if (!isStorableId(id)) return false;
  return unlessRefused(
    client.send(
      new DeleteItemCommand({
        TableName: table,
        Key: { stream: { S: stream }, id: { S: id } },
        ConditionExpression: 'attribute_exists(id)',
      }),
    ),
  );
}

/** @returns whether its condition held */
async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
