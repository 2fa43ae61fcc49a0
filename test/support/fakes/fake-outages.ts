import { newOutage, type Outage } from '../../../lib/sync/outage.ts';
import type { Outages } from '../../../lib/sync/ports.ts';
import { RevisionedMap } from './revisioned-map.ts';

export class FakeOutages implements Outages {
  readonly #items = new RevisionedMap<Outage>();

  async read(limitScope: string): Promise<Outage> {
    return this.#items.read(limitScope) ?? newOutage(limitScope);
  }

  async replace(next: Outage): Promise<Outage | undefined> {
    return this.#items.replace(next.limitScope, next);
  }
}
