import { setTimeout as sleep } from 'node:timers/promises';

import type { FunctionModel } from '../template/template-model.ts';
import type { Invocation } from './function-worker.ts';

export interface AsynchronousOptions {
  readonly functions: readonly Pick<FunctionModel, 'name' | 'asyncRetries'>[];
  readonly invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** Before each repetition of an asynchronous invocation; Lambda's by default. */
  readonly retryDelaysMs?: readonly number[];
}

/** Lambda's waits before it repeats an asynchronous invocation: "one minute, and two minutes". */
const lambdaRetryDelaysMs = [60_000, 120_000];

/** Invokes as Lambda does for who does not wait for the answer: what fails is repeated, as often as the function is set to. */
export async function invokeAsynchronously(
  functionName: string,
  event: unknown,
  { functions, invoke, signal, retryDelaysMs = lambdaRetryDelaysMs }: AsynchronousOptions,
): Promise<void> {
  const retries = functions.find(({ name }) => name === functionName)?.asyncRetries ?? 0;
  for (const delay of [0, ...retryDelaysMs.slice(0, retries)]) {
    // An abort ends the wait; who waits looks at the signal.
    if (delay > 0) await sleep(delay, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const { kind } = await invoke(functionName, event);
    if (kind === 'returned') return;
  }
}
