import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoIdBatches } from '../../../lib/aws/dynamo-id-batches.ts';
import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { eraseRecord, forgottenOf } from '../../../lib/operations/forget.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { madeUpWorld, numbers, people } from '../../support/made-up-vendor.ts';

let embedded: EmbeddedDynamoDb;
let records: DynamoRecords;
let idBatches: DynamoIdBatches;

const { signal } = new AbortController();
const times = { deletedAt: 1000, expiresAt: 9000 };

beforeAll(async () => {
  embedded = await startEmbeddedDynamoDb();
  records = new DynamoRecords(embedded.client, embedded.recordsTable);
  idBatches = new DynamoIdBatches(embedded.client, embedded.checkpointsTable, { now: () => 0 });
});
afterAll(() => embedded.stop());

async function store(stream: string, ...ids: readonly string[]): Promise<void> {
  const rows = ids.map((id) => ({ id, json: JSON.stringify({ id }), hash: 'h' }));
  await records.upsert(stream, rows, { at: 0, run: 'run-1' }, signal);
}

async function idsOf(stream: string): Promise<string[]> {
  return (await Array.fromAsync(records.scan(stream))).map(({ id }) => id);
}

/** The items of both tables in which it stands. */
async function textOf(id: string): Promise<string[]> {
  const tables = [embedded.checkpointsTable, embedded.recordsTable];
  const answers = await Promise.all(
    tables.map((TableName) => embedded.client.send(new ScanCommand({ TableName }))),
  );
  const items = answers.flatMap(({ Items = [] }) => Items.map((item) => JSON.stringify(item)));
  return items.filter((item) => item.includes(id));
}

const forget = async (stream: string, id: string) =>
  forgottenOf(stream, await eraseRecord({ stream, id }, { records, idBatches }), 'Some of it remains.');

describe('forgetting a record', () => {
  it.each(['users/1-A', '-1', '--yes', 'a b', 'ø'])(
    'erases the record %j alone, and says whether there was one, without its id',
    async (id) => {
      const stream = `one${id}`;
      await store(stream, id, 'users/2-A');

      expect(await forget(stream, id)).toEqual({
        stream,
        changed: true,
        text: `One record of ${stream} has been erased. Some of it remains. If the vendor still gives it, the next run stores it again.`,
      });
      expect(await idsOf(stream)).toEqual(['users/2-A']);
      expect(await forget(stream, id)).toEqual({
        stream,
        changed: false,
        text: `There is no record of ${stream} with this id; nothing has been erased. If the vendor still gives it, the next run stores it again.`,
      });
    },
  );

  it.each(['', 'x'.repeat(1025), 'ø'.repeat(513)])('knows no record that cannot be stored', async (id) => {
    expect(await forget('none', id)).toMatchObject({ changed: false });
  });

  it.each([
    ['under way', true],
    ['over', false],
  ])('leaves no item with the id where a run that asks in batches is %s', async (_, isUnderWay) => {
    const world = madeUpWorld(
      ['people'],
      people(() => numbers(12)),
      { batchOver: 0 },
    );
    const stream = 'made-up/people';
    const deps = { ...world.deps, idBatches, records };
    await world.clock.advance(15 * 60_000);
    await world.invoke({ kind: 'tick', stream, scheduledAt: world.clock.now() }, deps);
    for (let turns = 0; turns < (isUnderWay ? 1 : 9); turns += 1) {
      const found = world.queue.receive();
      if (found === undefined) break;
      await world.invoke({ kind: 'message', message: found.message }, deps);
      world.queue.delete(found.receiptHandle);
    }
    expect((await world.checkpoint(stream)).outcome).toBe(isUnderWay ? 'running' : 'complete');
    expect(await textOf('p003')).not.toEqual([]);

    expect(await forget(stream, 'p003')).toMatchObject({ changed: true });
    expect(await textOf('p003')).toEqual([]);
    expect(await forget(stream, 'p003')).toMatchObject({ changed: false });
  });

  it('says of an id that only stood on a list what it has done', async () => {
    await idBatches.keep('listed', 'run-1', [['a', 'b']], 1);
    expect(await forget('listed', 'a')).toMatchObject({
      changed: true,
      text: expect.stringMatching(
        /^There is no record of listed with this id; it has been taken off the list/,
      ),
    });
    expect(await idBatches.read('listed', 'run-1', 0)).toEqual(['b']);
  });

  it('erases a tombstone, also one whose content has been erased', async () => {
    await store('tombstones', 'a', 'b');
    await records.markDeleted('tombstones', ['a', 'b'], { ...times, run: 'run-1' }, signal);
    await records.purge('tombstones', [{ id: 'b', deletedAt: 1000, erased: false }], signal);

    expect(await forget('tombstones', 'a')).toMatchObject({ changed: true });
    expect(await forget('tombstones', 'b')).toMatchObject({ changed: true });
    expect(await idsOf('tombstones')).toEqual([]);
  });

  it('lets a sweep go on that has seen the record before', async () => {
    await store('swept', 'a', 'b', 'c');
    await records.markDeleted('swept', ['b'], { ...times, run: 'run-1' }, signal);
    const { keys } = await records.list('swept', null, signal);
    await forget('swept', 'a');
    await forget('swept', 'b');

    expect(await records.markDeleted('swept', ['a'], { ...times, run: 'run-1' }, signal)).toBe(0);
    await records.purge(
      'swept',
      keys.filter(({ deletedAt }) => deletedAt !== null),
      signal,
    );
    expect((await records.list('swept', 'b', signal)).keys.map(({ id }) => id)).toEqual(['c']);
    expect(await idsOf('swept')).toEqual(['c']);
  });
});
