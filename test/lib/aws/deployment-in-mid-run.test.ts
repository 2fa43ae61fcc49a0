import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { DynamoBreakers } from '../../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { DynamoGovernor } from '../../../lib/aws/dynamo-governor.ts';
import { DynamoOutages } from '../../../lib/aws/dynamo-outages.ts';
import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { DynamoSeenRows } from '../../../lib/aws/dynamo-seen-rows.ts';
import { NewerVersionError } from '../../../lib/aws/newer-version-error.ts';
import { decodePageMessage } from '../../../lib/aws/page-message-body.ts';
import type { PageMessage } from '../../../lib/sync/message.ts';
import { watch } from '../../../lib/sync/watch.ts';
import type { SyncDependencies } from '../../../lib/sync/work.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { storedLines, storedVersions, type StoredVersion } from '../../support/stored-lines.ts';
import { pageOf, SyncWorld } from '../../support/sync-world.ts';

let dynamoDb: EmbeddedDynamoDb;
let world: SyncWorld;
let deps: SyncDependencies;
let message: PageMessage;

async function restore(version: StoredVersion): Promise<void> {
  for (const line of storedLines(version)) {
    if ('message' in line) {
      const body = decodePageMessage(line.message);
      if (body.kind !== 'page') throw new Error('not a message for a page');
      ({ message } = body);
      continue;
    }
    const table = { checkpoints: dynamoDb.checkpointsTable, records: dynamoDb.recordsTable }[line.table];
    await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item: line.item }));
  }
  world = new SyncWorld({ streams: ['mobaro/users', 'mobaro/timesheets', 'mobaro/webhooks'] });
  const { client, checkpointsTable: table, recordsTable } = dynamoDb;
  deps = {
    ...world.deps,
    checkpoints: new DynamoCheckpoints(client, table),
    breakers: new DynamoBreakers(client, table),
    outages: new DynamoOutages(client, table),
    governor: new DynamoGovernor(client, table),
    seenRows: new DynamoSeenRows(client, table, world.clock),
    records: new DynamoRecords(client, recordsTable),
  };
  world.vendor.handle(({ url }) => {
    const query = new URL(url).searchParams;
    return pageOf(65, Number(query.get('Offset')), Number(query.get('Limit')));
  });
}

const drain = async (): Promise<void> => {
  for (let received = world.queue.receive(); received !== undefined; received = world.queue.receive()) {
    await world.invoke({ kind: 'message', message: received.message }, deps);
    world.queue.delete(received.receiptHandle);
  }
};

const records = () =>
  Array.fromAsync(new DynamoRecords(dynamoDb.client, dynamoDb.recordsTable).scan('mobaro/users'));

