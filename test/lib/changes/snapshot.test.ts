import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { settlesMs, newestOf, parseMarker, snapshotToTake } from '../../../lib/changes/due-snapshots.ts';
import { heardKey } from '../../../lib/changes/heartbeat.ts';
import {
  takePart,
  type SnapshotDependencies,
  type SnapshotMarker,
  type TakenParts,
} from '../../../lib/changes/snapshot.ts';
import { markerKey, partKey, readSnapshotKey } from '../../../lib/changes/snapshot-key.ts';
import { LogSilentError, takeSnapshots } from '../../../lib/changes/take-snapshots.ts';
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
  readonly store = new FakeLog(() => this.now);
  readonly source = source;
  readonly stored: StoredRecord[];
  stepMs: number;

  constructor(stored: StoredRecord[], stepMs: number) {
    this.stored = stored;
    this.stepMs = stepMs;
  }

  readonly clock = { now: () => (this.now += this.stepMs) };
  readonly records = { scan: (_: string, __: AbortSignal, after: string | null) => this.#after(after) };

  async *#after(after: string | null): AsyncGenerator<StoredRecord, void, undefined> {
    yield* this.stored.filter(({ id }) => after === null || id > after);
  }

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
const begun: TakenParts = { stream, begunAt: start, parts: 0, after: null, records: 0 };
const rows = (): StoredRecord[] => ids.map((id) => record(id));

describe('a snapshot', () => {
  it('is taken in parts, one after the other, and says when it is whole', async () => {
    const world = new World(rows(), 12_000);
    for (let taken: TakenParts | null = begun; taken !== null;) taken = await takePart(taken, world, signal);
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
    expect(await takePart(begun, world, signal)).toBeNull();
    expect(world.marker).toMatchObject({ records: 0, parts: 0 });
  });

  it('has every record once, where two take it at the same time, in any order', async () => {
    const steps = fc.integer({ min: 3000, max: 40_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(steps, steps),
        fc.array(fc.boolean(), { maxLength: 40 }),
        async (stepsMs, turns) => {
          const world = new World(rows(), 0);
          const both: [TakenParts | null, TakenParts | null] = [begun, begun];
          for (const turn of [...turns, ...ids.map(() => true), true]) {
            const who = turn ? 0 : 1;
            // Each ends its parts elsewhere.
            world.stepMs = stepsMs[who];
            const taken = both[who];
            if (taken !== null) both[who] = await takePart(taken, world, signal);
          }
          expect(world.ids()).toEqual(ids);
          expect(world.marker.records).toBe(ids.length);
        },
      ),
    );
  });
});

