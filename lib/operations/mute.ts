import { inForce, type Mute, type Mutes } from '../on-call/mute.ts';
import type { Clock } from '../sync/ports.ts';
import { leftAlone, notDone, type Done } from './done.ts';
import { clockInWords, startCommand } from './words.ts';

/** What keeps CloudWatch from acting on the alarms of a connection. */
export interface MuteRules {
  /** As long as it lasts; in place of one that there may be. @returns null, or in one sentence why CloudWatch did not take it */
  put(mute: Omit<Mute, 'revision'>): Promise<string | null>;
  /** Harmless where there is none. @returns as `put` */
  remove(connection: string): Promise<string | null>;
}

export interface MutePorts {
  readonly mutes: Mutes;
  /** Null where there is no CloudWatch. */
  readonly rules: MuteRules | null;
  readonly clock: Pick<Clock, 'now'>;
}

export interface MuteWish {
  readonly forMs: number;
  readonly why: string;
  readonly by: string;
}

const minuteMs = 60_000;

/**
 * Holds back what pages of a connection: by what is stored the messages to people, by a rule the actions of its alarms. First what
 * is stored: with a rule alone CloudWatch would be silent, and who looks for a mute would find none.
 *
 * It replaces one that lasts, whether it ends earlier or later.
 */
export async function muteConnection(
  connection: string,
  { forMs, why, by }: MuteWish,
  { mutes, rules, clock }: MutePorts,
): Promise<Done> {
  const since = clock.now();
  // CloudWatch counts in minutes.
  const until = Math.ceil((since + forMs) / minuteMs) * minuteMs;
  const mute = { connection, since, until, why, by };
  await changeMute(mutes, connection, (before) => ({ ...mute, revision: before?.revision ?? 0 }));
  const fault = (await rules?.put(mute)) ?? null;
  const when = clockInWords(until, since);
  if (fault !== null) {
    const sentence = `Messages that page about ${connection} are held back until ${when}, but its alarms in CloudWatch act as before, so that a pager may ring. ${fault}`;
    return { ...notDone(connection, sentence), changed: true };
  }
  const then =
    rules === null
      ? `On this machine ${startCommand} holds back its messages that page until then.`
      : 'What still stands then is sent once; tickets are sent as ever.';
  return {
    ...{ target: connection, changed: true },
    sentence: `Pages about ${connection} are muted until ${when}. ${then}`,
  };
}

/** Ends a mute before its time. What stands is sent at once. */
export async function unmuteConnection(
  connection: string,
  { mutes, rules, clock }: MutePorts,
): Promise<Done> {
  const now = clock.now();
  const ended = await changeMute(mutes, connection, (before) => {
    const lasting = inForce(before, now);
    return lasting && { ...lasting, until: now };
  });
  // Also where no mute lasts: a rule may have been left behind by one that was ended in part.
  const fault = (await rules?.remove(connection)) ?? null;
  if (fault !== null) {
    const sentence = `Messages that page about ${connection} are sent, but its alarms in CloudWatch may be muted until the rule ends by itself, so that a pager may stay silent. ${fault}`;
    return { ...notDone(connection, sentence), changed: ended !== null };
  }
  if (ended === null) return leftAlone(connection, `Pages about ${connection} are not muted.`);
  const then = rules === null ? '' : ' What stands is sent now.';
  return {
    ...{ target: connection, changed: true },
    sentence: `Pages about ${connection} are not muted any more.${then}`,
  };
}

/** As `changeCheckpoint`. @param change null leaves it as it is @returns what is stored by it, or null */
async function changeMute(
  mutes: Mutes,
  connection: string,
  change: (before: Mute | null) => Mute | null,
): Promise<Mute | null> {
  for (;;) {
    const next = change(await mutes.read(connection));
    if (next === null) return null;
    const stored = await mutes.replace(next);
    if (stored !== undefined) return stored;
  }
}
