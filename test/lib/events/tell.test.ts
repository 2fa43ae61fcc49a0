import { describe, expect, it } from 'vitest';

import type { RecordWrite } from '../../../lib/changes/change.ts';
import { publish } from '../../../lib/changes/publish.ts';
import type { PagekeeperEvent } from '../../../lib/events/event.ts';
import { recordsChanged } from '../../../lib/events/of-published.ts';
import type { CheckpointWrite } from '../../../lib/events/of-checkpoint.ts';
import { maxWaitMs, tell, type TellDependencies } from '../../../lib/events/tell.ts';
import { newCheckpoint, newProgress, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { FakeLog } from '../../support/fakes/fake-log.ts';

const start = Date.UTC(2026, 10, 30, 9);
const { signal } = new AbortController();
const stream = 'bob/people';

function endOf(run: string, written: number, deleted = 0): CheckpointWrite {
  const before: Checkpoint = {
    ...newCheckpoint(stream),
    ...{ state: 'running', run, outcome: 'running', outcomeAt: start, revision: 1 },
    progress: { ...newProgress(start), written, deleted },
  };
  const after = { outcome: 'complete', outcomeAt: start + 60_000, run: null, state: 'idle' } as const;
  return { before, after: { ...before, ...after, revision: 2 } };
}

class World implements TellDependencies {
  now = start + 61_000;
  readonly deployment = 'Pagekeeper';
  readonly sent: PagekeeperEvent[] = [];
  readonly log: FakeLog | null = new FakeLog(() => this.now);
  readonly clock = { now: () => this.now };
  readonly bus = { send: async (events: readonly PagekeeperEvent[]) => void this.sent.push(...events) };

  async publish(run: string, sequences: readonly number[]): Promise<ReturnType<typeof publish>> {
    const writes = sequences.map((sequence): RecordWrite => {
      const after = { hash: String(sequence), json: '{}', deletedAt: null, run };
      const at = new Date(start).toISOString();
      return {
        before: null,
        after: { stream, id: String(sequence), changedAt: at, ...after },
        ...{ sequence: String(sequence), writtenAt: start },
      };
    });
    const deps = { log: this.log!, forgotten: { read: async () => new Map() }, keepsBefore: false };
    return publish(writes, { ...deps, clock: this.clock }, signal);
  }

  get types(): readonly string[] {
    return this.sent.map(({ type }) => type);
  }
}

describe('what is told of checkpoints', () => {
  it('is the end of a run when all of its lines are in the log, and where they are', async () => {
    const world = new World();
    await world.publish('run-0', [1, 2]);
    await world.publish('run-1', [3]);
    world.now += 1000;
    expect((await tell([endOf('run-1', 3)], world, signal)).again).toBe(0);
    expect(world.sent).toEqual([]);
    await world.publish('run-1', [4, 5]);
    expect((await tell([endOf('run-1', 3)], world, signal)).again).toBeNull();
    expect(world.types).toEqual(['Run Ended', 'Stream State Changed']);
    expect(world.sent[0]!.detail).toMatchObject({
      id: 'run/bob/people/run-1',
      log: {
        from: '2026-11-30T09:01:01.000Z',
        to: '2026-11-30T09:01:02.001Z',
        counts: { created: 3, changed: 0, deleted: 0, restored: 0, erased: 0 },
        complete: true,
      },
    });
  });

  it('is not late for what comes behind an end that waits, and not told before it', async () => {
    const world = new World();
    const told = await tell([endOf('run-1', 0), endOf('run-2', 1), endOf('run-3', 0)], world, signal);
    expect(told.again).toBe(1);
    expect(world.sent.map(({ detail }) => detail.id)).toEqual(['run/bob/people/run-1', 'state/bob/people/2']);
  });

  it('is told after a quarter of an hour without them', async () => {
    const world = new World();
    await world.publish('run-1', [3]);
    world.now = start + 60_000 + maxWaitMs;
    await tell([endOf('run-1', 3)], world, signal);
    expect(world.sent[0]!.detail).toMatchObject({ log: { complete: false, counts: { created: 1 } } });
    await tell([endOf('run-2', 3)], world, signal);
    expect(world.sent[2]!.detail).toMatchObject({ log: null });
  });

  it('counts a line once, however often its batch has come, and in whatever pieces', async () => {
    const world = new World();
    await world.publish('run-1', [1, 2, 3]);
    world.now += 1000;
    await world.publish('run-1', [1, 2]);
    expect((await tell([endOf('run-1', 4)], world, signal)).again).toBe(0);
    world.now += 1000;
    await world.publish('run-1', [3, 4]);
    await tell([endOf('run-1', 4)], world, signal);
    expect(world.sent[0]!.detail).toMatchObject({ log: { complete: true, counts: { created: 4 } } });
  });

  it('reads an object that does not say what it holds', async () => {
    const world = new World();
    const [{ key } = { key: '' }] = await world.publish('run-1', [1, 2]);
    world.log!.summaries.delete(key);
    await tell([endOf('run-1', 2)], world, signal);
    expect(world.sent[0]!.detail).toMatchObject({ log: { complete: true } });
  });

  it('is told at once where there is no log, with what has changed', async () => {
    const world = new World();
    await tell([endOf('run-1', 3, 2)], Object.assign(world, { log: null }), signal);
    expect(world.types).toEqual(['Run Ended', 'Records Changed', 'Stream State Changed']);
    expect(world.sent[0]!.detail).toMatchObject({ log: null });
    expect(world.sent[1]!.detail).toMatchObject({ key: null, counts: { changed: 3, deleted: 2 } });
  });
});

describe('what is told of records', () => {
  it('is the same thing where a batch comes twice, with the key of its own object', async () => {
    const world = new World();
    const [first] = recordsChanged(await world.publish('run-1', [7, 8]), 'Pagekeeper', start);
    world.now += 1000;
    const [second] = recordsChanged(await world.publish('run-1', [7, 8]), 'Pagekeeper', start);
    expect(second!.detail.id).toBe(first!.detail.id);
    expect(first).toMatchObject({ type: 'Records Changed', detail: { stream, counts: { created: 2 } } });
    expect(JSON.stringify(first)).not.toContain('"json"');
  });
});
