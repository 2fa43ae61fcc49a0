import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { forgetRecord } from '../../../lib/operations/forget.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';

let embedded: EmbeddedDynamoDb;
let records: DynamoRecords;

const { signal } = new AbortController();
const times = { deletedAt: 1000, expiresAt: 9000 };

beforeAll(async () => {
  embedded = await startEmbeddedDynamoDb();
  records = new DynamoRecords(embedded.client, embedded.recordsTable);
});
afterAll(() => embedded.stop());

async function store(stream: string, ...ids: readonly string[]): Promise<void> {
  const rows = ids.map((id) => ({ id, json: JSON.stringify({ id }), hash: 'h' }));
  await records.upsert(stream, rows, 0, signal);
}

async function idsOf(stream: string): Promise<string[]> {
  return (await Array.fromAsync(records.scan(stream))).map(({ id }) => id);
}

const forget = (stream: string, id: string) => forgetRecord({ stream, id }, records, 'Some of it remains.');

describe('forgetRecord', () => {
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

  it('erases a tombstone, also one whose content has been erased', async () => {
    await store('tombstones', 'a', 'b');
    await records.bury('tombstones', ['a', 'b'], times, signal);
    await records.erase('tombstones', [{ id: 'b', deletedAt: 1000, erased: false }], signal);

    expect(await forget('tombstones', 'a')).toMatchObject({ changed: true });
    expect(await forget('tombstones', 'b')).toMatchObject({ changed: true });
    expect(await idsOf('tombstones')).toEqual([]);
  });

  it('lets a sweep go on that has seen the record before', async () => {
    await store('swept', 'a', 'b', 'c');
    await records.bury('swept', ['b'], times, signal);
    const { keys } = await records.list('swept', null, signal);
    await forget('swept', 'a');
    await forget('swept', 'b');

    expect(await records.bury('swept', ['a'], times, signal)).toBe(0);
    await records.erase(
      'swept',
      keys.filter(({ deletedAt }) => deletedAt !== null),
      signal,
    );
    expect((await records.list('swept', 'b', signal)).keys.map(({ id }) => id)).toEqual(['c']);
    expect(await idsOf('swept')).toEqual(['c']);
  });
});
