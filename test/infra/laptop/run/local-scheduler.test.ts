import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Invocation } from '../../../../infra/emulator/functions/function-worker.ts';
import { LocalScheduler, type LocalSchedulerOptions } from '../../../../infra/laptop/run/local-scheduler.ts';
import type { LocalEvent } from '../../../../infra/laptop/run/local-run.ts';
import type { FunctionModel, ScheduleModel } from '../../../../infra/emulator/template/template-model.ts';
import { newCheckpoint, type Checkpoint } from '../../../../lib/sync/checkpoint.ts';

afterEach(() => {
  vi.useRealTimers();
});

const stream = 'mobaro/users';
const tick: ScheduleModel = {
  name: 'users',
  functionName: 'sync',
  input: `{"stream":"${stream}","scheduledAt":"<aws.scheduler.scheduled-time>"}`,
  expression: 'rate(15 minutes)',
  timeZone: 'UTC',
  stream,
};
const rounds: ScheduleModel = {
  name: 'rounds',
  functionName: 'watchdog',
  input: '{}',
  expression: 'rate(5 minutes)',
  timeZone: 'UTC',
  stream: null,
};

function lambda(name: string, asyncRetries: number): FunctionModel {
  return {
    logicalId: name,
    name,
    arn: name,
    file: '/x',
    handler: 'handler',
    timeoutSeconds: 1,
    memoryMb: 128,
    logGroup: 'g',
    logFormat: null,
    logLevel: null,
    asyncRetries,
    environment: () => ({}),
  };
}

function set(over: Partial<Checkpoint>): Checkpoint {
  return { ...newCheckpoint(stream), revision: 1, ...over };
}

function scheduler(
  stored: Checkpoint | undefined,
  over: Partial<LocalSchedulerOptions> & {
    /** Changes what is stored, as the function would. */
    invoke?: (name: string) => Promise<Invocation>;
  } = {},
) {
  const calls: { name: string; event: { scheduledAt?: string }; at: number }[] = [];
  const events: LocalEvent[] = [];
  const state = { stored };
  const { invoke = () => Promise.resolve<Invocation>({ kind: 'returned', value: null }), ...rest } = over;
  const local = new LocalScheduler({
    schedules: [tick, rounds],
    functions: [lambda('sync', 0), lambda('watchdog', 0)],
    nextTickStreams: new Set(),
    checkpoints: {
      read: () => Promise.resolve(state.stored),
      readAll: () => Promise.resolve(new Map(state.stored === undefined ? [] : [[stream, state.stored]])),
    },
    onEvent: (event) => events.push(event),
    signal: new AbortController().signal,
    ...rest,
    invoke: (name, event) => {
      calls.push({ name, event: event as { scheduledAt?: string }, at: Date.now() });
      return invoke(name);
    },
  });
  return { local, calls, events, state };
}

describe('the ticks of a local run', () => {
  it('are fired once', async () => {
    const { local, calls, events } = scheduler(undefined);
    await local.fireTicks();
    expect(calls).toMatchObject([{ name: 'sync', event: { stream } }]);
    expect(Date.parse(calls[0]?.event.scheduledAt ?? '')).toBeGreaterThan(0);
    expect(events).toEqual([]);
  });

  it.each([
    ['the lease', { lease: { holder: 'dead', until: Date.now() + 300 } }],
    ['the wait', { retryAt: Date.now() + 300 }],
  ])('wait for %s of a process that is gone', async (_, left) => {
    const until = Date.now() + 300;
    const { local, calls, events } = scheduler(
      set({
        state: 'running',
        ...('lease' in left ? { lease: { holder: 'dead', until } } : { retryAt: until }),
      }),
    );
    await local.fireTicks();
    expect(events).toEqual([{ kind: 'waiting-for-lease', stream, until }]);
    expect(calls[0]?.at).toBeGreaterThanOrEqual(until);
  });

  it.each(['idle', 'parked', 'halted', 'exhausted'] as const)(
    'do not wait when the stream is %s',
    async (state) => {
      const { local, events, calls } = scheduler(set({ state, retryAt: Date.now() + 60_000 }));
      await local.fireTicks();
      expect(events).toEqual([]);
      expect(calls).toHaveLength(1);
    },
  );

  it('give up waiting when the run is cut off', async () => {
    const abort = new AbortController();
    const { local, calls } = scheduler(set({ state: 'running', retryAt: Date.now() + 60_000 }), {
      signal: abort.signal,
    });
    const fired = local.fireTicks();
    abort.abort();
    await fired;
    expect(calls).toEqual([]);
  });

  it('follow each other to the end of a run that goes on with the next tick', async () => {
    const { local, calls, state } = scheduler(undefined, {
      nextTickStreams: new Set([stream]),
      invoke: () => {
        const revision = (state.stored?.revision ?? 0) + 1;
        state.stored = set({ revision, state: revision < 3 ? 'running' : 'idle' });
        return Promise.resolve({ kind: 'returned', value: null });
      },
    });
    await local.fireTicks();
    const times = calls.map(({ event }) => event.scheduledAt ?? '');
    expect(times).toHaveLength(3);
    expect(new Set(times).size).toBe(3);
    expect([...times].sort()).toEqual(times);
  });

  it('stop when a tick changes nothing, and when the page must wait', async () => {
    const stuck = scheduler(set({ state: 'running' }), { nextTickStreams: new Set([stream]) });
    await stuck.local.fireTicks();
    expect(stuck.calls).toHaveLength(2);
    expect(await stuck.local.continueTicks()).toBe(false);

    const waiting = scheduler(undefined, {
      nextTickStreams: new Set([stream]),
      invoke: () => {
        waiting.state.stored = set({ state: 'running', retryAt: Date.now() + 60_000 });
        return Promise.resolve({ kind: 'returned', value: null });
      },
    });
    await waiting.local.fireTicks();
    expect(waiting.calls).toHaveLength(1);
    // A message tried the page again, and it came.
    waiting.state.stored = set({ state: 'running', revision: 7 });
    expect(await waiting.local.continueTicks()).toBe(true);
    expect(waiting.calls).toHaveLength(2);
  });

  it('are repeated by Lambda as often as the function is set to', async () => {
    const failing = {
      invoke: () => Promise.resolve<Invocation>({ kind: 'failed', reason: 'x' }),
      retryDelaysMs: [1, 2],
    };
    const never = scheduler(undefined, failing);
    await never.local.fireTicks();
    expect(never.calls).toHaveLength(1);

    const often = scheduler(undefined, { ...failing, functions: [lambda('sync', 2)] });
    await often.local.fireTicks();
    expect(often.calls).toHaveLength(3);
    // The same event each time: it is one tick.
    expect(new Set(often.calls.map(({ event }) => event.scheduledAt)).size).toBe(1);
  });
});

describe('the rounds of the watchdog', () => {
  it('are fired at will, and come again by themselves', async () => {
    vi.useFakeTimers();
    const { local, calls } = scheduler(undefined);
    await local.fireRounds();
    local.follow('rounds');
    await vi.advanceTimersByTimeAsync(600_000);
    local.stop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(calls.map(({ name, event }) => ({ name, event }))).toEqual(
      Array.from({ length: 3 }, () => ({ name: 'watchdog', event: {} })),
    );
  });
});
