import type { Person } from './people.ts';

/** What an entry is made from: the when and the where in its table. */
export interface Entry {
  /** Epoch milliseconds. */
  readonly effective: number;
  readonly place: number;
  readonly isLast: boolean;
  readonly person: Person;
}
