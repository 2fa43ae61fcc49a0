import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

import type { Deletion, RecordKey } from '../sync/ports.ts';
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
  { deletedAt, expiresAt, run }: Deletion,
): Promise<number> {
  const at = new Date(deletedAt).toISOString();
  let buried = 0;
  await inParallel(ids, writesAtOnce, async (id) => {
    const update = new UpdateItemCommand({
      TableName: table,
      Key: { stream: { S: stream }, id: { S: id } },
      // A deletion is a change: who reads by changedAt shall come across it.
      UpdateExpression: 'SET deletedAt = :at, changedAt = :at, expiresAt = :expires, #run = :run',
      // Without the first condition an update would make a record of nothing.
      ConditionExpression: 'attribute_exists(id) AND attribute_not_exists(deletedAt)',
      ExpressionAttributeNames: { '#run': 'run' },
      ExpressionAttributeValues: {
        ':at': { S: at },
        ':run': { S: run },
        ':expires': { N: String(Math.ceil(expiresAt / 1000)) },
      },
    });
    const refused = await refusalOf(client.send(update, { abortSignal: signal }));
    // The answer to a write can get lost on its way; then the SDK sends it again, and it is refused by its own trace.
    const isRepeated = refused !== null && (refused.$metadata.attempts ?? 1) > 1;
    const isOurs =
      refused === null ||
      (isRepeated && (await read({ client, table, stream, signal }, id))?.['deletedAt']?.S === at);
    if (isOurs) buried += 1;
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
    await refusalOf(
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

/** Takes away what was stored under former ids, and has been moved. */
export async function removeFormer(
  { client, table, stream, signal }: TombstoneTable,
  ids: readonly string[],
): Promise<void> {
  await inParallel(ids, writesAtOnce, async (id) => {
    const removal = new DeleteItemCommand({
      TableName: table,
      Key: { stream: { S: stream }, id: { S: id } },
      ConditionExpression: 'attribute_not_exists(escapedId)',
    });
    await refusalOf(client.send(removal, { abortSignal: signal }));
  });
}

/**
 * Deletes a record, or the tombstone of one. It is looked for first: a deletion whose answer got lost cannot know afterwards
 * what there was. @returns whether there was one
 */
export async function forget(
  { client, table, stream }: Omit<TombstoneTable, 'signal'>,
  id: string,
): Promise<boolean> {
  // DynamoDB would not refuse the condition but the whole request.
  if (!isStorableId(id)) return false;
  if ((await read({ client, table, stream }, id)) === undefined) return false;
  await client.send(
    new DeleteItemCommand({ TableName: table, Key: { stream: { S: stream }, id: { S: id } } }),
  );
  return true;
}

/** A record without its content. By a query, which needs no permission beside that of listing records. Consistent. */
async function read(
  { client, table, stream, signal }: Omit<TombstoneTable, 'signal'> & { readonly signal?: AbortSignal },
  id: string,
): Promise<Record<string, AttributeValue> | undefined> {
  const query = new QueryCommand({
    TableName: table,
    KeyConditionExpression: '#stream = :stream AND #id = :id',
    ProjectionExpression: '#id, deletedAt',
    ExpressionAttributeNames: { '#stream': 'stream', '#id': 'id' },
    ExpressionAttributeValues: { ':stream': { S: stream }, ':id': { S: id } },
    ConsistentRead: true,
  });
  return (await client.send(query, { ...(signal && { abortSignal: signal }) })).Items?.[0];
}

/** @returns null if its condition held */
async function refusalOf(write: Promise<unknown>): Promise<ConditionalCheckFailedException | null> {
  try {
    await write;
    return null;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return error;
    throw error;
  }
}
