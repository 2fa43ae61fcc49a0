import type { IdBatches } from '../../../lib/sync/ports.ts';

interface Batch {
  readonly run: string;
  readonly ids: readonly string[];
  readonly revision: number;
}

export class FakeIdBatches implements IdBatches {
  readonly #batches = new Map<string, Batch>();

  async keep(
    stream: string,
    run: string,
    batches: readonly (readonly string[])[],
    revision: number,
  ): Promise<void> {
    for (const [index, ids] of batches.entries()) {
      const key = `${stream} ${index}`;
      if ((this.#batches.get(key)?.revision ?? 0) <= revision) this.#batches.set(key, { run, ids, revision });
    }
  }

  async read(stream: string, run: string, index: number): Promise<readonly string[] | null> {
    const batch = this.#batches.get(`${stream} ${index}`);
    return batch?.run !== run || batch.ids.length === 0 ? null : batch.ids;
  }

  async remove(stream: string, id: string): Promise<boolean> {
    let found = false;
    for (const [key, batch] of this.#batches) {
      if (!key.startsWith(`${stream} `) || !batch.ids.includes(id)) continue;
      this.#batches.set(key, { ...batch, ids: batch.ids.filter((other) => other !== id) });
      found = true;
    }
    return found;
  }

  /** What the table's TTL does to runs that take too long. */
  forget(stream: string): void {
    for (const key of this.#batches.keys()) if (key.startsWith(`${stream} `)) this.#batches.delete(key);
  }
}
