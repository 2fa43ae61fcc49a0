import type { Mute, Mutes } from '../../../lib/on-call/mute.ts';
import { RevisionedMap } from './revisioned-map.ts';

export class FakeMutes implements Mutes {
  readonly #items = new RevisionedMap<Mute>();

  async read(connection: string): Promise<Mute | null> {
    return this.#items.read(connection) ?? null;
  }

  async replace(next: Mute): Promise<Mute | undefined> {
    return this.#items.replace(next.connection, next);
  }
}
