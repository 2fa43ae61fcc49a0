import * as z from 'zod';

import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logPage } from '../lib/runtime/logger.ts';
import { bindSyncDependencies } from '../lib/runtime/sync-dependencies.ts';
import { syncPage } from '../lib/sync/sync-page.ts';

/** What a schedule sends; `scheduledAt` is EventBridge Scheduler's `<aws.scheduler.scheduled-time>`, ISO 8601. */
const tick = z.strictObject({
  stream: z.string(),
  scheduledAt: z.iso.datetime({ offset: true }).transform((time) => Date.parse(time)),
});

// Runs on a cold start only.
const deps = bindSyncDependencies();

/** A tick: one page. Returns normally with any answer of the vendor's, for Lambda would run a thrown tick twice more. */
export const handler = lambdaFunction(async (event: unknown, signal) => {
  const { stream, scheduledAt } = tick.parse(event);
  const page = await syncPage({ kind: 'tick', stream, scheduledAt }, deps, signal);
  logPage(page);
  if (page.next === 'redrive' && page.run !== null) {
    const { run, sequence, delaySeconds } = page;
    await deps.queue.send({ v: 1, stream, run, sequence }, delaySeconds ?? 0);
  }
});
