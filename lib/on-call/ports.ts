import type { Incidents } from './incident.ts';
import type { Message } from './incident-message.ts';

export interface IncidentStore {
  /** Consistent; one that was never stored has no incident. */
  read(connection: string): Promise<Incidents>;
  /** Like `Checkpoints.replace`. */
  replace(next: Incidents): Promise<Incidents | undefined>;
}

/** Where people listen. */
export interface People {
  /** @throws where it was not taken */
  send(message: Message): Promise<void>;
}
