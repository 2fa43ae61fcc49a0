import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { clientConfig } from '../../../lib/aws/clients.ts';
import { DamagedItemError } from '../../../lib/aws/damaged-item-error.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { NewerVersionError } from '../../../lib/aws/newer-version-error.ts';
import { newCheckpoint } from '../../../lib/sync/checkpoint.ts';
import { describeCheckpoints, fullCheckpoint } from '../../support/contracts/checkpoints.ts';
import { embeddedCredentials } from '../../support/embedded-credentials.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { loseAnswers } from '../../support/lose-answers.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

const adapter = (): DynamoCheckpoints => new DynamoCheckpoints(dynamoDb.client, dynamoDb.checkpointsTable);

describeCheckpoints('DynamoCheckpoints', adapter);

const mapOf = (numbers: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { N: String(value) }]));

describe('DynamoCheckpoints', () => {
  const stored = async (stream: string) => {
    const { Item: item } = await dynamoDb.client.send(
      new GetItemCommand({ TableName: dynamoDb.checkpointsTable, Key: { pk: { S: `stream#${stream}` } } }),
    );
    return item;
  };

  it('stores parts as native maps, for an operator to read, with the format version', async () => {
    await adapter().replace({ ...fullCheckpoint, stream: 'native/users' });
    expect(await stored('native/users')).toMatchObject({
      pk: { S: 'stream#native/users' },
      v: { N: '2' },
      revision: { N: '1' },
      position: { M: { kind: { S: 'offset' }, offset: { N: '140' } } },
      lease: { M: { holder: { S: 'invocation-1' }, until: { N: '1772366440000' } } },
      progress: { M: { partial: { BOOL: true } } },
    });
    await adapter().replace(newCheckpoint('native/empty'));
    expect(await stored('native/empty')).toMatchObject({ position: { NULL: true } });
  });

  it('keeps the attributes that it does not know', async () => {
    await adapter().replace(newCheckpoint('unknown/users'));
    await dynamoDb.client.send(
      new UpdateItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Key: { pk: { S: 'stream#unknown/users' } },
        UpdateExpression: 'SET watermark = :it',
        ExpressionAttributeValues: { ':it': { S: '2026-03-01' } },
      }),
    );
    const read = await adapter().read('unknown/users');
    expect(read).toEqual({ ...newCheckpoint('unknown/users'), revision: 1 });
    await adapter().replace({ ...newCheckpoint('unknown/users'), revision: 1, attempt: 3 });
    expect(await stored('unknown/users')).toMatchObject({
      watermark: { S: '2026-03-01' },
      attempt: { N: '3' },
    });
  });

  it('reads more than a batch of 100 at once', async () => {
    const streams = Array.from({ length: 130 }, (_, index) => `batch/${index}`);
    await Promise.all(streams.map((stream) => adapter().replace(newCheckpoint(stream))));
    expect((await adapter().readAll(streams)).size).toBe(130);
  });

  it('asks again for what an answer left out', async () => {
    const streams = Array.from({ length: 5 }, (_, index) => `large/${index}`);
    // dynalite leaves keys unprocessed from about 1.4 MB on.
    const reason = 'r'.repeat(380_000);
    await Promise.all(streams.map((stream) => adapter().replace({ ...newCheckpoint(stream), reason })));
    const found = await adapter().readAll(streams);
    expect([...found.keys()].sort()).toEqual(streams);
  });

  it('refuses an item of a newer format by name, alone and among others', async () => {
    await adapter().replace(newCheckpoint('newer/users'));
    await dynamoDb.client.send(
      new UpdateItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Key: { pk: { S: 'stream#newer/users' } },
        UpdateExpression: 'SET #v = :three, #state = :new',
        ExpressionAttributeNames: { '#state': 'state', '#v': 'v' },
        ExpressionAttributeValues: { ':three': { N: '3' }, ':new': { S: 'a state of tomorrow' } },
      }),
    );
    const error: unknown = await adapter()
      .read('newer/users')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NewerVersionError);
    expect(error).toMatchObject({
      found: 3,
      known: 2,
      message: expect.stringContaining('stream#newer/users'),
    });
    await expect(adapter().readAll(['newer/users'])).rejects.toThrow(NewerVersionError);
  });

  it('reads what version 1 wrote: nothing is trusted, and the open run has only waited so far', async () => {
    const startedAt = 1_000_000;
    const movedAt = startedAt + 3 * 86_400_000;
    const progress = {
      M: {
        ...mapOf({ startedAt, pages: 72, records: 1440, written: 0, unchanged: 1440 }),
        partial: { BOOL: false },
      },
    };
    const none = { NULL: true as const };
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: {
          pk: { S: 'stream#older/users' },
          stream: { S: 'older/users' },
          ...mapOf({ v: 1, revision: 200, sequence: 72, attempt: 0, lastTick: movedAt, movedAt }),
          state: { S: 'running' },
          run: { S: 'run-1' },
          position: { M: { kind: { S: 'offset' }, offset: { N: '1440' } } },
          progress,
          ...{ lease: none, retryAt: none, outcome: none, outcomeAt: none, lastStatus: none, reason: none },
          ...{ trouble: none, halt: none, completedAt: none },
        },
      }),
    );
    expect(await adapter().read('older/users')).toMatchObject({
      waitingSince: movedAt,
      stopped: null,
      trustedFingerprint: null,
      heldDeletions: null,
      progress: { remembered: null, waitedMs: 3 * 86_400_000 },
    });
  });

  it.each([
    ['spent its attempts', { by: 'exhausted', since: 5000 }, { halt: null, outcomeAt: 5000 }],
    ['halted', { by: 'missing', since: 4000 }, { outcomeAt: 5000 }],
  ] as const)(
    'knows what has stopped a stream of a version that only knew that it had %s',
    async (_, stop, more) => {
      const stream = `older/${stop.by}`;
      const halt = { outcome: 'missing', at: 4000, definition: 'd' } as const;
      const by = { by: 'exhausted', since: 1 } as const;
      await adapter().replace({ ...fullCheckpoint, halt, ...more, stream, stopped: by });
      await dynamoDb.client.send(
        new UpdateItemCommand({
          TableName: dynamoDb.checkpointsTable,
          Key: { pk: { S: `stream#${stream}` } },
          UpdateExpression: 'REMOVE stopped',
        }),
      );
      expect((await adapter().read(stream))?.stopped).toEqual(stop);
    },
  );

  it('does not go by what has stopped a stream where an older version, which leaves that alone, has written since', async () => {
    const stream = 'rolled/back';
    await adapter().replace({ ...fullCheckpoint, stream, stopped: { by: 'unauthorized', since: 1 } });
    const write = (expression: string): Promise<unknown> =>
      dynamoDb.client.send(
        new UpdateItemCommand({
          TableName: dynamoDb.checkpointsTable,
          Key: { pk: { S: `stream#${stream}` } },
          UpdateExpression: expression,
          ExpressionAttributeValues: { ':one': { N: '1' }, ':none': { NULL: true } },
        }),
      );
    await write('SET revision = revision + :one, trouble = :none');
    const { halt } = fullCheckpoint;
    expect((await adapter().read(stream))?.stopped).toEqual({ by: halt?.outcome, since: halt?.at });
    await write('SET revision = revision + :one, halt = :none, trouble = :none');
    expect((await adapter().read(stream))?.stopped).toBeNull();
  });

  it('says of a damaged item which attribute is wrong, and never that there is none', async () => {
    await adapter().replace({ ...fullCheckpoint, stream: 'damaged/users' });
    await dynamoDb.client.send(
      new UpdateItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Key: { pk: { S: 'stream#damaged/users' } },
        UpdateExpression: 'SET #position.#offset = :text, #state = :odd REMOVE attempt',
        ExpressionAttributeNames: { '#position': 'position', '#offset': 'offset', '#state': 'state' },
        ExpressionAttributeValues: { ':text': { S: 'secret words' }, ':odd': { S: 'secret state' } },
      }),
    );
    const error: unknown = await adapter()
      .read('damaged/users')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DamagedItemError);
    expect(error).toMatchObject({ attributes: ['state', 'position.offset', 'attempt'] });
    expect(String(error)).toContain('stream#damaged/users');
    expect(String(error)).not.toContain('secret');
    await expect(adapter().readAll(['damaged/users'])).rejects.toThrow(DamagedItemError);
  });

  it('takes an item without a format version for damaged', async () => {
    await dynamoDb.client.send(
      new PutItemCommand({ TableName: dynamoDb.checkpointsTable, Item: { pk: { S: 'stream#bare/users' } } }),
    );
    await expect(adapter().read('bare/users')).rejects.toThrow(/stream#bare\/users is damaged \(v: /);
  });

  it('throws when it cannot read or write, and never says that there is none', async () => {
    const nowhere = new DynamoDBClient({
      ...clientConfig,
      ...embeddedCredentials,
      endpoint: dynamoDb.endpoint,
    });
    const checkpoints = new DynamoCheckpoints(nowhere, 'no-such-table');
    await expect(checkpoints.read('mobaro/users')).rejects.toThrow(/not found/i);
    await expect(checkpoints.readAll(['mobaro/users'])).rejects.toThrow(/not found/i);
    await expect(checkpoints.replace(newCheckpoint('mobaro/users'))).rejects.toThrow(/not found/i);
    nowhere.destroy();
  });

  it('knows its own write again when only the answer to it was lost', async () => {
    const client = dynamoDb.newClient();
    loseAnswers(client, 1);
    const claim = { ...newCheckpoint('lost/users'), lease: { holder: 'me', until: 5 } };
    expect(await new DynamoCheckpoints(client, dynamoDb.checkpointsTable).replace(claim)).toEqual({
      ...claim,
      revision: 1,
    });
  });

  it("does not take another's write for its own after a lost answer", async () => {
    const theirs = { ...newCheckpoint('raced/users'), lease: { holder: 'them', until: 5 } };
    const client = dynamoDb.newClient();
    loseAnswers(client, 1);
    await adapter().replace(theirs);
    const mine = { ...theirs, lease: { holder: 'me', until: 5 } };
    expect(await new DynamoCheckpoints(client, dynamoDb.checkpointsTable).replace(mine)).toBeUndefined();
    expect(await adapter().read('raced/users')).toEqual({ ...theirs, revision: 1 });
  });
});
