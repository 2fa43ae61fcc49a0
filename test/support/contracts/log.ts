import { beforeEach, describe, expect, it } from 'vitest';

import type {
  LogEraser,
  LogReader,
  LogWriter,
  MarkerVersions,
  SnapshotStore,
} from '../../../lib/changes/ports.ts';
import { collect } from './records.ts';

export type WholeLog = LogWriter & LogReader & SnapshotStore & MarkerVersions & LogEraser;

export function describeLog(name: string, makeLog: () => WholeLog): void {
  describe(`${name} keeps the contract of the change log`, () => {
    const { signal } = new AbortController();
    let log: WholeLog;
    let prefix = '';
    let round = 0;

    beforeEach(() => {
      log = makeLog();
      prefix = `changes/contract-${++round}/users/`;
    });

    it('gives back the lines of an object as they are', async () => {
      // Of these two signs JSON escapes none, and some readers take them for the end of a line.
      const lines = ['{"id":"1","text":"Über \u2028 \u2029 \\n"}', '{"id":9007199254740993}'];
      await log.put(`${prefix}a.gz`, lines, signal);
      expect(await log.read(`${prefix}a.gz`)).toEqual(lines);
      await log.put(`${prefix}a.gz`, ['{}'], signal);
      expect(await log.read(`${prefix}a.gz`)).toEqual(['{}']);
      expect(await log.read(`${prefix}b.gz`)).toBeNull();
    });

    it('lists what begins with a prefix, in order, from a key on', async () => {
      const keys = ['2', '1', '10', '3/x', 'Z', 'a'].map((end) => prefix + end);
      for (const key of keys) await log.put(key, ['{}'], signal);
      await log.put('changes/contract/other', ['{}'], signal);
      expect(await collect(log.list(prefix, prefix))).toEqual([...keys].sort());
      expect(await collect(log.list(prefix, `${prefix}11`))).toEqual(
        [...keys].sort().filter((key) => key >= `${prefix}11`),
      );
    });

    it('stores a new object once, whoever comes second', async () => {
      expect(await log.putNew(`${prefix}part.gz`, ['1'], signal)).toBe(true);
      expect(await log.putNew(`${prefix}part.gz`, ['2'], signal)).toBe(false);
      expect(await log.read(`${prefix}part.gz`)).toEqual(['1']);
    });

    it('keeps a marker, and knows of none', async () => {
      expect(await log.readMarker(`${prefix}marker`)).toBeNull();
      await log.putMarker(`${prefix}marker`, '{"v":1}', signal);
      await log.putMarker(`${prefix}marker`, '{"v":2}', signal);
      expect(await log.readMarker(`${prefix}marker`)).toBe('{"v":2}');
    });

    it('tells how much is stored under each key, in order, from a key on', async () => {
      const keys = ['1', '2', '3'].map((end) => `${prefix}${end}.ndjson.gz`);
      for (const key of keys) await log.put(key, ['{"id":"1"}'], signal);
      await log.putMarker(`${prefix}marker`, '{"v":1}', signal);
      const sizes = await collect(log.sizes(prefix, `${prefix}2`));
      expect(sizes.map(({ key }) => key)).toEqual([...keys.slice(1), `${prefix}marker`]);
      expect(sizes.every(({ bytes }) => bytes > 0)).toBe(true);
      // What is not zipped has as many bytes as its text.
      expect(sizes.at(-1)?.bytes).toBe(7);
      expect(await collect(log.sizes(`${prefix}none`, `${prefix}none`))).toEqual([]);
    });

    // Changes and snapshots are zipped; what Lambda keeps of a failed batch has no such ending, and is text.
    describe.each(['a.ndjson.gz', 'aws/lambda/batch'])('%s as somebody takes something out of it', (end) => {
      const lines = ['{"id":"Ü"}', '{"id":"2"}'];
      const text = lines.map((line) => `${line}\n`).join('');

      async function stored(): Promise<{ readonly key: string; readonly etag: string }> {
        const key = prefix + end;
        if (end.endsWith('.gz')) await log.put(key, lines, signal);
        else await log.putMarker(key, text, signal);
        const version = await log.readVersion(key);
        expect(version?.text).toBe(text);
        return { key, etag: version?.etag ?? '' };
      }

      it('is replaced as it was read, and is another version then', async () => {
        const { key, etag } = await stored();
        expect(await log.replace(key, { text: `${lines[1]}\n`, etag })).toBe(true);
        const version = await log.readVersion(key);
        expect(version?.text).toBe(`${lines[1]}\n`);
        expect(version?.etag).not.toBe(etag);
      });

      it('is left alone by whoever has read it before it was replaced', async () => {
        const { key, etag } = await stored();
        expect(await log.replace(key, { text: `${lines[0]}\n`, etag })).toBe(true);
        expect(await log.replace(key, { text: `${lines[1]}\n`, etag })).toBe(false);
        expect(await log.remove(key, etag)).toBe(false);
        expect((await log.readVersion(key))?.text).toBe(`${lines[0]}\n`);
      });

      it('is taken away as it was read', async () => {
        const { key, etag } = await stored();
        expect(await log.remove(key, etag)).toBe(true);
        expect(await log.readVersion(key)).toBeNull();
        expect(await collect(log.sizes(key, key))).toEqual([]);
      });

      it('is not made anew by whoever has read it before it was taken away', async () => {
        const { key, etag } = await stored();
        expect(await log.remove(key, etag)).toBe(true);
        expect(await log.replace(key, { text, etag })).toBe(false);
        expect(await log.remove(key, etag)).toBe(false);
        expect(await log.readVersion(key)).toBeNull();
      });
    });

    it('replaces a marker only if it is still the one that was read', async () => {
      const key = `${prefix}marker-of-two`;
      expect(await log.replaceMarker(key, null, '1', signal)).toBe(true);
      expect(await log.replaceMarker(key, null, '2', signal)).toBe(false);
      const version = await log.readVersion(key);
      expect(await log.replaceMarker(key, version, '3', signal)).toBe(true);
      expect(await log.replaceMarker(key, version, '4', signal)).toBe(false);
      expect(await log.readMarker(key)).toBe('3');
    });

    it('says what time it is', async () => {
      expect(Math.abs((await log.now(prefix)) - Date.now())).toBeLessThan(5000);
    });
  });
}
