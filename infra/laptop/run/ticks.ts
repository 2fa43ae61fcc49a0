import { setTimeout as sleep } from 'node:timers/promises';

import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Checkpoints } from '../../../lib/sync/ports.ts';
import { dueCheckpoint } from '../../../lib/sync/transitions/person.ts';
import { resumed } from '../../../lib/sync/transitions/run.ts';
import type { LocalScheduler } from '../../emulator/scheduler/local-scheduler.ts';
import type { ScheduleModel } from '../../emulator/template/template-model.ts';
import type { LocalEvent } from './local-run.ts';
import type { Tick } from './read-stack.ts';

export interface TicksOptions {
  readonly scheduler: LocalScheduler;
  /** Of the selected streams. */
  readonly ticks: readonly Tick[];
  /** Of the watchdog. */
  readonly rounds: readonly ScheduleModel[];
  /** Streams that go on with their next tick. */
  readonly nextTickStreams: ReadonlySet<string>;
  readonly checkpoints: Checkpoints;
  readonly onEvent: (event: LocalEvent) => void;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

/** The schedules of a run: all of them fire at the start, and then those that are followed at their own moments. */
export class Ticks {
  readonly #options: TicksOptions;
  /** By `nextTick` stream: the revision of its checkpoint after its last tick. */
  readonly #seen = new Map<string, number>();

  constructor(options: TicksOptions) {
    this.#options = options;
  }

  /** Fires the rounds of the watchdog. Resolves when it has answered. */
  async fireRounds(): Promise<void> {
    const { scheduler, rounds } = this.#options;
    await Promise.all(rounds.map((round) => scheduler.invoke(round)));
  }

  /** From here on schedules fire at their moments, until `stop`. @param which the rounds of the watchdog, or ticks, too */
  follow(which: 'rounds' | 'all'): void {
    const { scheduler, rounds, ticks } = this.#options;
    scheduler.follow(which === 'rounds' ? rounds : [...ticks.map(({ schedule }) => schedule), ...rounds]);
  }

  stop(): void {
    this.#options.scheduler.stop();
  }

  /** @returns when the stream's next tick comes, epoch milliseconds; null where ticks are not followed. */
  next(stream: string): number | null {
    const { scheduler, ticks } = this.#options;
    const times = ticks
      .filter((tick) => tick.stream === stream)
      .map(({ schedule }) => scheduler.nextFire(schedule))
      .filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Fires the tick of every stream, and resolves when all have been answered. */
  async fire(): Promise<void> {
    const { ticks, checkpoints, scheduler, signal } = this.#options;
    const stored = await checkpoints.readAll(ticks.map(({ stream }) => stream));
    await Promise.all(
      ticks.map(async (tick) => {
        await this.#waitForTheDead(tick.stream, stored.get(tick.stream));
        if (signal.aborted) return;
        await this.#tryAnew(tick.stream);
        await scheduler.fire(tick.schedule);
        await this.#goOn(tick);
      }),
    );
  }

  /**
   * Fires the next tick of `nextTick` streams whose run is open and free. To be called when nothing else moves any more.
   * @returns whether there was one.
   */
  async goOn(): Promise<boolean> {
    const fired = await Promise.all(this.#options.ticks.map((tick) => this.#goOn(tick)));
    return fired.includes(true);
  }

  /** The queues are new, so no message carries on what a process left behind that is gone. Its lease may still run. */
  async #waitForTheDead(stream: string, checkpoint: Checkpoint | undefined): Promise<void> {
    const { onEvent, signal } = this.#options;
    const until = heldUntil(checkpoint);
    if (until <= Date.now()) return;
    onEvent({ kind: 'waiting-for-lease', stream, until });
    // A timer may fire a millisecond early, while the lease still holds.
    while (Date.now() < until && !signal.aborted) {
      // An abort ends the wait; who waits looks at the signal.
      await sleep(until - Date.now(), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Nor does a message carry a probe; and who starts a run wants to see whether the vendor is well again. */
  async #tryAnew(stream: string): Promise<void> {
    const { checkpoints } = this.#options;
    const checkpoint = await checkpoints.read(stream);
    if (checkpoint?.state !== 'exhausted') return;
    const now = Date.now();
    await checkpoints.replace(dueCheckpoint(resumed(checkpoint, now), now));
  }

  /** Ticks follow each other until the run is over, must wait, or does not move. */
  async #goOn({ stream, schedule }: Tick): Promise<boolean> {
    const { scheduler, nextTickStreams, checkpoints, signal } = this.#options;
    if (!nextTickStreams.has(stream)) return false;
    for (let fired = false; ; fired = true) {
      const checkpoint = await checkpoints.read(stream);
      if (checkpoint?.state !== 'running' || heldUntil(checkpoint) > Date.now() || signal.aborted)
        return fired;
      if (this.#seen.get(stream) === checkpoint.revision) return fired;
      this.#seen.set(stream, checkpoint.revision);
      await scheduler.fire(schedule);
    }
  }
}

/** @returns until when nobody may try the open run, epoch milliseconds; 0 if it is free. */
function heldUntil(checkpoint: Checkpoint | undefined): number {
  if (checkpoint?.state === 'exhausted') return checkpoint.lease?.until ?? 0;
  if (checkpoint?.state !== 'running') return 0;
  return Math.max(checkpoint.lease?.until ?? 0, checkpoint.retryAt ?? 0);
}
