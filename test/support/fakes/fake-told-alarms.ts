import type { ToldAlarms } from '../../../lib/on-call/ports.ts';
import type { ToldAlarm } from '../../../lib/on-call/told-alarm.ts';
import { RevisionedMap } from './revisioned-map.ts';

export class FakeToldAlarms implements ToldAlarms {
  readonly #items = new RevisionedMap<ToldAlarm>();

  async read(name: string): Promise<ToldAlarm | undefined> {
    return this.#items.read(name);
  }

  async replace(next: ToldAlarm): Promise<ToldAlarm | undefined> {
    return this.#items.replace(next.name, next);
  }
}
