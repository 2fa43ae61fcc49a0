import type { IdBatches } from '../../../lib/sync/ports.ts';

export class FakeIdBatches implements IdBatches {
  readonly #batches = new Map<string, { readonly ids: readonly string[]; readonly revision: number }>();

  async keep(
    stream: string,
    run: string,
    batches: readonly (readonly string[])[],
    revision: number,
  ): Promise<void> {
    for (const [index, ids] of batches.entries()) {
      const key = `${stream} ${run} ${index}`;
      if ((this.#batches.get(key)?.revision ?? 0) <= revision) this.#batches.set(key, { ids, revision });
    }
  }

  async read(stream: string, run: string, index: number): Promise<readonly string[] | null> {
    return this.#batches.get(`${stream} ${run} ${index}`)?.ids ?? null;
  }

  /** What the table's TTL does to runs that take too long. */
  forget(stream: string): void {
    for (const key of this.#batches.keys()) if (key.startsWith(`${stream} `)) this.#batches.delete(key);
  }
}
