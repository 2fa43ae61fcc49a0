import type { DynamoDBRecord } from 'aws-lambda';

import { startEmbeddedDynamoDb } from '../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../infra/emulator/embedded/guard.ts';
import { eventOf } from '../../infra/emulator/functions/stream-batch.ts';
import { streamArn } from '../../infra/emulator/template/local-account.ts';
import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import { temporaryFolder } from './temporary-folder.ts';

const name = 'checkpoints';

/**
 * What the checkpoints table's stream tells a function of these writes, in their order: written as the functions write them, and
 * captured by the embedded DynamoDB.
 */
export async function streamOfCheckpoints(writes: readonly Checkpoint[]): Promise<readonly DynamoDBRecord[]> {
  await using folder = await temporaryFolder();
  const table = {
    ...{ name, keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }] },
    attributes: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
    stream: 'NEW_AND_OLD_IMAGES' as const,
  };
  const database = await startEmbeddedDynamoDb(folder.path, [table], newAccessKey());
  try {
    const checkpoints = new DynamoCheckpoints(database.client, name);
    let revision = 0;
    for (const write of writes) {
      const stored = await checkpoints.replace({ ...write, revision });
      if (stored === undefined) throw new Error('A checkpoint was not stored');
      ({ revision } = stored);
    }
    const records = await database.streams.read(name, null, writes.length + 1);
    return eventOf(records, streamArn(name)).Records as DynamoDBRecord[];
  } finally {
    await database.close();
  }
}
