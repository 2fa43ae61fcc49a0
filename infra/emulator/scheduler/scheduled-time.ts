/**
 * Stands for `<aws.scheduler.scheduled-time>`: ISO 8601 in UTC. Later with every call, for a tick that is not later than
 * the last one starts nothing.
 */
export class ScheduledTimes {
  #last = 0;

  next(): string {
    this.#last = Math.max(Date.now(), this.#last + 1);
    return new Date(this.#last).toISOString();
  }
}

/** The input of a schedule with Scheduler's context attributes filled in, parsed. */
export function inputAt(input: string, scheduledTime: string): unknown {
  const filled = input
    .replaceAll('<aws.scheduler.scheduled-time>', scheduledTime)
    .replaceAll('<aws.scheduler.attempt-number>', '1');
  return JSON.parse(filled) as unknown;
}
