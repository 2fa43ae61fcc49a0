import { describe, expect, it } from 'vitest';

import { conditionalFlaws } from '../../../lib/connectors/conditional-flaws.ts';
import type { Connector, StreamDefinition } from '../../../lib/connectors/connector.ts';
import { changeCheckpoint } from '../../../lib/sync/compare-and-swap.ts';
import type { StreamSettings } from '../../../lib/sync/settings.ts';
import { resetCheckpoint, toBeReadWhole } from '../../../lib/sync/transitions/person.ts';
import type { FakeAnswer } from '../../support/fakes/fake-vendor.ts';
import { madeUp } from '../../support/made-up-vendor.ts';
import { streamNamed } from '../../support/streams.ts';
import { SyncWorld } from '../../support/sync-world.ts';

const list: StreamDefinition = {
  about: 'a row',
  method: 'GET',
  path: '/list',
  items: { path: ['rows'] },
  id: [[['id']]],
  paging: { kind: 'none' },
  conditional: true,
  grade: 'vendor',
};
const connector: Connector = { ...madeUp, streams: { list } };
const name = 'made-up/list';

/** A vendor whose answers carry the state of its list, and that says so where it is known. */
class Listed {
  rows: readonly number[] = [1, 2, 3];
  state = 1;
  /** How it says so. */
  says: 'etag' | 'time' = 'etag';
  readonly asked: (string | null)[] = [];
  interrupt: FakeAnswer | null = null;
  readonly world: SyncWorld;

  constructor(settings: Partial<StreamSettings> = {}, of = connector) {
    const defined = [streamNamed(name, { connector: of, settings })];
    this.world = new SyncWorld({ defined, secret: { apiKey: 'made-up', maskKey: 'key' } });
    this.world.vendor.handle(({ headers }) => {
      const known = headers['if-none-match'] ?? headers['if-modified-since'] ?? null;
      this.asked.push(known);
      if (this.interrupt !== null) return this.interrupt;
      const time = new Date(1_700_000_000_000 + this.state * 1000).toUTCString();
      const own = this.says === 'etag' ? `"${this.state}"` : time;
      if (known === own) return { status: 304 };
      const date = new Date(this.world.clock.now()).toUTCString();
      const said = this.says === 'etag' ? { ETag: own } : { 'Last-Modified': time, Date: date };
      return {
        status: 200,
        headers: said,
        body: { rows: this.rows.map((id) => ({ id, state: this.state })) },
      };
    });
  }

  change(rows: readonly number[]): void {
    this.rows = rows;
    this.state += 1;
  }

  async run(minutes = 15) {
    await this.world.clock.advance(minutes * 60_000);
    const before = this.world.vendor.requests.length;
    await this.world.tick(name);
    await this.world.drain();
    const checkpoint = await this.world.checkpoint(name);
    return { checkpoint, requests: this.world.vendor.requests.length - before, asked: this.asked.at(-1) };
  }

  /** Until what is known may be asked for: the first run earns trust, and the second looks for what has gone. */
  async settle(): Promise<void> {
    await this.run();
    await this.run();
  }

  async live(): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const { id, deletedAt } of this.world.records.scan(name))
      if (deletedAt === null) found.push(id);
    return found;
  }
}

describe('a list that has not changed', () => {
  it.each(['etag', 'time'] as const)(
    'costs one request, and closes its run as complete (%s)',
    async (says) => {
      const vendor = new Listed();
      vendor.says = says;
      await vendor.settle();
      expect(vendor.asked).toEqual([null, null]);
      const { checkpoint, requests, asked } = await vendor.run();
      expect(asked).not.toBeNull();
      expect(requests).toBe(1);
      const now = vendor.world.clock.now();
      expect(checkpoint).toMatchObject({
        ...{ state: 'idle', outcome: 'complete', lastStatus: 304, reason: null, lastRunRows: 3 },
        ...{ freshFrom: now, completedAt: now, doubtedSince: null, stopped: null },
        progress: { records: 0, written: 0, deleted: 0 },
      });
      expect(await vendor.live()).toEqual(['1', '2', '3']);
      expect((await vendor.run()).asked).toBe(asked);
    },
  );

  it('is read again where it changes, and what has gone is deleted', async () => {
    const vendor = new Listed();
    await vendor.settle();
    await vendor.run();
    vendor.change([2, 3, 4]);
    expect((await vendor.run()).checkpoint).toMatchObject({ outcome: 'complete', progress: { deleted: 1 } });
    expect(await vendor.live()).toEqual(['2', '3', '4']);
    expect((await vendor.run()).asked).toBe('"2"');
  });

  it('is read whole once a day, so that a wrong 304 hides nothing for longer', async () => {
    const vendor = new Listed();
    await vendor.settle();
    // The vendor forgets to change the state.
    vendor.rows = [1, 2, 3, 4];
    expect((await vendor.run(23 * 60)).checkpoint).toMatchObject({ lastStatus: 304 });
    expect(await vendor.live()).toHaveLength(3);
    expect((await vendor.run(60)).asked).toBeNull();
    expect(await vendor.live()).toHaveLength(4);
    expect((await vendor.run()).asked).toBe('"1"');
  });
});

