import type { EventPattern } from '../../infra/emulator/template/event-filters.ts';
import { matchesPattern } from '../../infra/emulator/functions/event-pattern.ts';
import type { Clock } from '../../lib/sync/ports.ts';

/** A write of the checkpoints table, as its stream has it, so far as anybody looks. */
export interface TableWrite {
  readonly Keys: { readonly pk: { readonly S: string } };
  readonly OldImage?: object;
  readonly NewImage: object;
}

export interface TableStreamOptions<Write extends TableWrite> {
  readonly filters: readonly EventPattern[];
  readonly clock: Clock;
  /** @returns whether the function is done with them */
  readonly hand: (batch: readonly Write[]) => Promise<boolean>;
}

/** Of infra/constructs/tell-on-call.ts. */
const batchSize = 100;
const maxAgeMs = 15 * 60_000;
const latencyMs = 1000;
const maxPauseMs = 60_000;

/** A table's stream and its reader, as Lambda reads: in order, a batch again until it is done with or too old. */
export class TableStream<Write extends TableWrite> {
  /** Nobody reads it: what is written meanwhile is lost. */
  stands = false;
  readonly #options: TableStreamOptions<Write>;
  readonly #waiting: { readonly at: number; readonly write: Write }[] = [];
  #isRead = false;

  constructor(options: TableStreamOptions<Write>) {
    this.#options = options;
  }

  /** @returns when all that waits has been read; at once if somebody reads already */
  async add(write: Write): Promise<void> {
    const { filters, clock } = this.#options;
    if (this.stands || !filters.some((filter) => matchesPattern(filter, write))) return;
    this.#waiting.push({ at: clock.now(), write });
    if (this.#isRead) return;
    this.#isRead = true;
    await this.#read();
    this.#isRead = false;
  }

  async #read(): Promise<void> {
    const { clock, hand } = this.#options;
    const { signal } = new AbortController();
    for (let failures = 0; this.#waiting.length > 0;) {
      await clock.sleep(Math.min(maxPauseMs, latencyMs * 2 ** failures), signal);
      const tooOld = this.#waiting.findLastIndex(({ at }) => clock.now() - at > maxAgeMs);
      this.#waiting.splice(0, tooOld + 1);
      const batch = this.#waiting.slice(0, batchSize);
      if (batch.length === 0) return;
      const isDone = await hand(batch.map(({ write }) => write));
      if (isDone) this.#waiting.splice(0, batch.length);
      failures = isDone ? 0 : failures + 1;
    }
  }
}
