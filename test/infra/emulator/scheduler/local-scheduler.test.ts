import { describe, expect, it } from 'vitest';

import type { Invocation } from '../../../../infra/emulator/functions/function-worker.ts';
import { LocalScheduler } from '../../../../infra/emulator/scheduler/local-scheduler.ts';

describe('a schedule that fires', () => {
  it('is repeated by Lambda as often as the function is set to', async () => {
    const scheduledAt: string[] = [];
    const fire = async (retries: number) => {
      scheduledAt.length = 0;
      const scheduler = new LocalScheduler({
        functions: [{ name: 'sync', asynchronous: { retries, maximumAgeSeconds: 21_600, onFailure: null } }],
        drop: () => Promise.resolve(),
        invoke: (_, event) => {
          scheduledAt.push((event as { scheduledAt: string }).scheduledAt);
          return Promise.resolve<Invocation>({ kind: 'failed', reason: 'x' });
        },
        signal: new AbortController().signal,
        retryDelaysMs: [1, 2],
      });
      const input = '{"scheduledAt":"<aws.scheduler.scheduled-time>"}';
      const often = { expression: 'rate(15 minutes)', timeZone: 'UTC' };
      await scheduler.fire({ name: 'users', functionName: 'sync', input, ...often });
    };
    await fire(0);
    expect(scheduledAt).toHaveLength(1);
    await fire(2);
    expect(scheduledAt).toHaveLength(3);
    // The same event each time: it is one tick.
    expect(new Set(scheduledAt).size).toBe(1);
  });
});
