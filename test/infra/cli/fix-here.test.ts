import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startEmbeddedDynamoDb } from '../../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { openDataFolder } from '../../../infra/laptop/data-folder/data-folder.ts';
import { writeDescription } from '../../../infra/laptop/data-folder/description.ts';
import { DynamoBreakers } from '../../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import { newCheckpoint } from '../../../lib/sync/checkpoint.ts';
import { stopped } from '../../support/on-call-world.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { runHere } from '../run-here.ts';

const models = Object.entries({ checkpoints: ['pk'], records: ['stream', 'id'] }).map(([name, keys]) => ({
  name,
  keySchema: keys.map(
    (key, index) => ({ AttributeName: key, KeyType: index === 0 ? 'HASH' : 'RANGE' }) as const,
  ),
  attributes: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' }) as const),
}));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  await openDataFolder(folder.path);
  const streams = ['mobaro/users', 'bob/people'];
  await writeDescription(folder.path, {
    checkpointsTable: 'checkpoints',
    recordsTable: 'records',
    streams,
  });
  const database = await startEmbeddedDynamoDb(folder.path, models, newAccessKey());
  try {
    const checkpoints = new DynamoCheckpoints(database.client, 'checkpoints');
    const since = Date.now();
    await checkpoints.replace({
      ...newCheckpoint('mobaro/users'),
      ...stopped('missing', since),
      run: 'run-1',
    });
    await checkpoints.replace({ ...newCheckpoint('bob/people'), ...stopped('unauthorized', since) });
    const breakers = new DynamoBreakers(database.client, 'checkpoints');
    await breakers.replace({ ...newBreaker('bob'), state: 'open', secretVersion: 'v0', openedAt: since });
  } finally {
    await database.close();
  }
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('fix, where no npm start runs', () => {
  const fix = (connection: string) => runHere(['fix', connection, '--yes', '--data', folder.path]);

  it('has the next start try what stands still', async () => {
    expect(await fix('mobaro')).toMatchObject({
      status: 0,
      stdout: '✓ mobaro/users starts with the next npm start.\n',
    });
    expect((await fix('mobaro')).stdout).toContain('Nothing stands still of mobaro.');
  });

  it('has it try a refused key, and asks for none, which nothing would keep', async () => {
    expect(await fix('bob')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^✓ bob may call again: one page tries the key with the next npm start, .* A new key is given to that start\.\n$/,
      ) as unknown,
    });
  });
});
