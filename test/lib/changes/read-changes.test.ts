import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Change, RecordWrite } from '../../../lib/changes/change.ts';
import { cursorAt, formatCursor, parseCursor, type Cursor } from '../../../lib/changes/cursor.ts';
import { changeKey, readChangeKey } from '../../../lib/changes/object-key.ts';
import type { LogReader } from '../../../lib/changes/ports.ts';
import { publish } from '../../../lib/changes/publish.ts';
import { publishTimeoutSeconds, readChanges } from '../../../lib/changes/read-changes.ts';
import { FakeForgotten } from '../../support/fakes/fake-forgotten.ts';
import { FakeLog } from '../../support/fakes/fake-log.ts';

const start = Date.UTC(2026, 10, 30, 9);
const { signal } = new AbortController();
const forgotten = new FakeForgotten({ now: () => start });
const streams = ['bob/people', 'mobaro/users'];

function write(stream: string, id: string, sequence: number, json = `{"n":${sequence}}`): RecordWrite {
  const after = {
    ...{ stream, id, hash: String(sequence), json, changedAt: new Date(start).toISOString() },
    ...{ deletedAt: null, run: 'run-1' },
  };
  return { before: null, after, sequence: String(sequence), writtenAt: start };
}

async function read(
  log: LogReader,
  reading: { since: Cursor; until?: number },
): Promise<{ changes: Change[]; cursor: Cursor }> {
  const lines = readChanges(streams, reading, log);
  const changes: Change[] = [];
  for (;;) {
    const next = await lines.next();
    if (next.done === true) return { changes, cursor: next.value };
    changes.push(next.value);
  }
}

const numbers = (changes: readonly Change[]): number[] => changes.map(({ sequence }) => Number(sequence));

describe('publishing', () => {
  it('writes an object for each stream of a batch, and none for a batch without changes', async () => {
    const log = new FakeLog(() => start);
    const deps = { log, clock: { now: () => start }, forgotten, keepsBefore: false };
    const batch = [write('bob/people', '1', 1), write('mobaro/users', '1', 2), write('bob/people', '2', 3)];
    const published = await publish(batch, deps, signal);
    expect(published.map(({ stream, lines }) => [stream, lines])).toEqual([
      ['bob/people', 2],
      ['mobaro/users', 1],
    ]);
    expect(published[0]?.key).toBe(
      `changes/bob/people/2026-11-30/20261130T090000000Z-${'1'.padStart(40, '0')}.ndjson.gz`,
    );
    expect(log.objects.size).toBe(2);
    const unchanged = { ...batch[0]!, before: batch[0]!.after };
    expect(await publish([unchanged], deps, signal)).toEqual([]);
    expect(log.objects.size).toBe(2);
  });

  it('names objects so that their order is that of their moments', () => {
    const moment = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const [first, second] = [changeKey('bob/people', a, '1'), changeKey('bob/people', b, '1')];
        expect(Math.sign(a - b)).toBe(first < second ? -1 : first > second ? 1 : 0);
        const sequence = '7'.padStart(40, '0');
        expect(readChangeKey(changeKey('bob/people', a, sequence))).toEqual({ publishedAt: a, sequence });
      }),
    );
    expect(readChangeKey('changes/bob/people/2026-11-30/notes.txt')).toBeNull();
  });
});

