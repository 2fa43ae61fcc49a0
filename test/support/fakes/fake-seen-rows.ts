import type { SeenRows } from '../../../lib/sync/ports.ts';

export class FakeSeenRows implements SeenRows {
  readonly #pages = new Map<string, { readonly digests: readonly string[]; readonly revision: number }>();

  async remember(
    stream: string,
    run: string,
    page: number,
    digests: readonly string[],
    revision: number,
  ): Promise<void> {
    const key = `${stream} ${run} ${page}`;
    if ((this.#pages.get(key)?.revision ?? 0) > revision) return;
    this.#pages.set(key, { digests: [...digests], revision });
  }

  async recall(stream: string, run: string, pages: number, from = 0): Promise<ReadonlySet<string> | null> {
    const keys = Array.from(
      { length: Math.max(0, pages - from) },
      (_, page) => `${stream} ${run} ${from + page}`,
    );
    if (!keys.every((key) => this.#pages.has(key))) return null;
    return new Set(keys.flatMap((key) => this.#pages.get(key)?.digests ?? []));
  }

  /** What the table's TTL does to runs that take too long. */
  forget(stream: string): void {
    for (const key of this.#pages.keys()) if (key.startsWith(`${stream} `)) this.#pages.delete(key);
  }
}
