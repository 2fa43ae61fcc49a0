import { BatchGetItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { chunksOf, untilProcessed } from './until-processed.ts';

export type Item = Record<string, AttributeValue>;

/** DynamoDB takes no more keys at a time. */
export const batchGetLimit = 100;

/** The items of the checkpoints table with these keys, each of which is named once; consistent, in any order. */
export async function getItems(
  client: DynamoDBClient,
  table: string,
  pks: readonly string[],
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (const chunk of chunksOf(pks, batchGetLimit)) {
    await untilProcessed(
      chunk.map((pk): Item => ({ pk: { S: pk } })),
      async (Keys) => {
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
        );
        items.push(...(Responses?.[table] ?? []));
        return UnprocessedKeys?.[table]?.Keys;
      },
    );
  }
  return items;
}
