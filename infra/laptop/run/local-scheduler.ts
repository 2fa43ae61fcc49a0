import { setTimeout as sleep } from 'node:timers/promises';

import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Checkpoints } from '../../../lib/sync/ports.ts';

import type { Invocation } from '../../emulator/functions/function-worker.ts';
import type { LocalEvent } from './local-run.ts';
import { ScheduleClock } from '../../emulator/scheduler/schedule-clock.ts';
import { inputAt, ScheduledTimes } from '../../emulator/scheduler/scheduled-time.ts';
import type { FunctionModel, ScheduleModel } from '../../emulator/template/template-model.ts';

export interface LocalSchedulerOptions {
  /** Of the selected streams, and those that are about no stream. */
  readonly schedules: readonly ScheduleModel[];
  readonly functions: readonly FunctionModel[];
  /** Streams that go on with their next tick. */
  readonly nextTickStreams: ReadonlySet<string>;
  readonly checkpoints: Pick<Checkpoints, 'read' | 'readAll'>;
  readonly invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  readonly onEvent: (event: LocalEvent) => void;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** Before each repetition of an asynchronous invocation; Lambda's by default. */
  readonly retryDelaysMs?: readonly number[];
}

/** Lambda's waits before it repeats an asynchronous invocation: "one minute, and two minutes". */
const lambdaRetryDelaysMs = [60_000, 120_000];

/** Fires the schedules of the template: all of them at the start, and then those that are followed at their own moments. */
export class LocalScheduler {
  readonly #options: LocalSchedulerOptions;
  readonly #times = new ScheduledTimes();
  #clock: ScheduleClock | undefined;
  /** By `nextTick` stream: the revision of its checkpoint after its last tick. */
  readonly #seen = new Map<string, number>();

  constructor(options: LocalSchedulerOptions) {
    this.#options = options;
  }

  /** Fires what is about no stream: the watchdog. Resolves when it has answered. */
  async fireRounds(): Promise<void> {
    await Promise.all(this.#rounds().map((schedule) => this.#invoke(schedule)));
  }

  /** From here on schedules fire at their moments, until `stop`. @param which the rounds of the watchdog, or ticks, too */
  follow(which: 'rounds' | 'all'): void {
    this.#clock = new ScheduleClock(
      which === 'rounds' ? this.#rounds() : this.#options.schedules,
      (schedule) => {
        void this.#fire(schedule);
      },
    );
    this.#clock.start();
  }

  stop(): void {
    this.#clock?.stop();
  }

  /** @returns when the stream's next tick comes, epoch milliseconds; null where ticks are not followed. */
  nextTick(stream: string): number | null {
    return this.#clock?.nextTick(stream) ?? null;
  }

  /** Fires the tick of every stream, and resolves when all have been answered. */
  async fireTicks(): Promise<void> {
    const ticks = this.#ticks();
    const stored = await this.#options.checkpoints.readAll(ticks.map(({ stream }) => stream));
    await Promise.all(
      ticks.map(async ({ stream, schedule }) => {
        await this.#waitForTheDead(stream, stored.get(stream));
        if (this.#options.signal.aborted) return;
        await this.#fire(schedule);
        await this.#goOn(stream, schedule);
      }),
    );
  }

  /**
   * Fires the next tick of `nextTick` streams whose run is open and free. To be called when nothing else moves any more.
   * @returns whether there was one.
   */
  async continueTicks(): Promise<boolean> {
    const fired = await Promise.all(
      this.#ticks().map(({ stream, schedule }) => this.#goOn(stream, schedule)),
    );
    return fired.includes(true);
  }

  #rounds(): readonly ScheduleModel[] {
    return this.#options.schedules.filter(({ stream }) => stream === null);
  }

  #ticks(): readonly { readonly stream: string; readonly schedule: ScheduleModel }[] {
    return this.#options.schedules.flatMap((schedule) =>
      schedule.stream === null ? [] : [{ stream: schedule.stream, schedule }],
    );
  }

  /** The queues are new, so no message carries on what a process left behind that is gone. Its lease may still run. */
  async #waitForTheDead(stream: string, checkpoint: Checkpoint | undefined): Promise<void> {
    const until = heldUntil(checkpoint);
    if (until <= Date.now()) return;
    this.#options.onEvent({ kind: 'waiting-for-lease', stream, until });
    await this.#sleep(until - Date.now());
  }

  /** Ticks follow each other until the run is over, must wait, or does not move. */
  async #goOn(stream: string, schedule: ScheduleModel): Promise<boolean> {
    const { nextTickStreams, checkpoints, signal } = this.#options;
    if (!nextTickStreams.has(stream)) return false;
    for (let fired = false; ; fired = true) {
      const checkpoint = await checkpoints.read(stream);
      if (checkpoint?.state !== 'running' || heldUntil(checkpoint) > Date.now() || signal.aborted)
        return fired;
      if (this.#seen.get(stream) === checkpoint.revision) return fired;
      this.#seen.set(stream, checkpoint.revision);
      await this.#fire(schedule);
    }
  }

  /** Invokes as Scheduler does: asynchronously, so that Lambda repeats what fails. */
  async #fire(schedule: ScheduleModel): Promise<void> {
    const event = inputAt(schedule.input, this.#times.next());
    const retries =
      this.#options.functions.find(({ name }) => name === schedule.functionName)?.asyncRetries ?? 0;
    const delays = this.#options.retryDelaysMs ?? lambdaRetryDelaysMs;
    for (const delay of [0, ...delays.slice(0, retries)]) {
      if (delay > 0) await this.#sleep(delay);
      if (this.#options.signal.aborted) return;
      const { kind } = await this.#options.invoke(schedule.functionName, event);
      if (kind === 'returned') return;
    }
  }

  async #invoke(schedule: ScheduleModel): Promise<void> {
    await this.#options.invoke(schedule.functionName, inputAt(schedule.input, this.#times.next()));
  }

  async #sleep(ms: number): Promise<void> {
    // An abort ends the wait; who waits looks at the signal.
    await sleep(ms, undefined, { signal: this.#options.signal }).catch(() => undefined);
  }
}

/** @returns until when nobody may try the open run, epoch milliseconds; 0 if it is free. */
export function heldUntil(checkpoint: Checkpoint | undefined): number {
  if (checkpoint?.state !== 'running') return 0;
  return Math.max(checkpoint.lease?.until ?? 0, checkpoint.retryAt ?? 0);
}
