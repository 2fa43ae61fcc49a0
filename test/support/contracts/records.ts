import { createHash, randomBytes } from 'node:crypto';

import { beforeEach, describe, expect, it } from 'vitest';

import type { Records, WrittenBy } from '../../../lib/sync/ports.ts';
import type { SourceRecord, StoredRecord } from '../../../lib/sync/record.ts';

export interface ScannableRecords extends Records {
  scan(stream: string): AsyncIterable<StoredRecord>;
}

export function record(id: string, json = JSON.stringify({ id })): SourceRecord {
  return { id, json, hash: createHash('sha256').update(json).digest('base64') };
}

/** JSON of about so many bytes, of which gzip saves no more than a quarter. */
export function incompressible(bytes: number): string {
  return JSON.stringify({ blob: randomBytes(Math.ceil((bytes * 3) / 4)).toString('base64') });
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export const morning = Date.parse('2026-03-01T06:00:00.000Z');
/** That writes the records of a test. */
export const run = 'run-1';

export function inRun(at: number): WrittenBy {
  return { at, run: 'run-1' };
}

export const evening = Date.parse('2026-03-01T18:00:00.000Z');

export function describeRecords(name: string, makeAdapter: () => ScannableRecords): void {
  describe(`${name} keeps the contract of Records`, () => {
    let records: ScannableRecords;
    let stream = '';
    let round = 0;
    const { signal } = new AbortController();

    beforeEach(() => {
      stream = `contract-${++round}/users`;
      records = makeAdapter();
    });

    const all = (): Promise<StoredRecord[]> => collect(records.scan(stream));

    it('stores what is new', async () => {
      const upserted = await records.upsert(
        stream,
        [record('users/2-A'), record('users/1-A')],
        inRun(morning),
        signal,
      );
      expect(upserted).toEqual({ kind: 'stored', written: 2, unchanged: 0 });
      const at = '2026-03-01T06:00:00.000Z';
      const seen = { stream, firstSeenAt: at, changedAt: at, deletedAt: null };
      expect(await all()).toEqual([
        { ...seen, id: 'users/1-A', json: '{"id":"users/1-A"}' },
        { ...seen, id: 'users/2-A', json: '{"id":"users/2-A"}' },
      ]);
    });

    it('writes what has changed and leaves alone what has not', async () => {
      await records.upsert(stream, [record('1', '{"n":1}'), record('2', '{"n":1}')], inRun(morning), signal);
      const upserted = await records.upsert(
        stream,
        [record('1', '{"n":1}'), record('2', '{"n":2}'), record('3', '{"n":3}')],
        inRun(evening),
        signal,
      );
      expect(upserted).toEqual({ kind: 'stored', written: 2, unchanged: 1 });
      const [early, late] = ['2026-03-01T06:00:00.000Z', '2026-03-01T18:00:00.000Z'];
      expect(await all()).toEqual([
        { stream, id: '1', json: '{"n":1}', firstSeenAt: early, changedAt: early, deletedAt: null },
        { stream, id: '2', json: '{"n":2}', firstSeenAt: early, changedAt: late, deletedAt: null },
        { stream, id: '3', json: '{"n":3}', firstSeenAt: late, changedAt: late, deletedAt: null },
      ]);
    });

    it('counts the last of two rows with one id', async () => {
      const rows = [record('1', '{"n":1}'), record('2', '{"n":2}'), record('1', '{"n":3}')];
      expect(await records.upsert(stream, rows, inRun(morning), signal)).toEqual({
        kind: 'stored',
        written: 2,
        unchanged: 0,
      });
      expect((await all()).map(({ json }) => json)).toEqual(['{"n":3}', '{"n":2}']);
    });

    it('keeps streams apart', async () => {
      await records.upsert(stream, [record('1')], inRun(morning), signal);
      await records.upsert(`${stream}-too`, [record('1'), record('2')], inRun(morning), signal);
      expect(await all()).toHaveLength(1);
    });

    it('takes no records at all', async () => {
      expect(await records.upsert(stream, [], inRun(morning), signal)).toEqual({
        kind: 'stored',
        written: 0,
        unchanged: 0,
      });
    });

    it('gives the text back exactly, digits, escapes, order and size', async () => {
      const texts = [
        '{"id":9007199254740993,"pay":1.10,"big":1e400,"minus":-0}',
        '{"z":1,"a":"\\ud800 \\u0000 ünïcode 漢字 🎢"}',
        JSON.stringify({ long: 'Ada Made-Up of Nowhere. '.repeat(4000) }),
        incompressible(100_000),
        `"${'a'.repeat(8 * 1024 - 2)}"`,
        `"${'é'.repeat(8 * 1024)}"`,
      ];
      const rows = texts.map((json, index) => record(`row-${index}`, json));
      await records.upsert(stream, rows, inRun(morning), signal);
      expect((await all()).map(({ json }) => json)).toEqual(texts);
    });

    it('says which row is too large, and writes nothing', async () => {
      const rows = [record('1'), record('2', incompressible(600_000)), record('3')];
      const upserted = await records.upsert(stream, rows, inRun(morning), signal);
      expect(upserted).toEqual({
        kind: 'unstorable',
        index: 1,
        reason: expect.stringMatching(/^is \d{3} KB even compressed; DynamoDB takes 400 KB/),
      });
      expect(await all()).toEqual([]);
    });

    it('takes a row over the limit that compresses to less', async () => {
      const json = JSON.stringify({ long: 'x'.repeat(900_000) });
      const rows = [record('1', json)];
      expect(await records.upsert(stream, rows, inRun(morning), signal)).toMatchObject({
        kind: 'stored',
        written: 1,
      });
      expect((await all())[0]?.json).toBe(json);
    });

    it('says which row has an id that is empty or too long in bytes', async () => {
      expect(await records.upsert(stream, [record('1'), record('')], inRun(morning), signal)).toEqual({
        kind: 'unstorable',
        index: 1,
        reason: 'has an empty id',
      });
      const rows = [record('é'.repeat(512)), record('é'.repeat(513))];
      expect(await records.upsert(stream, rows, inRun(morning), signal)).toEqual({
        kind: 'unstorable',
        index: 1,
        reason: 'has an id of 1026 bytes; DynamoDB takes 1024',
      });
      expect(await records.upsert(stream, rows.slice(0, 1), inRun(morning), signal)).toMatchObject({
        written: 1,
      });
    });

    it('stops at once when it is told to', async () => {
      const stopped = AbortSignal.abort(new Error('out of time'));
      await expect(records.upsert(stream, [record('1')], inRun(morning), stopped)).rejects.toThrow(
        'out of time',
      );
      expect(await all()).toEqual([]);
    });

    describe('of which some had other ids in an older version', () => {
      /** A row whose id has something to escape, as it is read now. */
      const escaped = (id: string, formerId: string, json?: string): SourceRecord => ({
        ...record(id, json ?? JSON.stringify({ id: formerId })),
        formerId,
      });
      const [early, late] = ['2026-03-01T06:00:00.000Z', '2026-03-01T18:00:00.000Z'];
      const stored = async () =>
        (await all()).map(({ id, json, firstSeenAt, changedAt, deletedAt }) => ({
          ...{ id, json, firstSeenAt, changedAt, deletedAt },
        }));

      it('moves one that has not changed, and changes nothing else of it', async () => {
        await records.upsert(stream, [record('a/b/c'), record('d/e')], inRun(morning), signal);
        const rows = [escaped('a~1b/c', 'a/b/c'), record('d/e')];
        const done = { kind: 'stored', written: 0, unchanged: 2 };
        expect(await records.upsert(stream, rows, inRun(evening), signal)).toEqual(done);
        const times = { firstSeenAt: early, changedAt: early, deletedAt: null };
        const expected = [
          { id: 'a~1b/c', json: '{"id":"a/b/c"}', ...times },
          { id: 'd/e', json: '{"id":"d/e"}', ...times },
        ];
        expect(await stored()).toEqual(expected);
        expect(await records.upsert(stream, rows, inRun(evening), signal)).toEqual(done);
        expect(await stored()).toEqual(expected);
      });

      it('moves one that has changed, and writes it', async () => {
        await records.upsert(stream, [record('x~y/c')], inRun(morning), signal);
        const changed = escaped('x~0y/c', 'x~y/c', '{"n":2}');
        const done = { kind: 'stored', written: 1, unchanged: 0 };
        expect(await records.upsert(stream, [changed], inRun(evening), signal)).toEqual(done);
        const times = { firstSeenAt: early, changedAt: late, deletedAt: null };
        expect(await stored()).toEqual([{ id: 'x~0y/c', json: '{"n":2}', ...times }]);
      });

      it('stores a new one under its new id, and nothing under the former', async () => {
        await records.upsert(stream, [escaped('a~1b/c', 'a/b/c')], inRun(morning), signal);
        expect((await stored()).map(({ id }) => id)).toEqual(['a~1b/c']);
      });

      it('tells two rows apart that had one id: the one that is stored there takes it, the other is new', async () => {
        const ofA = escaped('a~1b/c', 'a/b/c', '{"of":"a/b and c"}');
        const ofB = escaped('a/b~1c', 'a/b/c', '{"of":"a and b/c"}');
        await records.upsert(stream, [record('a/b/c', ofB.json)], inRun(morning), signal);
        for (const rows of [
          [ofB, ofA],
          [ofA, ofB],
        ]) {
          const upserted = await records.upsert(stream, rows, inRun(evening), signal);
          expect(upserted).toMatchObject(rows[0] === ofB ? { written: 1, unchanged: 1 } : { written: 0 });
          expect(await stored()).toEqual([
            ...[{ id: 'a/b~1c', json: ofB.json, firstSeenAt: early, changedAt: early, deletedAt: null }],
            ...[{ id: 'a~1b/c', json: ofA.json, firstSeenAt: late, changedAt: late, deletedAt: null }],
          ]);
        }
      });

      it('gives it to one of them alone where they come on different pages', async () => {
        await records.upsert(stream, [record('a/b/c', '{"n":0}')], inRun(morning), signal);
        await records.upsert(stream, [escaped('a~1b/c', 'a/b/c', '{"n":1}')], inRun(evening), signal);
        await records.upsert(stream, [escaped('a/b~1c', 'a/b/c', '{"n":2}')], inRun(evening), signal);
        expect((await stored()).map(({ id, firstSeenAt }) => [id, firstSeenAt])).toEqual([
          ['a/b~1c', late],
          ['a~1b/c', early],
        ]);
      });

      it('takes away what a killed function has moved and not removed', async () => {
        await records.upsert(stream, [escaped('a~1b/c', 'a/b/c')], inRun(morning), signal);
        await records.upsert(stream, [record('a/b/c')], inRun(morning), signal);
        const done = { kind: 'stored', written: 0, unchanged: 1 };
        expect(await records.upsert(stream, [escaped('a~1b/c', 'a/b/c')], inRun(evening), signal)).toEqual(
          done,
        );
        expect((await stored()).map(({ id, changedAt }) => [id, changedAt])).toEqual([['a~1b/c', early]]);
      });

      it('gives one that was deleted its life again under its new id', async () => {
        await records.upsert(stream, [record('a/b/c')], inRun(morning), signal);
        await records.markDeleted(
          stream,
          ['a/b/c'],
          { deletedAt: evening, expiresAt: evening + 1, run: 'run-1' },
          signal,
        );
        const upserted = await records.upsert(stream, [escaped('a~1b/c', 'a/b/c')], inRun(evening), signal);
        expect(upserted).toMatchObject({ written: 1, unchanged: 0 });
        const times = { firstSeenAt: early, changedAt: late, deletedAt: null };
        expect(await stored()).toEqual([{ id: 'a~1b/c', json: '{"id":"a/b/c"}', ...times }]);
      });

      it('never takes the escaped id of one row for the former id of another', async () => {
        // Of the parts `x/` and `c`, and of `x~1` and `c`.
        const ofA = escaped('x~1/c', 'x//c', '{"of":"x/ and c"}');
        const ofB = escaped('x~01/c', 'x~1/c', '{"of":"x~1 and c"}');
        await records.upsert(
          stream,
          [record('x//c', ofA.json), record('x~1/c', ofB.json)],
          inRun(morning),
          signal,
        );
        for (let times = 0; times < 3; times += 1) {
          await records.upsert(stream, [ofA], inRun(evening), signal);
          await records.upsert(stream, [ofB], inRun(evening), signal);
          expect((await stored()).map(({ id, json }) => [id, json])).toEqual([
            ['x~01/c', ofB.json],
            ['x~1/c', ofA.json],
          ]);
        }
        await records.upsert(stream, [ofB, ofA], inRun(evening), signal);
        expect(await stored()).toHaveLength(2);
      });

      it('moves both where the escaped id of one is the former id of another on the same page', async () => {
        const ofA = escaped('x~1/c', 'x//c', '{"of":"x/ and c"}');
        const ofB = escaped('x~01/c', 'x~1/c', '{"of":"x~1 and c"}');
        await records.upsert(
          stream,
          [record('x//c', ofA.json), record('x~1/c', ofB.json)],
          inRun(morning),
          signal,
        );
        const upserted = await records.upsert(stream, [ofA, ofB], inRun(evening), signal);
        expect(upserted).toMatchObject({ written: 0, unchanged: 2 });
        expect((await stored()).map(({ id, json, changedAt }) => [id, json, changedAt])).toEqual([
          ['x~01/c', ofB.json, early],
          ['x~1/c', ofA.json, early],
        ]);
      });

      it('moves more than one batch of them', async () => {
        const ids = Array.from({ length: 130 }, (_, index) => String(index).padStart(3, '0'));
        const old = ids.map((id) => record(`p/${id}/x`));
        await records.upsert(stream, old, inRun(morning), signal);
        const rows = ids.map((id) => escaped(`p~1${id}/x`, `p/${id}/x`));
        const done = { kind: 'stored', written: 0, unchanged: 130 };
        expect(await records.upsert(stream, rows, inRun(evening), signal)).toEqual(done);
        expect((await stored()).map(({ id }) => id)).toEqual(ids.map((id) => `p~1${id}/x`));
      });
    });

    describe('of which some are deleted', () => {
      const retention = { deletedAt: evening, expiresAt: evening + 90 * 86_400_000 };
      const ids = ['1', '2', '3', '4'];
      const keysOf = async () => (await records.list(stream, null, signal)).keys;

      beforeEach(async () => {
        await records.upsert(
          stream,
          ids.map((id) => record(id)),
          inRun(morning),
          signal,
        );
      });

      it('lists them in the order of their ids, part by part', async () => {
        await records.upsert(
          stream,
          Array.from({ length: 2100 }, (_, index) => record(`row-${String(index).padStart(5, '0')}`)),
          inRun(morning),
          signal,
        );
        const all: string[] = [];
        let parts = 0;
        for (let after: string | null = null; ; parts += 1) {
          const part = await records.list(stream, after, signal);
          all.push(...part.keys.map(({ id }) => id));
          after = part.last;
          if (after === null) break;
        }
        expect(parts).toBeGreaterThanOrEqual(2);
        expect(all).toHaveLength(2104);
        expect(all).toEqual([...all].sort());
        expect(await records.list(`${stream}-empty`, null, signal)).toEqual({ keys: [], last: null });
      });

      it('keeps the content of what it buries, and says since when', async () => {
        expect(await records.markDeleted(stream, ['2', '4'], { ...retention, run: 'run-1' }, signal)).toBe(2);
        expect(await keysOf()).toEqual([
          { id: '1', deletedAt: null, erased: false },
          { id: '2', deletedAt: evening, erased: false },
          { id: '3', deletedAt: null, erased: false },
          { id: '4', deletedAt: evening, erased: false },
        ]);
        const early = '2026-03-01T06:00:00.000Z';
        const late = '2026-03-01T18:00:00.000Z';
        expect((await all())[1]).toEqual({
          ...{ stream, id: '2', json: '{"id":"2"}' },
          ...{ firstSeenAt: early, changedAt: late, deletedAt: late },
        });
      });

      it('buries nothing twice, and nothing that is not there', async () => {
        await records.markDeleted(stream, ['2'], { ...retention, run: 'run-1' }, signal);
        const later = { deletedAt: evening + 1, expiresAt: evening + 2 };
        expect(await records.markDeleted(stream, ['2', '5'], { ...later, run: 'run-1' }, signal)).toBe(0);
        expect((await keysOf()).map(({ deletedAt }) => deletedAt)).toEqual([null, evening, null, null]);
      });

      it('gives a record that comes back its life again, though it has not changed', async () => {
        await records.markDeleted(stream, ['2'], { ...retention, run: 'run-1' }, signal);
        const upserted = await records.upsert(stream, [record('1'), record('2')], inRun(evening), signal);
        expect(upserted).toEqual({ kind: 'stored', written: 1, unchanged: 1 });
        expect((await all())[1]).toMatchObject({
          json: '{"id":"2"}',
          firstSeenAt: '2026-03-01T06:00:00.000Z',
          deletedAt: null,
        });
      });

      it('erases the content first, and then the tombstone', async () => {
        await records.markDeleted(stream, ['2', '4'], { ...retention, run: 'run-1' }, signal);
        const tombstones = async () => (await keysOf()).filter(({ deletedAt }) => deletedAt !== null);
        await records.purge(stream, await tombstones(), signal);
        expect(await tombstones()).toEqual([
          { id: '2', deletedAt: evening, erased: true },
          { id: '4', deletedAt: evening, erased: true },
        ]);
        expect((await all())[1]).toMatchObject({ id: '2', json: null });
        await records.purge(stream, await tombstones(), signal);
        expect((await all()).map(({ id }) => id)).toEqual(['1', '3']);
      });

      it('brings an erased record back whole', async () => {
        await records.markDeleted(stream, ['2'], { ...retention, run: 'run-1' }, signal);
        await records.purge(stream, [{ id: '2', deletedAt: evening, erased: false }], signal);
        expect(await records.upsert(stream, [record('2')], inRun(evening), signal)).toMatchObject({
          written: 1,
        });
        expect((await all())[1]).toMatchObject({ json: '{"id":"2"}', deletedAt: null });
      });

      it('never erases a record that lives', async () => {
        await records.purge(stream, [{ id: '2', deletedAt: evening, erased: false }], signal);
        await records.purge(stream, [{ id: '3', deletedAt: evening, erased: true }], signal);
        expect((await all()).map(({ json }) => json)).toEqual(ids.map((id) => `{"id":"${id}"}`));
      });

      it('stops at once when it is told to', async () => {
        const stopped = AbortSignal.abort(new Error('out of time'));
        await expect(records.list(stream, null, stopped)).rejects.toThrow();
        await expect(
          records.markDeleted(stream, ['1'], { ...retention, run: 'run-1' }, stopped),
        ).rejects.toThrow();
        const known = [{ id: '1', deletedAt: evening, erased: false }];
        await expect(records.purge(stream, known, stopped)).rejects.toThrow();
        expect((await keysOf()).map(({ deletedAt }) => deletedAt)).toEqual([null, null, null, null]);
      });
    });
  });
}
