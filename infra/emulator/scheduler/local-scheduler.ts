import { setTimeout as sleep } from 'node:timers/promises';

import type { Invocation } from '../functions/function-worker.ts';
import type { FunctionModel, ScheduleModel } from '../template/template-model.ts';
import { ScheduleClock } from './schedule-clock.ts';
import { inputAt, ScheduledTimes } from './scheduled-time.ts';

export interface LocalSchedulerOptions {
  readonly functions: readonly Pick<FunctionModel, 'name' | 'asyncRetries'>[];
  readonly invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** Before each repetition of an asynchronous invocation; Lambda's by default. */
  readonly retryDelaysMs?: readonly number[];
}

/** Lambda's waits before it repeats an asynchronous invocation: "one minute, and two minutes". */
const lambdaRetryDelaysMs = [60_000, 120_000];

/** Fires schedules of the template: at once, and those that are followed at their own moments. */
export class LocalScheduler {
  readonly #options: LocalSchedulerOptions;
  readonly #times = new ScheduledTimes();
  #clock: ScheduleClock | undefined;

  constructor(options: LocalSchedulerOptions) {
    this.#options = options;
  }

  /** From here on these schedules fire at their moments, until `stop`. */
  follow(schedules: readonly ScheduleModel[]): void {
    this.#clock = new ScheduleClock(schedules, (schedule) => {
      void this.fire(schedule);
    });
    this.#clock.start();
  }

  stop(): void {
    this.#clock?.stop();
  }

  /** @returns when a schedule fires next, epoch milliseconds; null where it is not followed. */
  nextFire(schedule: ScheduleModel): number | null {
    return this.#clock?.nextFire(schedule) ?? null;
  }

  /** Invokes once, and resolves when the function has answered. */
  async invoke({ functionName, input }: ScheduleModel): Promise<void> {
    await this.#options.invoke(functionName, inputAt(input, this.#times.next()));
  }

  /** Invokes as Scheduler does: asynchronously, so that Lambda repeats what fails. */
  async fire({ functionName, input }: ScheduleModel): Promise<void> {
    const { functions, invoke, signal, retryDelaysMs = lambdaRetryDelaysMs } = this.#options;
    const event = inputAt(input, this.#times.next());
    const retries = functions.find(({ name }) => name === functionName)?.asyncRetries ?? 0;
    for (const delay of [0, ...retryDelaysMs.slice(0, retries)]) {
      // An abort ends the wait; who waits looks at the signal.
      if (delay > 0) await sleep(delay, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const { kind } = await invoke(functionName, event);
      if (kind === 'returned') return;
    }
  }
}
