import { noIncidents, type Incidents } from '../../../lib/on-call/incident.ts';
import type { IncidentStore } from '../../../lib/on-call/ports.ts';
import { RevisionedMap } from './revisioned-map.ts';

export class FakeIncidents implements IncidentStore {
  readonly #items = new RevisionedMap<Incidents>();

  async read(connection: string): Promise<Incidents> {
    return this.#items.read(connection) ?? noIncidents(connection);
  }

  async replace(next: Incidents): Promise<Incidents | undefined> {
    return this.#items.replace(next.connection, next);
  }
}
