import { alarmKinds, alarmNameOf, type AlarmKind } from './alarm-kinds.ts';

/** A person has said that nothing of a connection is to page for a while. All times are epoch milliseconds. */
export interface Mute {
  readonly connection: string;
  /** Counts the writes; 0 is "not stored yet". */
  readonly revision: number;
  readonly since: number;
  /** A whole minute, or the moment at which a person has ended it early. */
  readonly until: number;
  /** In the words of the person. */
  readonly why: string;
  /** The ARN of the caller in AWS, the name of the user on a laptop. */
  readonly by: string;
}

export interface Mutes {
  /** Consistent. The last one, which may be over, see `inForce`; null if there has never been one. */
  read(connection: string): Promise<Mute | null>;
  /** Like `Checkpoints.replace`. */
  replace(next: Mute): Promise<Mute | undefined>;
}

/** The mute if it lasts now, else null. Pure. */
export function inForce(mute: Mute | null, now: number): Mute | null {
  return mute !== null && mute.until > now ? mute : null;
}

/** Of the alarms that a deployment has, those of a connection that page. Pure. @param names of all of them */
export function pageAlarmsOf(stack: string, connection: string, names: readonly string[]): readonly string[] {
  const kinds = (Object.keys(alarmKinds) as AlarmKind[]).filter(
    (kind) => alarmKinds[kind].severity === 'page',
  );
  const own = new Set(
    kinds.flatMap((kind) => [false, true].map((isNested) => alarmNameOf(stack, kind, connection, isNested))),
  );
  return names.filter((name) => own.has(name));
}
