import type { SeenRows } from '../../../lib/sync/ports.ts';

export class FakeSeenRows implements SeenRows {
  readonly #pages = new Map<string, readonly string[]>();

  async remember(stream: string, run: string, page: number, digests: readonly string[]): Promise<void> {
    this.#pages.set(`${stream} ${run} ${page}`, [...digests]);
  }

  async recall(stream: string, run: string, pages: number): Promise<ReadonlySet<string> | null> {
    const keys = Array.from({ length: pages }, (_, page) => `${stream} ${run} ${page}`);
    if (!keys.every((key) => this.#pages.has(key))) return null;
    return new Set(keys.flatMap((key) => this.#pages.get(key) ?? []));
  }

  /** What the table's TTL does to runs that take too long. */
  forget(stream: string): void {
    for (const key of this.#pages.keys()) if (key.startsWith(`${stream} `)) this.#pages.delete(key);
  }
}
