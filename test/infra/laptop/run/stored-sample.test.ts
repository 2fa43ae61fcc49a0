import { describe, expect, it } from 'vitest';

import { sampleStored } from '../../../../infra/laptop/run/stored-sample.ts';
import type { StoredRecord } from '../../../../lib/sync/record.ts';

const at = '2026-03-01T00:00:00.000Z';

function rows(stream: string, count: number, deletedAt: string | null = null): StoredRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ stream, id: String(index), json: `{"id":${index}}`, firstSeenAt: at, changedAt: at, deletedAt },
  }));
}

/** Of a store in which each record takes so long to read, in milliseconds. */
function sample(stored: Readonly<Record<string, readonly StoredRecord[]>>, eachMs = 0) {
  let now = 0;
  return sampleStored({
    streams: Object.keys(stored),
    now: () => now,
    records: {
      async *scan(stream: string): AsyncGenerator<StoredRecord, void, undefined> {
        await Promise.resolve();
        for (const record of stored[stream] ?? []) {
          now += eachMs;
          yield record;
        }
      },
    },
  });
}

describe('sampleStored', () => {
  it('counts what lives in all streams, and takes the first rows of the first that has any', async () => {
    const stored = {
      'mobaro/users': rows('mobaro/users', 2, at),
      'bob/people': [...rows('bob/people', 1, at), ...rows('bob/people', 5)],
      'bob/employment': rows('bob/employment', 2),
    };
    expect(await sample(stored)).toEqual({
      ...{ records: 7, isMore: false, streams: 2 },
      example: { stream: 'bob/people', rows: ['{"id":0}', '{"id":1}', '{"id":2}'] },
    });
  });

  it('says of nothing that it is nothing', async () => {
    const nothing = { records: 0, isMore: false, streams: 0, example: null };
    expect(await sample({ 'mobaro/users': [] })).toEqual(nothing);
  });

  it.each([
    ['records', null, 100],
    ['tombstones', at, 0],
  ])('stops after a second, however many %s there are', async (_, deletedAt, records) => {
    const stored = { 'bob/people': rows('bob/people', 5000, deletedAt) };
    expect(await sample(stored, 10)).toMatchObject({ records, isMore: true });
  });

  it('takes nothing from a run that has ended that a record cannot be read', async () => {
    const damaged = new Proxy<StoredRecord[]>([], {
      get: () => {
        throw new Error('damaged');
      },
    });
    expect(await sample({ 'bob/people': damaged })).toBeNull();
  });
});
