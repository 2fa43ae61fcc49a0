import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Invocation } from '../../../../infra/emulator/functions/function-worker.ts';
import { LocalScheduler } from '../../../../infra/emulator/scheduler/local-scheduler.ts';
import type { ScheduleModel } from '../../../../infra/emulator/template/template-model.ts';
import type { LocalEvent } from '../../../../infra/laptop/run/local-run.ts';
import { Ticks, type TicksOptions } from '../../../../infra/laptop/run/ticks.ts';
import { newCheckpoint, type Checkpoint } from '../../../../lib/sync/checkpoint.ts';

afterEach(() => {
  vi.useRealTimers();
});

const stream = 'mobaro/users';
const schedule: ScheduleModel = {
  name: 'users',
  functionName: 'sync',
  input: `{"stream":"${stream}","scheduledAt":"<aws.scheduler.scheduled-time>"}`,
  expression: 'rate(15 minutes)',
  timeZone: 'UTC',
};
const rounds: ScheduleModel = {
  name: 'rounds',
  functionName: 'watchdog',
  input: '{}',
  expression: 'rate(5 minutes)',
  timeZone: 'UTC',
};

function set(over: Partial<Checkpoint>): Checkpoint {
  return { ...newCheckpoint(stream), revision: 1, ...over };
}

function ticksOf(
  stored: Checkpoint | undefined,
  over: Partial<TicksOptions> & {
    /** Changes what is stored, as the function would. */
    invoke?: () => Promise<Invocation>;
  } = {},
) {
  const calls: { name: string; event: { scheduledAt?: string }; at: number }[] = [];
  const events: LocalEvent[] = [];
  const state = { stored };
  const { invoke = () => Promise.resolve<Invocation>({ kind: 'returned', value: null }), ...rest } = over;
  const { signal = new AbortController().signal } = over;
  const ticks = new Ticks({
    scheduler: new LocalScheduler({
      functions: ['sync', 'watchdog'].map((name) => ({
        name,
        asynchronous: { retries: 0, maximumAgeSeconds: 60, onFailure: null },
      })),
      drop: () => Promise.resolve(),
      signal,
      invoke: (name, event) => {
        calls.push({ name, event: event as { scheduledAt?: string }, at: Date.now() });
        return invoke();
      },
    }),
    ticks: [{ stream, schedule }],
    rounds: [rounds],
    nextTickStreams: new Set(),
    checkpoints: {
      read: () => Promise.resolve(state.stored),
      readAll: () => Promise.resolve(new Map(state.stored === undefined ? [] : [[stream, state.stored]])),
      replace: (next) => Promise.resolve((state.stored = { ...next, revision: next.revision + 1 })),
    },
    onEvent: (event) => events.push(event),
    signal,
    ...rest,
  });
  return { ticks, calls, events, state };
}

describe('the ticks of a local run', () => {
  it('are fired once', async () => {
    const { ticks, calls, events } = ticksOf(undefined);
    await ticks.fire();
    expect(calls).toMatchObject([{ name: 'sync', event: { stream } }]);
    expect(Date.parse(calls[0]?.event.scheduledAt ?? '')).toBeGreaterThan(0);
    expect(events).toEqual([]);
  });

  it.each([
    ['the lease', { lease: { holder: 'dead', until: Date.now() + 300 } }],
    ['the wait', { retryAt: Date.now() + 300 }],
  ])('wait for %s of a process that is gone', async (_, left) => {
    const until = Date.now() + 300;
    const { ticks, calls, events } = ticksOf(
      set({
        state: 'running',
        ...('lease' in left ? { lease: { holder: 'dead', until } } : { retryAt: until }),
      }),
    );
    await ticks.fire();
    expect(events).toEqual([{ kind: 'waiting-for-lease', stream, until }]);
    expect(calls[0]?.at).toBeGreaterThanOrEqual(until);
  });

  it.each(['idle', 'parked', 'halted', 'exhausted'] as const)(
    'do not wait when the stream is %s',
    async (state) => {
      const { ticks, events, calls } = ticksOf(set({ state, retryAt: Date.now() + 60_000 }));
      await ticks.fire();
      expect(events).toEqual([]);
      expect(calls).toHaveLength(1);
    },
  );

  it('try anew at once what was given up: no message of the last process carries its probe', async () => {
    const { ticks, state } = ticksOf(
      set({ state: 'exhausted', run: 'run-1', attempt: 5, stopped: { by: 'exhausted', since: 1 } }),
    );
    await ticks.fire();
    expect(state.stored).toMatchObject({
      state: 'parked',
      run: 'run-1',
      attempt: 0,
      stopped: { by: 'exhausted', since: 1 },
    });
    expect(state.stored?.retryAt).toBeLessThanOrEqual(Date.now());
  });

  it('wait for a probe of the last process that may still be under way', async () => {
    const until = Date.now() + 50;
    const { ticks, events } = ticksOf(set({ state: 'exhausted', lease: { holder: 'dead', until } }));
    await ticks.fire();
    expect(events).toEqual([{ kind: 'waiting-for-lease', stream, until }]);
  });

  it('give up waiting when the run is cut off', async () => {
    const abort = new AbortController();
    const { ticks, calls } = ticksOf(set({ state: 'running', retryAt: Date.now() + 60_000 }), {
      signal: abort.signal,
    });
    const fired = ticks.fire();
    abort.abort();
    await fired;
    expect(calls).toEqual([]);
  });

  it('follow each other to the end of a run that goes on with the next tick', async () => {
    const { ticks, calls, state } = ticksOf(undefined, {
      nextTickStreams: new Set([stream]),
      invoke: () => {
        const revision = (state.stored?.revision ?? 0) + 1;
        state.stored = set({ revision, state: revision < 3 ? 'running' : 'idle' });
        return Promise.resolve({ kind: 'returned', value: null });
      },
    });
    await ticks.fire();
    const times = calls.map(({ event }) => event.scheduledAt ?? '');
    expect(times).toHaveLength(3);
    expect(new Set(times).size).toBe(3);
    expect([...times].sort()).toEqual(times);
  });

  it('stop when a tick changes nothing, and when the page must wait', async () => {
    const stuck = ticksOf(set({ state: 'running' }), { nextTickStreams: new Set([stream]) });
    await stuck.ticks.fire();
    expect(stuck.calls).toHaveLength(2);
    expect(await stuck.ticks.goOn()).toBe(false);

    const waiting = ticksOf(undefined, {
      nextTickStreams: new Set([stream]),
      invoke: () => {
        waiting.state.stored = set({ state: 'running', retryAt: Date.now() + 60_000 });
        return Promise.resolve({ kind: 'returned', value: null });
      },
    });
    await waiting.ticks.fire();
    expect(waiting.calls).toHaveLength(1);
    // A message tried the page again, and it came.
    waiting.state.stored = set({ state: 'running', revision: 7 });
    expect(await waiting.ticks.goOn()).toBe(true);
    expect(waiting.calls).toHaveLength(2);
  });
});

describe('the rounds of the watchdog', () => {
  it('are fired at will, and come again by themselves', async () => {
    vi.useFakeTimers();
    const { ticks, calls } = ticksOf(undefined);
    await ticks.fireRounds();
    ticks.follow('rounds');
    await vi.advanceTimersByTimeAsync(600_000);
    ticks.stop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(calls.map(({ name, event }) => ({ name, event }))).toEqual(
      Array.from({ length: 3 }, () => ({ name: 'watchdog', event: {} })),
    );
  });
});
