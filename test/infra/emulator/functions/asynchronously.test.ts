import { describe, expect, it } from 'vitest';

import {
  invokeAsynchronously,
  type AsynchronousOptions,
} from '../../../../infra/emulator/functions/asynchronously.ts';
import type { DroppedEvent } from '../../../../infra/emulator/functions/dropped-event.ts';
import type { Invocation } from '../../../../infra/emulator/functions/function-worker.ts';

/** A function that fails so often, each time after so many seconds. */
function failing(times: number, seconds = 0) {
  const calls: unknown[] = [];
  const dropped: DroppedEvent[] = [];
  const end = new AbortController();
  let now = 1000;
  const options: AsynchronousOptions = {
    functions: [{ name: 'fn', asynchronous: { retries: 2, maximumAgeSeconds: 60, onFailure: null } }],
    invoke: (...call) => {
      calls.push(call);
      now += seconds * 1000;
      const failed: Invocation = { kind: 'failed', reason: `no ${String(calls.length)}` };
      return Promise.resolve(calls.length > times ? { kind: 'returned', value: null } : failed);
    },
    drop: (one) => {
      dropped.push(one);
      return Promise.resolve();
    },
    signal: end.signal,
    retryDelaysMs: [1, 2],
    now: () => now,
  };
  return { calls, dropped, options, end };
}

describe('a function that is invoked asynchronously', () => {
  it('gets what it has failed at again, and nothing is given up that it handles then', async () => {
    const { calls, dropped, options } = failing(2);
    await invokeAsynchronously('fn', { a: 1 }, options);
    const call = ['fn', { a: 1 }];
    expect([calls, dropped]).toEqual([[call, call, call], []]);
  });

  it('has had its last try when it is not to be repeated again', async () => {
    const { calls, dropped, options } = failing(9, 10);
    await invokeAsynchronously('fn', { a: 1 }, options);
    expect(calls).toHaveLength(3);
    const given = { functionName: 'fn', event: { a: 1 } };
    expect(dropped).toEqual([
      { ...given, condition: 'RetriesExhausted', invocations: 3, reason: 'no 3', at: 31_000 },
    ]);
  });

  it('is not given what has become too old meanwhile', async () => {
    const { calls, dropped, options } = failing(9, 40);
    await invokeAsynchronously('fn', {}, options);
    expect(calls).toHaveLength(2);
    expect(dropped).toMatchObject([{ condition: 'EventAgeExceeded', invocations: 2, reason: 'no 2' }]);
  });

  it('has given up nothing that the end of the run has cut off', async () => {
    const { calls, dropped, options, end } = failing(9);
    const invoked = invokeAsynchronously('fn', {}, { ...options, retryDelaysMs: [60_000] });
    await new Promise(setImmediate);
    end.abort();
    await invoked;
    await invokeAsynchronously('fn', {}, options);
    expect([calls.length, dropped]).toEqual([1, []]);
  });

  it('must be there', async () => {
    await expect(invokeAsynchronously('gone', {}, failing(0).options)).rejects.toThrow('no function gone');
  });
});
