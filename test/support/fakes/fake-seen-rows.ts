import type {
  Clock,
  PageInMemory,
  Recalled,
  RememberedFields,
  SeenRows,
  Within,
} from '../../../lib/sync/ports.ts';
import { FieldCounter } from '../../../lib/tables/field-counts.ts';

export class FakeSeenRows implements SeenRows {
  readonly #pages = new Map<string, PageInMemory & { readonly revision: number }>();
  readonly #clock: Pick<Clock, 'now'>;
  readonly #most: number;

  /** @param most digests that fit into memory */
  constructor(clock: Pick<Clock, 'now'> = { now: () => 0 }, most = Infinity) {
    this.#clock = clock;
    this.#most = most;
  }

  async remember(
    stream: string,
    run: string,
    page: number,
    { digests, fields }: PageInMemory,
    revision: number,
  ): Promise<void> {
    const key = `${stream} ${run} ${page}`;
    if ((this.#pages.get(key)?.revision ?? 0) > revision) return;
    this.#pages.set(key, { digests: [...digests], fields, revision });
  }

  async recall(
    stream: string,
    run: string,
    pages: number,
    { until, signal }: Within,
    from = 0,
  ): Promise<Recalled> {
    signal.throwIfAborted();
    if (this.#clock.now() >= until) return 'too slow';
    const keys = Array.from(
      { length: Math.max(0, pages - from) },
      (_, page) => `${stream} ${run} ${from + page}`,
    );
    const digests = keys.flatMap((key) => this.#pages.get(key)?.digests ?? []);
    if (digests.length > this.#most) return 'too many';
    return keys.every((key) => this.#pages.has(key)) ? new Set(digests) : 'forgotten';
  }

  async fieldsOf(
    stream: string,
    run: string,
    pages: number,
    { until, signal }: Within,
  ): Promise<RememberedFields | null> {
    signal.throwIfAborted();
    if (this.#clock.now() >= until) return null;
    const counter = new FieldCounter();
    for (let page = 0; page < pages; page += 1) {
      const found = this.#pages.get(`${stream} ${run} ${page}`);
      if (found === undefined) return null;
      counter.addCounts(found.fields);
    }
    return { counts: counter.counted(), isSample: false };
  }

  /** What the table's TTL does to runs that take too long. */
  forget(stream: string): void {
    for (const key of this.#pages.keys()) if (key.startsWith(`${stream} `)) this.#pages.delete(key);
  }
}
