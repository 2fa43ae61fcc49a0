import { invokeAsynchronously, type AsynchronousOptions } from '../functions/asynchronously.ts';
import type { ScheduleModel } from '../template/template-model.ts';
import { ScheduleClock } from './schedule-clock.ts';
import { inputAt, ScheduledTimes } from './scheduled-time.ts';

/** Fires schedules of the template: at once, and those that are followed at their own moments. */
export class LocalScheduler {
  readonly #options: AsynchronousOptions;
  readonly #times = new ScheduledTimes();
  #clock: ScheduleClock | undefined;

  constructor(options: AsynchronousOptions) {
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
    await invokeAsynchronously(functionName, inputAt(input, this.#times.next()), this.#options);
  }
}
