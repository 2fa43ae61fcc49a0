import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import { describe, expect, it } from 'vitest';

import { writeRunning } from '../../../infra/emulator/embedded/data-lock.ts';
import { startEmbeddedDynamoDb as startOurs } from '../../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { close, listen } from '../../../infra/loopback/listen.ts';
import { openDataFolder } from '../../../infra/laptop/data-folder/data-folder.ts';
import { writeDescription } from '../../../infra/laptop/data-folder/description.ts';
import { lockData } from '../../../infra/laptop/data-folder/lock.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { newCheckpoint } from '../../../lib/sync/checkpoint.ts';
import { startEmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { runHere } from '../run-here.ts';

const tables = { checkpoints: ['pk'], records: ['stream', 'id'] };

/** A folder as `npm start` leaves it, with one stream that is complete. */
async function dataFolder(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await openDataFolder(folder.path);
  const names = { checkpointsTable: 'checkpoints', recordsTable: 'records', streams: ['mobaro/users'] };
  await writeDescription(folder.path, names);
  const models = Object.entries(tables).map(([name, keys]) => ({
    name,
    keySchema: keys.map(
      (key, index) => ({ AttributeName: key, KeyType: index === 0 ? 'HASH' : 'RANGE' }) as const,
    ),
    attributes: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' }) as const),
  }));
  const database = await startOurs(folder.path, models, newAccessKey());
  await new DynamoCheckpoints(database.client, 'checkpoints').replace({
    ...newCheckpoint('mobaro/users'),
    ...{ outcome: 'complete', completedAt: 1 },
  });
  await database.close();
  return folder;
}

describe('a command while npm start runs', () => {
  it('asks one of the version that had no key, whose running.json names none', async () => {
    await using folder = await dataFolder();
    const old = await startEmbeddedDynamoDb();
    const unlock = await lockData(folder.path, 0);
    try {
      await new DynamoCheckpoints(old.client, 'checkpoints').replace({
        ...newCheckpoint('mobaro/users'),
        ...{ outcome: 'missing', state: 'halted' },
        halt: { outcome: 'missing', at: 1, definition: 'd' },
      });
      await writeRunning(folder.path, { pid: process.pid, dynamodb: old.endpoint });
      const { status, stdout, stderr } = await runHere(['status', '--json', '--data', folder.path]);
      expect([status, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toMatchObject({ streams: [{ stream: 'mobaro/users', outcome: 'missing' }] });
    } finally {
      await unlock();
      await old.stop();
    }
  });

  it('tells nothing to somebody else on the port of one that is gone, and opens the folder itself', async () => {
    await using folder = await dataFolder();
    const seen: string[] = [];
    const note = async (request: IncomingMessage) =>
      seen.push(`${request.method ?? ''} ${JSON.stringify(request.headers)} ${await text(request)}`);
    const impostor = createServer((request, response) => {
      void note(request).then(() => response.end('healthy: dynamodb.us-east-1.amazonaws.com '));
    });
    const accessKey = newAccessKey();
    await writeRunning(folder.path, { pid: process.pid, dynamodb: await listen(impostor), accessKey });
    try {
      const { status, stdout, stderr } = await runHere(['status', '--json', '--data', folder.path]);
      expect([status, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toMatchObject({
        streams: [{ stream: 'mobaro/users', outcome: 'complete' }],
      });
      expect(seen).toEqual([expect.stringMatching(/^GET .*x-pagekeeper-challenge.* $/)]);
      expect(seen.join()).not.toContain(accessKey);
    } finally {
      await close(impostor);
    }
  });
});
