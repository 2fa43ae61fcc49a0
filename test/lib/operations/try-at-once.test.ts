import { describe, expect, it } from 'vitest';

import type { Done } from '../../../lib/operations/done.ts';
import { resumeStream } from '../../../lib/operations/resume.ts';
import { runStream } from '../../../lib/operations/run.ts';
import { tryAtOnce, type WaitsFor } from '../../../lib/operations/try-at-once.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { FakeBreakers } from '../../support/fakes/fake-breakers.ts';
import { FakeCheckpoints } from '../../support/fakes/fake-checkpoints.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

const users = 'mobaro/users';
const halt = { outcome: 'missing', at: 1, definition: 'd' } as const;
const halted = { state: 'halted', outcome: 'missing', run: 'run-1', sequence: 2, halt } as const;

/** What is stored of one stream that has been resumed, and is tried. */
class Tried {
  readonly checkpoints = new FakeCheckpoints();
  readonly breakers = new FakeBreakers();
  readonly clock = new FakeClock();

  async change(more: Partial<Checkpoint>): Promise<void> {
    const stored = (await this.checkpoints.read(users)) ?? newCheckpoint(users);
    await this.checkpoints.replace({ ...stored, ...more });
  }

  async begin(waitsFor: WaitsFor, run: ((stream: string) => Promise<Done>) | null = null) {
    await this.change(halted);
    const { checkpoints, breakers, clock } = this;
    const ports = { checkpoints, breakers, clock };
    const queue = { send: () => Promise.resolve() };
    const send = (name: string) =>
      runStream({ name, byTick: () => false }, { ...ports, queue, newId: () => 'run-2' });
    return tryAtOnce([await resumeStream(users, ports)], [users], {
      ...ports,
      ...{ run: run ?? send, waitsFor, where: '' },
    });
  }
}

describe('what was resumed', () => {
  it('is due all the same where its message may not be sent', async () => {
    const tried = new Tried();
    const denied = Object.assign(new Error('no'), { name: 'AccessDenied' });

    expect(await tried.begin('a try', () => Promise.reject(denied))).toEqual([
      {
        ...{ target: users, changed: true },
        sentence:
          'mobaro/users starts with the next tick, or when the watchdog comes by. Its message could not be sent (AccessDenied).',
      },
    ]);
    expect(await tried.checkpoints.read(users)).toMatchObject({ state: 'parked' });
  });

  it.each([
    ['missing', 'is halted again'],
    ['forbidden', 'is halted'],
  ] as const)('is halted again only for what had stopped it before (%s)', async (by, words) => {
    const tried = new Tried();
    await tried.change({ stopped: { by, since: 1 } });
    const ended = tried.begin('a try');
    await tried.clock.advance(1000);
    await tried.change({ ...halted, sequence: 3, lastStatus: 404, reason: 'HTTP 404' });
    await tried.clock.advance(1000);

    expect((await ended)[0]?.sentence).toBe(
      `mobaro/users was tried at the beginning, and ${words}: the vendor knows no such stream (404).`,
    );
  });

  it('is not waited for any longer than half a minute', async () => {
    const tried = new Tried();
    const ended = tried.begin('a try');
    for (let second = 0; second < 31; second += 1) await tried.clock.advance(1000);

    expect((await ended)[0]).toMatchObject({
      changed: true,
      sentence: expect.stringMatching(/ tries by 12:01\. It has not been answered yet\.$/) as string,
    });
  });

  it('is waited for until a good page comes, over tries that fail', async () => {
    const tried = new Tried();
    const ended = tried.begin('a good page');
    await tried.clock.advance(1000);
    await tried.change({
      outcome: 'waiting',
      attempt: 1,
      reason: 'HTTP 503',
      retryAt: tried.clock.now() + 9000,
    });
    for (let second = 0; second < 40; second += 1) await tried.clock.advance(1000);
    await tried.change({ outcome: 'running', attempt: 0, reason: null, retryAt: null, sequence: 3 });
    await tried.clock.advance(1000);

    expect(await ended).toEqual([
      {
        ...{ target: users, changed: true },
        sentence: 'mobaro/users has gone on at the beginning: its run is under way.',
      },
    ]);
  });

  it('has failed where no good page comes within two minutes, and the last word is told', async () => {
    const tried = new Tried();
    const ended = tried.begin('a good page');
    await tried.clock.advance(1000);
    const retryAt = Date.parse('2026-03-01T13:00:00Z');
    await tried.change({ outcome: 'waiting', attempt: 1, reason: 'HTTP 503', retryAt });
    for (let second = 0; second < 121; second += 1) await tried.clock.advance(1000);

    expect(await ended).toEqual([
      {
        ...{ target: users, changed: true, refused: true },
        sentence:
          'mobaro/users was tried at the beginning, and is tried again at 13:00:00 UTC (HTTP 503). No good page has come yet; it goes on by itself.',
      },
    ]);
  });
});
