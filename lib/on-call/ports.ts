import type { Severity } from './alarm-kinds.ts';
import type { Incidents } from './incident.ts';
import type { Message } from './message.ts';
import type { AlarmChange } from './alarm-change.ts';
import type { ToldAlarm } from './told-alarm.ts';

export interface IncidentStore {
  /** Consistent; one that was never stored has no incident. */
  read(connection: string): Promise<Incidents>;
  /** Like `Checkpoints.replace`. */
  replace(next: Incidents): Promise<Incidents | undefined>;
}

export interface ToldAlarms {
  /** Consistent; undefined if there is none. */
  read(name: string): Promise<ToldAlarm | undefined>;
  /** Like `Checkpoints.replace`. */
  replace(next: ToldAlarm): Promise<ToldAlarm | undefined>;
}

/** Where people listen. */
export interface People {
  /** @throws where it was not taken */
  send(message: Message): Promise<void>;
}

/** Where pagers listen, which CloudWatch has told of the alarm itself. */
export interface Machines {
  /** The same once more, in words that say what it is about. @throws where it was not taken */
  repeat(change: AlarmChange, severity: Severity, words: string): Promise<void>;
  /** That alarms of these names are OK, where CloudWatch does not say so. @param at epoch milliseconds @throws where it was not taken */
  end(alarmNames: readonly string[], severity: Severity, words: string, at: number): Promise<void>;
}
