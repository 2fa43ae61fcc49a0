import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isSnapshotDue, newestOf, parseMarker } from '../../../lib/changes/due-snapshots.ts';
import {
  firstPart,
  takePart,
  type SnapshotDependencies,
  type SnapshotMarker,
  type SnapshotMessage,
} from '../../../lib/changes/snapshot.ts';
import { markerKey, partKey, readSnapshotKey } from '../../../lib/changes/snapshot-key.ts';
import { beginSnapshots } from '../../../lib/changes/take-snapshots.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';
import { FakeLog } from '../../support/fakes/fake-log.ts';

const stream = 'bob/people';
const start = Date.UTC(2026, 10, 30, 9);
const { signal } = new AbortController();
const source = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Records/stream/1';

function record(id: string, json: string | null = `{"id":"${id}"}`): StoredRecord {
  const at = new Date(start).toISOString();
  return { stream, id, json, firstSeenAt: at, changedAt: at, deletedAt: json === null ? at : null };
}

/** Each look at the clock takes `stepMs`, so that a part ends after some records. */
class World implements SnapshotDependencies {
  now = start;
  readonly messages: SnapshotMessage[] = [];
  readonly store = new FakeLog(() => this.now);
  readonly source = source;
  readonly stored: StoredRecord[];
  readonly stepMs: number;

  constructor(stored: StoredRecord[], stepMs: number) {
    this.stored = stored;
    this.stepMs = stepMs;
  }

  readonly clock = { now: () => (this.now += this.stepMs) };
  readonly queue = { send: async (message: SnapshotMessage) => void this.messages.push(message) };
  readonly records = {
    scan: async function* (
      this: { stored: StoredRecord[] },
      _: string,
      __: AbortSignal,
      after: string | null,
    ) {
      yield* this.stored.filter(({ id }) => after === null || id > after);
    }.bind(this),
  };

  get marker(): SnapshotMarker {
    return parseMarker(this.store.objects.get(markerKey(stream, start))![0]!);
  }

  ids(): string[] {
    const parts = [...this.store.objects.keys()].filter((key) => key.includes('/part-')).sort();
    return parts.flatMap((key) =>
      this.store.objects.get(key)!.map((line) => (JSON.parse(line) as { id: string }).id),
    );
  }
}

const ids = Array.from({ length: 7 }, (_, index) => `id-${index}`);

describe('a snapshot', () => {
  it('is taken in parts, one after the other, and says when it is whole', async () => {
    const world = new World(
      ids.map((id) => record(id)),
      12_000,
    );
    world.messages.push(firstPart(stream, start));
    for (let message = world.messages.shift(); message !== undefined; message = world.messages.shift()) {
      await takePart(message, world, signal);
    }
    expect(world.ids()).toEqual(ids);
    expect(world.store.objects.has(partKey(stream, start, 2))).toBe(true);
    expect(world.marker).toMatchObject({
      records: 7,
      parts: [...world.store.objects.keys()].length - 1,
      begunAt: '2026-11-30T09:00:00.000Z',
      from: '2026-11-30T08:58:00.000Z',
      source,
    });
  });

  it('of nothing is whole at once, and leaves out tombstones without content', async () => {
    const world = new World([record('gone', null)], 1);
    await takePart(firstPart(stream, start), world, signal);
    expect(world.messages).toEqual([]);
    expect(world.marker).toMatchObject({ records: 0, parts: 0 });
  });

  it('has every record once, whichever messages come twice, late or in another order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3000, max: 40_000 }),
        fc.array(fc.record({ pick: fc.nat(), keep: fc.boolean() }), { maxLength: 40 }),
        async (stepMs, choices) => {
          const world = new World(
            ids.map((id) => record(id)),
            stepMs,
          );
          world.messages.push(firstPart(stream, start));
          for (const { pick, keep } of choices) {
            const at = pick % Math.max(1, world.messages.length);
            const message = world.messages[at];
            if (message === undefined) break;
            await takePart(message, world, signal);
            if (!keep) world.messages.splice(at, 1);
          }
          for (let message = world.messages.shift(); message !== undefined; message = world.messages.shift())
            await takePart(message, world, signal);
          expect(world.ids()).toEqual(ids);
          expect(world.marker.records).toBe(ids.length);
        },
      ),
    );
  });
});

describe('when a snapshot is due', () => {
  const terms = { source, retentionDays: 90 };
  const day = 86_400_000;
  const marker: SnapshotMarker = {
    ...{ v: 1, stream, parts: 1, records: 1, source },
    begunAt: new Date(start).toISOString(),
    finishedAt: new Date(start).toISOString(),
    from: new Date(start).toISOString(),
  };
  const finished = { finished: marker, begunAt: start };

  it.each<[string, Parameters<typeof isSnapshotDue>, boolean]>([
    ['there is none', [{ finished: null, begunAt: null }, terms, start], true],
    ['one is being taken', [{ finished: null, begunAt: start }, terms, start + 1], false],
    ['one was begun and lost', [{ finished: null, begunAt: start }, terms, start + day], true],
    ['there is one', [finished, terms, start + day], false],
    ['it is a third as old as lines get', [finished, terms, start + 30 * day + 1], true],
    [
      'it is that old, and another is being taken',
      [{ ...finished, begunAt: start + 30 * day }, terms, start + 30 * day + 2],
      false,
    ],
    ['the log is made from another table', [finished, { ...terms, source: 'other' }, start + 1], true],
  ])('%s', (_, given, due) => {
    expect(isSnapshotDue(...given)).toBe(due);
  });

  it('is found from what is stored, for each stream', async () => {
    const world = new World([], 0);
    const deps = {
      ...{ streams: [stream, 'mobaro/users'], retentionDays: 90, source },
      ...{ records: world.records, store: world.store, queue: world.queue, clock: world.clock },
    };
    expect(await beginSnapshots(deps)).toEqual([stream, 'mobaro/users']);
    for (const message of world.messages.splice(0)) await takePart(message, world, signal);
    expect(await beginSnapshots(deps)).toEqual([]);
    world.now += 31 * day;
    expect(await beginSnapshots(deps)).toEqual([stream, 'mobaro/users']);
  });

  it('goes by the names of objects, and by no others', () => {
    expect(readSnapshotKey(partKey(stream, start, 3))).toEqual({ stream, begunAt: start, kind: 'part' });
    expect(readSnapshotKey(markerKey(stream, start))).toEqual({ stream, begunAt: start, kind: 'marker' });
    const keys = [partKey(stream, start + day, 1), markerKey(stream, start), 'snapshots/notes.txt', 'x'];
    expect([...newestOf(keys)]).toEqual([[stream, { finishedAt: start, begunAt: start + day }]]);
  });
});
