import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { historyWith } from '../../../lib/sync/history.ts';
import type { Checkpoints } from '../../../lib/sync/ports.ts';
import { RevisionedMap } from './revisioned-map.ts';

export class FakeCheckpoints implements Checkpoints {
  readonly #items = new RevisionedMap<Checkpoint>();

  async read(stream: string): Promise<Checkpoint | undefined> {
    return this.#items.read(stream);
  }

  async readAll(...[streams]: Parameters<Checkpoints['readAll']>): Promise<ReadonlyMap<string, Checkpoint>> {
    const found = new Map<string, Checkpoint>();
    for (const stream of streams) {
      const checkpoint = this.#items.read(stream);
      if (checkpoint !== undefined) found.set(stream, checkpoint);
    }
    return found;
  }

  async replace(next: Checkpoint): Promise<Checkpoint | undefined> {
    return this.#items.replace(next.stream, { ...next, history: historyWith(next) });
  }
}
