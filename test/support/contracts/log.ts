import { beforeEach, describe, expect, it } from 'vitest';

import type { LogReader, LogWriter, SnapshotStore } from '../../../lib/changes/ports.ts';
import { collect } from './records.ts';

export type WholeLog = LogWriter & LogReader & SnapshotStore;

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
      await log.put(`${prefix}a`, lines, signal);
      expect(await log.read(`${prefix}a`)).toEqual(lines);
      await log.put(`${prefix}a`, ['{}'], signal);
      expect(await log.read(`${prefix}a`)).toEqual(['{}']);
      expect(await log.read(`${prefix}b`)).toBeNull();
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
      expect(await log.putNew(`${prefix}part`, ['1'], signal)).toBe(true);
      expect(await log.putNew(`${prefix}part`, ['2'], signal)).toBe(false);
      expect(await log.read(`${prefix}part`)).toEqual(['1']);
    });

    it('keeps a marker, and knows of none', async () => {
      expect(await log.readMarker(`${prefix}marker`)).toBeNull();
      await log.putMarker(`${prefix}marker`, '{"v":1}', signal);
      await log.putMarker(`${prefix}marker`, '{"v":2}', signal);
      expect(await log.readMarker(`${prefix}marker`)).toBe('{"v":2}');
    });

    it('says what time it is', async () => {
      expect(Math.abs((await log.now(prefix)) - Date.now())).toBeLessThan(5000);
    });
  });
}
