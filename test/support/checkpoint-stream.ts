import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';

import { startEmbeddedDynamoDb } from '../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../infra/emulator/embedded/guard.ts';
import { eventOf } from '../../infra/emulator/functions/stream-batch.ts';
import { streamArn } from '../../infra/emulator/template/local-account.ts';
import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { DynamoSchemas } from '../../lib/aws/dynamo-schemas.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { Schema, SchemaChange } from '../../lib/sync/schema.ts';
import { temporaryFolder } from './temporary-folder.ts';

const name = 'checkpoints';

/**
 * What the checkpoints table's stream tells a function of these writes, in their order: written as the functions write them, and
 * captured by the embedded DynamoDB.
 */
export function streamOfCheckpoints(writes: readonly Checkpoint[]): Promise<readonly DynamoDBRecord[]> {
  return streamOf(writes, (client, write) => new DynamoCheckpoints(client, name).replace(write));
}

/** The same of schemas, each with what has changed with it. */
export function streamOfSchemas(
  writes: readonly (readonly [Schema, readonly SchemaChange[]])[],
): Promise<readonly DynamoDBRecord[]> {
  const news = new Map(writes.map(([{ run }, changes]) => [run, changes]));
  return streamOf(
    writes.map(([schema]) => schema),
    (client, write) => new DynamoSchemas(client, name).replace(write, news.get(write.run) ?? []),
  );
}

async function streamOf<Item extends { readonly revision: number }>(
  writes: readonly Item[],
  replace: (client: DynamoDBClient, write: Item) => Promise<Item | undefined>,
): Promise<readonly DynamoDBRecord[]> {
  await using folder = await temporaryFolder();
  const table = {
    ...{ name, keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }] },
    attributes: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
    stream: 'NEW_AND_OLD_IMAGES' as const,
  };
  const database = await startEmbeddedDynamoDb(folder.path, [table], newAccessKey());
  try {
    let revision = 0;
    for (const write of writes) {
      const stored = await replace(database.client, { ...write, revision });
      if (stored === undefined) throw new Error('It was not stored');
      ({ revision } = stored);
    }
    const records = await database.streams.read(name, null, writes.length + 1);
    return eventOf(records, streamArn(name)).Records as DynamoDBRecord[];
  } finally {
    await database.close();
  }
}
