import { newBreaker, type Breaker } from '../../../lib/sync/breaker.ts';
import type { Breakers } from '../../../lib/sync/ports.ts';
import { RevisionedMap } from './revisioned-map.ts';

export class FakeBreakers implements Breakers {
  readonly #items = new RevisionedMap<Breaker>();

  async read(connection: string): Promise<Breaker> {
    return this.#items.read(connection) ?? newBreaker(connection);
  }

  async replace(next: Breaker): Promise<Breaker | undefined> {
    return this.#items.replace(next.connection, next);
  }
}