describe('reading', () => {
  it('gives all streams in the order of publishing, and a cursor to go on from', async () => {
    let now = start;
    const log = new FakeLog(() => now);
    const deps = { log, clock: { now: () => now }, forgotten, keepsBefore: false };
    await publish([write('mobaro/users', '1', 1), write('bob/people', '1', 2)], deps, signal);
    now += 1000;
    await publish([write('bob/people', '1', 3)], deps, signal);
    const first = await read(log, { since: cursorAt(0) });
    expect(numbers(first.changes)).toEqual([1, 2, 3]);
    const again = await read(log, { since: first.cursor });
    expect(again.changes).toEqual([]);
    now += 1000;
    await publish([write('mobaro/users', '1', 4)], deps, signal);
    const cursor = parseCursor(formatCursor(again.cursor));
    expect(cursor).toEqual(again.cursor);
    expect(numbers((await read(log, { since: cursor! })).changes)).toEqual([4]);
  });

  it('gives what was published before a moment, and a cursor that does not go behind it', async () => {
    let now = start;
    const log = new FakeLog(() => now);
    const deps = { log, clock: { now: () => now }, forgotten, keepsBefore: false };
    for (const sequence of [1, 2, 3]) {
      await publish([write('bob/people', '1', sequence)], deps, signal);
      now += 600_000;
    }
    const { changes, cursor } = await read(log, { since: cursorAt(0), until: start + 600_000 });
    expect(numbers(changes)).toEqual([1]);
    expect(numbers((await read(log, { since: cursor })).changes)).toEqual([2, 3]);
  });

  it('misses nothing and repeats nothing, at whatever moments it polls and however late objects appear', async () => {
    const object = fc.record({
      stream: fc.constantFrom(...streams),
      named: fc.integer({ min: 0, max: 600_000 }),
      takes: fc.integer({ min: 0, max: publishTimeoutSeconds * 1000 }),
    });
    const polls = fc.array(fc.integer({ min: 0, max: 800_000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(object, { maxLength: 20 }), polls, async (objects, moments) => {
        let now = start;
        const log = new FakeLog(() => now);
        const put = objects
          .map(({ stream, named, takes }, index) => ({
            stream,
            named,
            at: named + takes,
            sequence: index + 1,
          }))
          .sort((a, b) => a.at - b.at);
        const found: number[] = [];
        let cursor = cursorAt(0);
        for (const moment of [...moments.sort((a, b) => a - b), 1_000_000]) {
          now = start + moment;
          while (put[0] !== undefined && put[0].at <= moment) {
            const { stream, named, sequence } = put.shift()!;
            const clock = { now: () => start + named };
            await publish(
              [write(stream, '1', sequence)],
              { log, clock, forgotten, keepsBefore: false },
              signal,
            );
          }
          const reading = await read(log, { since: parseCursor(formatCursor(cursor))! });
          found.push(...numbers(reading.changes));
          cursor = reading.cursor;
        }
        expect(found.sort((a, b) => a - b)).toEqual(objects.map((_, index) => index + 1));
      }),
    );
  });

  it('gives a record in its order, whatever appears in front of the place where the list is', async () => {
    let now = start + 30_000;
    const log = new FakeLog(() => now);
    const put = (named: number, id: string, sequence: number): Promise<unknown> =>
      publish(
        [write('bob/people', id, sequence)],
        {
          log,
          forgotten: { read: async () => new Map() },
          clock: { now: () => start + named },
          keepsBefore: false,
        },
        signal,
      );
    await put(20_000, 'other', 7);
    const lists: LogReader = {
      read: (key) => log.read(key),
      now: () => log.now(),
      async *list(prefix, from) {
        const first = (await Array.fromAsync(log.list(prefix, from))).slice(0, 1);
        yield* first;
        // What was sent first appears while the second part of the list is waited for, and then what followed on it.
        now = start + 65_000;
        await put(10_000, 'one', 1);
        await put(60_000, 'one', 2);
        const last = first.at(-1) ?? from;
        for await (const key of log.list(prefix, last)) if (key > last) yield key;
      },
    };
    const { changes, cursor } = await read(lists, { since: cursorAt(0) });
    const later = await read(log, { since: cursor });
    const ofOne = [...changes, ...later.changes].filter(({ id }) => id === 'one');
    expect(numbers(ofOne)).toEqual([1, 2]);
  });

  it.each(['', 'c1', 'c1.', 'c1.x', 'c1.1.short', 'c2.1', '2026-11-30', 'c1.1.abcdefghijk.'])(
    'takes no other text for a cursor: %j',
    (text) => {
      expect(parseCursor(text)).toBeNull();
    },
  );
});
