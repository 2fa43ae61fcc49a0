import { setTimeout as sleep } from 'node:timers/promises';

import type { FunctionModel } from '../template/template-model.ts';
import type { DroppedEvent } from './dropped-event.ts';
import type { Invocation } from './function-worker.ts';

export interface AsynchronousOptions {
  readonly functions: readonly Pick<FunctionModel, 'name' | 'asynchronous'>[];
  readonly invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  /** Called with what is given up: the function has never handled it. */
  readonly drop: (dropped: DroppedEvent) => Promise<void>;
  /** Ends every wait. What is cut off by it is not given up. */
  readonly signal: AbortSignal;
  /** Before each repetition of an asynchronous invocation; Lambda's by default. */
  readonly retryDelaysMs?: readonly number[];
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Lambda's waits before it repeats an asynchronous invocation: "one minute, and two minutes". */
const lambdaRetryDelaysMs = [60_000, 120_000];

/**
 * Invokes as Lambda does for who does not wait for the answer: what fails is repeated, as often as the function is set to, and
 * not when it has become too old. Resolves when the event has been handled, given up or cut off.
 */
export async function invokeAsynchronously(
  functionName: string,
  event: unknown,
  options: AsynchronousOptions,
): Promise<void> {
  const { functions, invoke, drop, signal, retryDelaysMs = lambdaRetryDelaysMs, now = Date.now } = options;
  const settings = functions.find(({ name }) => name === functionName)?.asynchronous;
  if (settings === undefined) throw new Error(`There is no function ${functionName}`);
  const expiresAt = now() + settings.maximumAgeSeconds * 1000;
  let invocations = 0;
  let reason = '';
  const giveUp = (condition: DroppedEvent['condition']) =>
    drop({ functionName, event, condition, invocations, reason, at: now() });
  for (const delay of [0, ...retryDelaysMs.slice(0, settings.retries)]) {
    // An abort ends the wait; who waits looks at the signal.
    if (delay > 0) await sleep(delay, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    if (now() > expiresAt) return giveUp('EventAgeExceeded');
    const invocation = await invoke(functionName, event);
    if (invocation.kind === 'returned') return;
    invocations += 1;
    reason = invocation.reason;
  }
  await giveUp('RetriesExhausted');
}
