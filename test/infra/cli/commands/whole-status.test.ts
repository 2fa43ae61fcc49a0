import { describe, expect, it } from 'vitest';

import { countStored } from '../../../../infra/cli/commands/count-stored.ts';
import { standsStill, wholeStatus } from '../../../../infra/cli/commands/whole-status.ts';
import { Catalogue } from '../../../../infra/cli/store/catalogue.ts';
import type { Store } from '../../../../infra/cli/store/store.ts';
import { readSettings } from '../../../../infra/settings/read-settings.ts';
import { streamStatus } from '../../../../lib/operations/status.ts';
import { newBreaker } from '../../../../lib/sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../../../../lib/sync/checkpoint.ts';
import type { RecordKey } from '../../../../lib/sync/ports.ts';
import { FakeBreakers } from '../../../support/fakes/fake-breakers.ts';
import { FakeCheckpoints } from '../../../support/fakes/fake-checkpoints.ts';
import { FakeMutes } from '../../../support/fakes/fake-mutes.ts';

const users = 'mobaro/users';
const at = Date.parse('2026-11-22T10:00:00Z');

async function statusOf(more: Partial<Checkpoint>, breakers = new FakeBreakers()) {
  const checkpoints = new FakeCheckpoints();
  await checkpoints.replace({ ...newCheckpoint(users), lastTick: at - 60_000, ...more });
  const store = {
    ...{ streams: [users], checkpoints, breakers, mutes: new FakeMutes() },
    isTicking: () => true,
    catalogue: new Catalogue(readSettings({ connections: { mobaro: { streams: { users: {} } } } })),
    schemas: { readAll: () => Promise.resolve(new Map()) },
    governor: { use: () => Promise.resolve({ limit: null, pace: 60, calls: 0, closedUntil: null }) },
  } as unknown as Store;
  const { streams } = await wholeStatus(store, new Map([[users, { rows: 7, isMore: false }]]), at);
  return streams[0]!;
}

describe('the whole status', () => {
  it('has what is stored, and how many tries a page has', async () => {
    expect(await statusOf({})).toMatchObject({ stored: { rows: 7, isMore: false }, attemptCap: 5 });
  });

  it.each(['halted', 'paused'] as const)('has no next tick of a stream that is %s', async (state) => {
    expect((await statusOf({ state: 'exhausted' })).nextTickAt).not.toBeNull();
    expect((await statusOf({ state })).nextTickAt).toBeNull();
  });

  it('has no next tick of any stream of a connection whose key is refused', async () => {
    const breakers = new FakeBreakers();
    await breakers.replace({ ...newBreaker('mobaro'), state: 'open', openedAt: at });
    expect((await statusOf({ outcome: 'complete' }, breakers)).nextTickAt).toBeNull();
  });

  it.each([
    ['idle', { outcome: 'complete' }, false],
    ['running', { state: 'running', outcome: 'waiting', attempt: 4 }, false],
    ['parked', { state: 'parked', outcome: 'waiting', retryAt: at }, false],
    ['halted', { state: 'halted', outcome: 'missing' }, true],
    ['paused', { state: 'paused', outcome: 'paused' }, true],
    ['exhausted', { state: 'exhausted', outcome: 'malformed' }, true],
    ['without its key', { outcome: 'unconfigured' }, true],
  ] as const)('stands still or not: %s', (_, more, still) => {
    const streams = [
      {
        ...streamStatus(users, { ...newCheckpoint(users), ...more }),
        nextTickAt: null,
        attemptCap: 5,
        stored: null,
      },
    ];
    const connection = { connection: 'mobaro', refusedSince: null, muted: null };
    expect(standsStill({ connections: [{ ...connection, key: 'half-open' }], streams })).toBe(still);
    expect(standsStill({ connections: [{ ...connection, key: 'open' }], streams })).toBe(true);
  });
});

describe('a stream that is halted for a key which is tried again', () => {
  it('does not stand still', () => {
    const halted = { ...newCheckpoint(users), state: 'halted', outcome: 'unauthorized' } as const;
    const coming = { kind: 'key', words: 'another page tries its key' } as const;
    const stream = { ...streamStatus(users, halted), nextTickAt: null, attemptCap: 5, stored: null };
    const connections = [
      { connection: 'mobaro', key: 'half-open', refusedSince: null, muted: null },
    ] as const;

    expect(standsStill({ connections, streams: [stream] })).toBe(true);
    expect(standsStill({ connections, streams: [{ ...stream, coming }] })).toBe(false);
  });
});

describe('the count of what is stored', () => {
  const key = (id: string, deletedAt: number | null = null): RecordKey => ({ id, deletedAt, erased: false });

  it('leaves out what is deleted, and a stream that may not be read', async () => {
    const list = (stream: string, after: string | null) => {
      if (stream === 'bob/people') return Promise.reject(new Error('AccessDeniedException'));
      return Promise.resolve(
        after === null ? { keys: [key('1'), key('2', at)], last: '2' } : { keys: [key('3')], last: null },
      );
    };
    expect(await countStored([users, 'bob/people'], { list })).toEqual(
      new Map([[users, { rows: 2, isMore: false }]]),
    );
  });

  it('says that there are more where it had to stop', async () => {
    const list = (_: string, after: string | null) =>
      after === null
        ? Promise.resolve({ keys: [key('1')], last: '1' })
        : Promise.reject(new DOMException('The time is up', 'TimeoutError'));
    expect(await countStored([users], { list })).toEqual(new Map([[users, { rows: 1, isMore: true }]]));
  });
});