describe('the whole list is requested', () => {
  const nextAsked = async (vendor: Listed) => (await vendor.run()).asked;

  it('behind a run that ended as partial, and behind one that held deletions back', async () => {
    const cut = new Listed({}, { ...connector, streams: { list: { ...list, partial: ['errors'] } } });
    await cut.settle();
    cut.change([1]);
    cut.interrupt = { status: 200, headers: { ETag: '"2"' }, body: { rows: [{ id: 1 }], errors: [1] } };
    expect((await cut.run()).checkpoint.outcome).toBe('partial');
    cut.interrupt = null;
    expect(await nextAsked(cut)).toBeNull();

    const held = new Listed({ deletionGuard: { rows: 0, percent: 0 } });
    await held.settle();
    held.change([1]);
    expect((await held.run()).checkpoint.outcome).toBe('suspicious');
    expect(await nextAsked(held)).toBeNull();
  });

  it.each<[string, (vendor: Listed) => Promise<unknown>]>([
    [
      'a new version of the secret',
      async ({ world }) => world.secrets.change({ apiKey: 'new', maskKey: 'key' }),
    ],
    [
      'a reset',
      ({ world }) =>
        changeCheckpoint(world.checkpoints, name, (one) =>
          resetCheckpoint(one, { newRun: 'run-9', offset: 0, now: world.clock.now() }),
        ),
    ],
    ['a record that was forgotten', ({ world }) => changeCheckpoint(world.checkpoints, name, toBeReadWhole)],
    [
      'a try that failed',
      async (vendor) => {
        vendor.interrupt = { status: 500 };
        await vendor.world.clock.advance(60_000);
        await vendor.world.tick(name);
        vendor.interrupt = null;
      },
    ],
  ])('behind %s', async (_, change) => {
    const vendor = new Listed();
    await vendor.settle();
    expect(await nextAsked(vendor)).toBe('"1"');
    await change(vendor);
    expect(await nextAsked(vendor)).toBeNull();
  });

  it('where other fields are kept than before', async () => {
    const before = new Listed();
    await before.settle();
    const after = new Listed({ omit: ['state'] });
    const stored = await before.world.checkpoint(name);
    await after.world.checkpoints.replace({ ...stored, revision: 0 });
    await after.world.clock.advance(3_600_000);
    expect(await nextAsked(after)).toBeNull();
  });

  it('behind a try that was killed before it could say what it had stored', async () => {
    const vendor = new Listed();
    await vendor.settle();
    const { world } = vendor;
    await world.clock.advance(15 * 60_000);
    vendor.change([1, 2, 3, 4]);
    const { checkpoints } = world;
    let claims = 0;
    const dying: typeof world.deps = {
      ...world.deps,
      checkpoints: {
        read: (stream) => checkpoints.read(stream),
        readAll: (streams) => checkpoints.readAll(streams),
        replace: (next) => {
          claims += 1;
          if (claims > 1) throw new Error('killed');
          return checkpoints.replace(next);
        },
      },
    };
    await expect(
      world.invoke({ kind: 'tick', stream: name, scheduledAt: world.clock.now() }, dying),
    ).rejects.toThrow('killed');
    expect(await vendor.live()).toHaveLength(4);
    // The list is as it was before, and what was stored meanwhile is of another.
    vendor.rows = [1, 2, 3];
    vendor.state = 1;
    await world.clock.advance(15 * 60_000);
    await world.watch();
    await world.drain();
    expect(vendor.asked.at(-1)).toBeNull();
    expect((await world.checkpoint(name)).outcome).toBe('complete');
    expect(await vendor.live()).toEqual(['1', '2', '3']);
  });
});

describe('a state that says nothing', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['none at all', {}],
    ['a tag that is none', { etag: '*' }],
    ['two tags', { etag: '"a", "b"' }],
    ['a tag without end', { etag: `"${'a'.repeat(600)}"` }],
    [
      'a time that may come again',
      { 'last-modified': 'Sun, 29 Nov 2026 09:00:00 GMT', date: 'Sun, 29 Nov 2026 09:00:30 GMT' },
    ],
    ['a time beside no other', { 'last-modified': 'Sun, 29 Nov 2026 09:00:00 GMT' }],
    ['no time', { 'last-modified': 'yesterday', date: 'Sun, 29 Nov 2026 09:00:30 GMT' }],
  ])('is not kept: %s', async (_, headers) => {
    const vendor = new Listed();
    vendor.interrupt = { status: 200, headers, body: { rows: [{ id: 1 }] } };
    await vendor.settle();
    expect((await vendor.run()).asked).toBeNull();
  });

  it('is 304 where the whole list was requested: it is malformed, and nothing is fresh', async () => {
    const vendor = new Listed();
    await vendor.settle();
    const { freshFrom } = await vendor.world.checkpoint(name);
    vendor.interrupt = { status: 304 };
    const { checkpoint } = await vendor.run(25 * 60);
    expect(checkpoint.reason).toContain('not modified, though the whole list was requested');
    expect(checkpoint).toMatchObject({ outcome: 'malformed', freshFrom });
  });
});

describe('a definition that cannot be requested conditionally', () => {
  it.each<[Partial<StreamDefinition>, RegExp]>([
    [{ method: 'POST' }, /made-up, stream list, conditional: a POST .* leave conditional out/],
    [{ paging: { kind: 'file', path: '/f/{file}', pollSeconds: 1 } }, /several answers/],
    [{ windows: { days: 1, format: 'date', lookBackHours: 1, historyDays: 1 } }, /in parts \(windows\)/],
    [{ parents: { param: 'groups' } }, /in parts \(parents\)/],
    [{ query: { day: '{today-1}' } }, /another list is requested each day/],
  ])('%j gets a sentence', (change, sentence) => {
    const flaws = conditionalFlaws({ ...connector, streams: { list: { ...list, ...change } } });
    expect(flaws.join('\n')).toMatch(sentence);
  });

  it('is not this one', () => {
    expect(conditionalFlaws(connector)).toEqual([]);
  });
});
