import { nextFire } from '../../schedules/next-fire.ts';
import type { ScheduleModel } from '../template/template-model.ts';

/** A laptop that sleeps stops its timers, too: so often it is looked whether something is due meanwhile. */
const maxSleepMs = 30_000;

/**
 * Fires schedules at their moments. What was missed while the machine slept is fired once, and not once for each time.
 * Rates count from the moment of `start`.
 */
export class ScheduleClock {
  readonly #schedules: readonly ScheduleModel[];
  readonly #fire: (schedule: ScheduleModel) => void;
  /** Epoch milliseconds; null for what never fires any more. */
  readonly #next = new Map<ScheduleModel, number | null>();
  #anchor = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(schedules: readonly ScheduleModel[], fire: (schedule: ScheduleModel) => void) {
    this.#schedules = schedules;
    this.#fire = fire;
  }

  start(): void {
    this.#anchor = Date.now();
    for (const schedule of this.#schedules) this.#plan(schedule, this.#anchor);
    this.#sleep();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#next.clear();
  }

  /** @returns when a schedule fires next, epoch milliseconds; null if that is not planned. */
  nextFire(schedule: ScheduleModel): number | null {
    return this.#next.get(schedule) ?? null;
  }

  #plan(schedule: ScheduleModel, after: number): void {
    this.#next.set(schedule, nextFire(schedule, after, this.#anchor));
  }

  #sleep(): void {
    const times = [...this.#next.values()].filter((at) => at !== null);
    if (times.length === 0) return;
    const wait = Math.min(...times) - Date.now();
    this.#timer = setTimeout(() => this.#look(), Math.max(0, Math.min(wait, maxSleepMs)));
  }

  #look(): void {
    const now = Date.now();
    const due = [...this.#next].filter(([, at]) => at !== null && at <= now);
    for (const [schedule] of due) {
      this.#plan(schedule, now);
      this.#fire(schedule);
    }
    this.#sleep();
  }
}