describe.each(storedVersions)('%s', (version) => {
  beforeAll(async () => {
    dynamoDb = await startEmbeddedDynamoDb();
  });
  afterAll(() => dynamoDb.stop());
  beforeEach(() => restore(version));

  describe('a run that was under way when the format of its checkpoint changed', () => {
    it('goes on at its page by the message that was in the queue, and ends whole', async () => {
      const report = await world.invoke({ kind: 'message', message }, deps);
      expect(report).toMatchObject({ outcome: 'fetched', sequence: 2, records: 19, written: 19 });
      await drain();
      expect(await deps.checkpoints.read('mobaro/users')).toMatchObject({
        state: 'idle',
        outcome: 'complete',
        progress: { pages: 4, records: 65, written: 65 },
      });
      expect(new Set((await records()).map(({ id }) => id)).size).toBe(65);
    });

    it('deletes nothing, for nobody knows all that it has seen; the run after the next does', async () => {
      await world.invoke({ kind: 'message', message }, deps);
      await drain();
      expect((await records()).filter(({ deletedAt }) => deletedAt !== null)).toEqual([]);
      world.vendor.handle(({ url }) => {
        const query = new URL(url).searchParams;
        return pageOf(64, Number(query.get('Offset')), Number(query.get('Limit')));
      });
      await world.clock.advance(900_000);
      await world.invoke({ kind: 'tick', stream: 'mobaro/users', scheduledAt: world.clock.now() }, deps);
      await drain();
      const deleted = (await records()).filter(({ deletedAt }) => deletedAt !== null);
      expect(deleted.map(({ id }) => id)).toEqual(['row-64']);
    });

    it('leaves what waits waiting, and what is halted halted', async () => {
      await world.clock.advance(5_000);
      const waiting = await deps.checkpoints.read('mobaro/timesheets');
      if (waiting?.run == null) throw new Error('no run is open');
      const { run, sequence } = waiting;
      expect(
        await world.invoke(
          { kind: 'message', message: { v: 1, stream: 'mobaro/timesheets', run, sequence } },
          deps,
        ),
      ).toMatchObject({ outcome: 'fetched', attempt: 2 });
      await world.clock.advance(900_000);
      const tick = { kind: 'tick', stream: 'mobaro/webhooks', scheduledAt: world.clock.now() } as const;
      expect(await world.invoke(tick, deps)).toMatchObject({ outcome: 'missing', requests: 0 });
    });
  });

  describe('a function of this version, when a newer one has already written', () => {
    const key = { pk: { S: 'stream#mobaro/users' } };
    const item = async () =>
      (await dynamoDb.client.send(new GetItemCommand({ TableName: dynamoDb.checkpointsTable, Key: key })))
        .Item;

    beforeEach(async () => {
      const next = { ...(await item()), v: { N: '3' }, position: { M: { kind: { S: 'of tomorrow' } } } };
      await dynamoDb.client.send(new PutItemCommand({ TableName: dynamoDb.checkpointsTable, Item: next }));
    });

    it('touches nothing and calls nobody; its message stays in the queue', async () => {
      const before = await item();
      // What is thrown keeps the message: it comes back after its time-out, to a function that is newer.
      await expect(world.invoke({ kind: 'message', message }, deps)).rejects.toThrow(NewerVersionError);
      expect(world.vendor.requests).toEqual([]);
      expect(await item()).toEqual(before);
    });

    it('looks after the other streams all the same', async () => {
      await world.clock.advance(3_600_000);
      const watched = watch({
        connections: [
          {
            name: 'mobaro',
            streams: [...world.streams.values()],
            queue: world.queue,
            secretVersion: () => world.secrets.currentVersion(),
          },
        ],
        checkpoints: deps.checkpoints,
        breakers: deps.breakers,
        outages: deps.outages,
        measurements: world.measured,
        faults: deps.faults,
        clock: world.clock,
        newId: deps.newId,
      });
      await expect(watched).rejects.toThrow('Not everything could be watched');
      // What it does not know is left to who does.
      expect([...world.measured.last.keys()]).toEqual([]);
      expect(world.queue.contents.map(({ message: { stream } }) => stream)).toEqual(['mobaro/timesheets']);
    });
  });

  describe('a run in whose midst the settings changed', () => {
    it.each([1, 7, 128])('goes on with pages of %i, and has every row in the end', async (pageSize) => {
      const streams = new Map(
        [...world.streams].map(([name, stream]) => [
          name,
          { ...stream, settings: { ...stream.settings, pageSize } },
        ]),
      );
      deps = { ...deps, streams };
      await world.invoke({ kind: 'message', message }, deps);
      for (let steps = 0; steps < 100 && world.queue.contents.length > 0; steps += 1) await drain();
      expect(await deps.checkpoints.read('mobaro/users')).toMatchObject({ outcome: 'complete' });
      expect(new Set((await records()).map(({ id }) => id)).size).toBe(65);
    });

    it('is over where its stream was taken out', async () => {
      deps = { ...deps, streams: new Map([...world.streams].slice(1)) };
      expect(await world.invoke({ kind: 'message', message }, deps)).toMatchObject({
        outcome: 'stale',
        reason: 'this deployment has no such stream',
        next: 'none',
      });
      expect(world.vendor.requests).toEqual([]);
    });
  });
});
