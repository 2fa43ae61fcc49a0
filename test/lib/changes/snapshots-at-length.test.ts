import { expect, it } from 'vitest';

import type { RecordImage, RecordWrite } from '../../../lib/changes/change.ts';
import { cursorAt } from '../../../lib/changes/cursor.ts';
import { readChangeKey } from '../../../lib/changes/object-key.ts';
import { publish } from '../../../lib/changes/publish.ts';
import { readChanges } from '../../../lib/changes/read-changes.ts';
import { cursorBehind, newestSnapshot, onTopOf, snapshotLines } from '../../../lib/changes/read-snapshot.ts';
import { readSnapshotKey } from '../../../lib/changes/snapshot-key.ts';
import { takeSnapshots } from '../../../lib/changes/take-snapshots.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';
import { Chance } from '../../simulation/chance.ts';
import { FakeLog } from '../../support/fakes/fake-log.ts';

const stream = 'bob/people';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const retentionDays = 90;
const { signal } = new AbortController();

/** A deployment whose records change a little each day, whose log expires as the bucket lets it. */
class Deployment {
  now = Date.UTC(2026, 0, 1);
  readonly log = new FakeLog(() => this.now);
  readonly table = new Map<string, RecordImage>();
  readonly #chance = new Chance('two hundred days');
  #writes: RecordWrite[] = [];
  #sequence = 0;

  write(id: string, after: RecordImage | null): void {
    const before = this.table.get(id) ?? null;
    if (after === null) this.table.delete(id);
    else this.table.set(id, after);
    const sequence = String((this.#sequence += 1)).padStart(40, '0');
    this.#writes.push({ before, after, sequence, writtenAt: this.now });
  }

  image(id: string, deleted = false): RecordImage {
    const version = String(this.#sequence);
    const at = new Date(this.now).toISOString();
    return {
      stream,
      id,
      hash: version,
      json: `{"v":${version}}`,
      changedAt: at,
      deletedAt: deleted ? at : null,
      run: 'run',
    };
  }

  /** Some records come, change, go, come back and are erased. */
  async hour(): Promise<void> {
    for (let write = 0; write < 3; write += 1) {
      const id = `person-${String(this.#chance.whole(1, 60))}`;
      const there = this.table.get(id);
      const isTombstone = there !== undefined && there.deletedAt !== null;
      if (isTombstone && this.#chance.happens(0.5)) this.write(id, null);
      else this.write(id, this.image(id, there !== undefined && !isTombstone && this.#chance.happens(0.2)));
    }
    const deps = { log: this.log, forgotten: { read: async () => new Map() }, keepsBefore: false };
    await publish(this.#writes, { ...deps, clock: { now: () => this.now } }, signal);
    this.#writes = [];
    await takeSnapshots(
      {
        ...{ streams: [stream], source: 'the stream', retentionDays, store: this.log },
        records: { scan: (...asked) => this.#scan(asked[2]) },
        heartbeat: { beat: () => Promise.resolve(0) },
        clock: { now: () => this.now },
      },
      this.now + hourMs,
      signal,
    );
    this.now += hourMs;
  }

  async *#scan(after: string | null): AsyncGenerator<StoredRecord, void, undefined> {
    const ids = [...this.table.keys()].filter((id) => after === null || id > after).toSorted();
    for (const id of ids) {
      const { json, changedAt, deletedAt } = this.table.get(id)!;
      yield { stream, id, json, firstSeenAt: changedAt, changedAt, deletedAt };
    }
  }

  /** As S3 does it: at a midnight after so many days. */
  expire(): void {
    for (const key of this.log.objects.keys()) {
      const at = readChangeKey(key)?.publishedAt ?? readSnapshotKey(key)?.begunAt ?? Infinity;
      if (at + retentionDays * dayMs < this.now) this.log.objects.delete(key);
    }
  }

  /** What a reader has who begins with the newest snapshot. */
  async read(): Promise<ReadonlyMap<string, string | null>> {
    const snapshot = (await newestSnapshot(stream, this.log))!;
    const state = new Map<string, string | null>();
    const latest = new Map<string, string>();
    const take = ({
      id,
      op,
      json,
      sequence,
    }: {
      id: string;
      op: string;
      json: string | null;
      sequence: string;
    }) => {
      if (sequence <= (latest.get(id) ?? '')) return;
      latest.set(id, sequence);
      if (op === 'deleted' || op === 'erased') state.delete(id);
      else state.set(id, json);
    };
    for await (const line of snapshotLines(snapshot, this.log)) take(line);
    const since = cursorBehind([snapshot]);
    for await (const line of onTopOf([snapshot], readChanges([stream], { since }, this.log))) take(line);
    return state;
  }

  get living(): ReadonlyMap<string, string | null> {
    const living = [...this.table].filter(([, { deletedAt }]) => deletedAt === null);
    return new Map(living.map(([id, { json }]) => [id, json]));
  }
}

it('whoever begins with the newest snapshot has the table, on each of 200 days', async () => {
  const deployment = new Deployment();
  const snapshots = new Set<string>();
  for (let day = 0; day < 200; day += 1) {
    for (let hour = 0; hour < 24; hour += 1) await deployment.hour();
    deployment.expire();
    deployment.now += 60_000;
    const newest = await newestSnapshot(stream, deployment.log);
    snapshots.add(newest!.begunAt);
    expect(await deployment.read(), `day ${String(day)}`).toEqual(deployment.living);
  }
  // One at the beginning, and then one in a third of the days that the log is kept.
  expect(snapshots.size).toBe(7);
  // What is older is gone: so the first snapshot and its lines are no help any more.
  const oldest = [...deployment.log.objects.keys()]
    .filter((key) => readChangeKey(key) !== null)
    .toSorted()[0];
  expect(readChangeKey(oldest!)!.publishedAt).toBeGreaterThan(deployment.now - (retentionDays + 2) * dayMs);
  expect(
    (await Array.fromAsync(readChanges([stream], { since: cursorAt(0) }, deployment.log))).length,
  ).toBeLessThan(93 * 24 * 3);
});
