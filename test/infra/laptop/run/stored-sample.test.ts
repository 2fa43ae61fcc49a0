import { describe, expect, it } from 'vitest';

import { sampleStored } from '../../../../infra/laptop/run/stored-sample.ts';
import type { StoredRecord } from '../../../../lib/sync/record.ts';

const at = '2026-03-01T00:00:00.000Z';

function rows(stream: string, count: number, deletedAt: string | null = null): StoredRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ stream, id: String(index), json: `{"id":${index}}`, firstSeenAt: at, changedAt: at, deletedAt },
  }));
}

function sourceOf(stored: Readonly<Record<string, readonly StoredRecord[]>>) {
  return {
    async *scan(stream: string): AsyncGenerator<StoredRecord, void, undefined> {
      await Promise.resolve();
      yield* stored[stream] ?? [];
    },
  };
}

describe('sampleStored', () => {
  it('counts what lives in all streams, and takes the first rows of the first that has any', async () => {
    const source = sourceOf({
      'mobaro/users': rows('mobaro/users', 2, at),
      'bob/people': [...rows('bob/people', 1, at), ...rows('bob/people', 5)],
      'bob/employment': rows('bob/employment', 2),
    });

    expect(await sampleStored(['mobaro/users', 'bob/people', 'bob/employment'], source)).toEqual({
      ...{ records: 7, isMore: false, streams: 2 },
      example: { stream: 'bob/people', rows: ['{"id":0}', '{"id":1}', '{"id":2}'] },
    });
  });

  it('says of nothing that it is nothing', async () => {
    expect(await sampleStored(['mobaro/users'], sourceOf({}))).toEqual({
      ...{ records: 0, isMore: false, streams: 0, example: null },
    });
  });

  it.each([
    [20_000, false],
    [20_001, true],
  ])('stops to count at 20,000: of %d there are more: %s', async (count, isMore) => {
    const sample = await sampleStored(['bob/people'], sourceOf({ 'bob/people': rows('bob/people', count) }));
    expect(sample).toMatchObject({ records: 20_000, isMore });
  });
});