describe('when a snapshot is due', () => {
  const terms = { source, retentionDays: 90, gapAt: null };
  const day = 86_400_000;
  const marker: SnapshotMarker = {
    ...{ v: 1, stream, parts: 1, records: 1, source },
    begunAt: new Date(start).toISOString(),
    finishedAt: new Date(start).toISOString(),
    from: new Date(start).toISOString(),
  };
  const finished = { finished: marker, begunAt: start };

  it.each<[string, Parameters<typeof snapshotToTake>, number | null]>([
    ['there is none', [{ finished: null, begunAt: null }, terms, start], start],
    ['one is being taken', [{ finished: null, begunAt: start }, terms, start + 1], start],
    ['one was begun and lost', [{ finished: null, begunAt: start }, terms, start + 3 * day], start + 3 * day],
    ['there is one', [finished, terms, start + day], null],
    ['it is a third as old as lines get', [finished, terms, start + 30 * day + 1], start + 30 * day + 1],
    [
      'it is that old, and another is being taken',
      [{ ...finished, begunAt: start + 30 * day }, terms, start + 30 * day + 2],
      start + 30 * day,
    ],
    // Lines of a gap may come a little later than it was noticed first: they are to be behind no snapshot.
    [
      'a gap may still be told of',
      [finished, { ...terms, gapAt: start + day }, start + day + settlesMs],
      null,
    ],
    [
      'a gap has been told of',
      [finished, { ...terms, gapAt: start + day }, start + day + settlesMs + 1],
      start + day + settlesMs + 1,
    ],
    [
      'it was begun while a gap was told of',
      [{ finished: marker, begunAt: start + 2 }, { ...terms, gapAt: start + 1 }, start + settlesMs + 2],
      start + settlesMs + 2,
    ],
    ['the log is made from another table', [finished, { ...terms, source: 'other' }, start + 1], start + 1],
  ])('%s', (_, given, due) => {
    expect(snapshotToTake(...given)).toBe(due);
  });

  it('is found from what is stored, for each stream, and gone on with where the time was up', async () => {
    const world = new World(rows(), 0);
    const deps = {
      ...{ streams: [stream, 'mobaro/users'], retentionDays: 90, source },
      ...{ records: world.records, store: world.store, clock: world.clock },
      heartbeat: { beat: async () => 1 },
    };
    const whole = { parts: 1, finished: true };
    const take = (): ReturnType<typeof takeSnapshots> => takeSnapshots(deps, world.now + 60_000, signal);
    expect(await take()).toEqual([
      { stream, ...whole },
      { stream: 'mobaro/users', ...whole },
    ]);
    expect(await take()).toEqual([]);
    world.now += 31 * day;
    const slow = new World(rows(), 12_000);
    slow.now = world.now;
    const slowly = { ...deps, clock: slow.clock };
    const first = await takeSnapshots(slowly, slow.now + 40_000, signal);
    expect(first).toEqual([{ stream, parts: 1, finished: false }]);
    const rest = await takeSnapshots(slowly, slow.now + 600_000, signal);
    expect(rest[0]).toMatchObject({ stream, finished: true });
    expect(rest[0]!.parts).toBeGreaterThan(1);
    // Where writes of the table are missing in the log, all are taken anew.
    const gapAt = new Date(slow.now).toISOString();
    await world.store.putMarker(heardKey, JSON.stringify({ v: 1, source, count: 9, at: gapAt, gapAt }));
    world.now = slow.now + settlesMs;
    expect(await take()).toEqual([]);
    world.now += 1000;
    expect((await take()).map((report) => report.stream)).toEqual(deps.streams);
    expect(await take()).toEqual([]);
  });

  it('takes them all, and then says that nothing of the table has been published for hours', async () => {
    const world = new World([], 0);
    let beats = 0;
    const deps = {
      ...{ streams: [stream], retentionDays: 90, source, heartbeat: { beat: async () => (beats += 1) } },
      ...{ records: world.records, store: world.store, clock: world.clock },
    };
    const take = (): ReturnType<typeof takeSnapshots> => takeSnapshots(deps, world.now + 60_000, signal);
    for (const reports of [1, 0, 0]) expect(await take()).toHaveLength(reports);
    await expect(take()).rejects.toThrow('Nothing of the records table has been published for 4 hours');
    const at = new Date(world.now).toISOString();
    const heard = { v: 1, source, count: 4, at, gapAt: null };
    await world.store.putMarker(heardKey, JSON.stringify(heard));
    expect(await take()).toEqual([]);
    await world.store.putMarker(heardKey, JSON.stringify({ ...heard, source: 'other' }));
    await expect(take()).rejects.toThrow(LogSilentError);
    world.now += 31 * day;
    await expect(take()).rejects.toThrow(LogSilentError);
    expect([...world.store.objects.keys()].filter((key) => key.endsWith('finished.json'))).toHaveLength(2);
  });

  it('goes by the names of objects, and by no others', () => {
    expect(readSnapshotKey(partKey(stream, start, 3))).toEqual({ stream, begunAt: start, kind: 'part' });
    expect(readSnapshotKey(markerKey(stream, start))).toEqual({ stream, begunAt: start, kind: 'marker' });
    const keys = [partKey(stream, start + day, 1), markerKey(stream, start), 'snapshots/notes.txt', 'x'];
    expect([...newestOf(keys)]).toEqual([[stream, { finishedAt: start, begunAt: start + day }]]);
  });
});
