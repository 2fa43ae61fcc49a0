import { newBreaker, type Breaker } from '../../../lib/sync/breaker.ts';
import type { Breakers } from '../../../lib/sync/ports.ts';
import { RevisionedMap } from './revisioned-map.ts';

export class FakeBreakers implements Breakers {
  readonly #items = new RevisionedMap<Breaker>();

  // eslint-disable-next-line @typescript-eslint/require-await
  async read(connection: string): Promise<Breaker> {
    return this.#items.read(connection) ?? newBreaker(connection);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async replace(next: Breaker): Promise<Breaker | undefined> {
    return this.#items.replace(next.connection, next);
  }
}
