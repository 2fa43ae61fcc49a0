import { isDeepStrictEqual } from 'node:util';

import type { Connector } from '../connectors/connector.ts';
import type { Breakers, Checkpoints, Clock } from '../sync/ports.ts';
import { readStored } from '../sync/publish-troubles.ts';
import type { Stream } from '../sync/settings.ts';
import { alarmNameOf, alarmOf } from './alarm-kinds.ts';
import {
  nextIncidents,
  raises,
  withSending,
  type Incident,
  type Incidents,
  type News,
  type Patience,
} from './incident.ts';
import { messageOf, type Told, type ToldConnection } from './incident-message.ts';
import type { Message } from './message.ts';
import type { Mutes } from './mute.ts';
import type { IncidentStore, Machines, People } from './ports.ts';
import { standingOf } from './standing.ts';

export interface OnCallConnection {
  readonly name: string;
  readonly connector: Connector;
  readonly streams: readonly Stream[];
}

export interface StoredDependencies {
  readonly checkpoints: Pick<Checkpoints, 'readAll'>;
  readonly breakers: Pick<Breakers, 'read'>;
  readonly incidents: Pick<IncidentStore, 'read'>;
  readonly mutes: Pick<Mutes, 'read'>;
  readonly clock: Clock;
}

export interface TellDependencies extends StoredDependencies, Told {
  readonly incidents: IncidentStore;
  readonly people: People;
  readonly machines: Machines;
  /** What comes within so many milliseconds is one message. */
  readonly gatherMs: number;
}

/** So long others wait for one that sends. It is over before Lambda tries an invocation again. */
export const sendingMs = 30_000;
const soonMs = 1000;

/** So long what is stored may take to be read. */
const maxReadMs = 3000;

/**
 * Tells people what has become of a connection: by the alarms that change their state, and by the writes of its checkpoints, whoever
 * comes first. What has been told is stored, so the other has nothing to tell; a message is stored as sent after it was sent, so one
 * that a dying function may have sent is sent again.
 *
 * It takes up to a minute, in which further streams may join.
 *
 * @returns what it has sent
 * @throws what the stores or the topic throw; it may be called again
 */
export async function tellIncidents(
  connection: OnCallConnection,
  deps: TellDependencies,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const sent: Message[] = [];
  await tellAll(connection, deps, signal, sent);
  return sent;
}

/** The same. @param sent is added to: it is known so where an error comes behind it @returns what is known now */
export async function tellAll(
  connection: OnCallConnection,
  deps: TellDependencies,
  signal: AbortSignal,
  sent: Message[],
): Promise<Reading> {
  const { clock, gatherMs } = deps;
  const giveUpAt = clock.now() + 2 * gatherMs + sendingMs;
  for (;;) {
    const reading = await readInTime(connection, deps, signal);
    const { open, again } = await tellOnce(reading, deps, sent);
    // Those that join later have a write of their own, and the watchdog finds what nobody has told.
    if (again === null || again > giveUpAt) return { ...reading, stored: { ...reading.stored, open } };
    await clock.sleep(Math.max(0, again - clock.now()), signal);
  }
}

interface Done {
  /** What people know now. */
  readonly open: readonly Incident[];
  /** When to look again; null if all has been told. */
  readonly again: number | null;
}

async function tellOnce(
  { stored, told, mutedUntil }: Reading,
  deps: TellDependencies,
  sent: Message[],
): Promise<Done> {
  const { incidents, people, clock, gatherMs } = deps;
  const { now, standing } = told;
  const soon = (): Done => ({ open: stored.open, again: clock.now() + soonMs });
  // Who sends now may not have seen what was seen here.
  if (stored.sendingUntil !== null && stored.sendingUntil > now) return soon();
  const joinedMs = 10 * gatherMs;
  const patience: Patience = { gatherMs, joinedMs, seenMs: 0, worseMs: 0, overMs: 0, unmutedMs: 0 };
  const { open, news, again } = nextIncidents(stored.open, standing, now, patience, mutedUntil);
  if (news.length === 0) {
    const isSame = isDeepStrictEqual(open, stored.open);
    return isSame || (await incidents.replace({ ...stored, noticed: false, open })) !== undefined
      ? { open, again }
      : soon();
  }
  const sendingUntil = now + sendingMs;
  const sending = { ...stored, sendingUntil, noticed: false, open: withSending(stored.open, news) };
  let claimed = await incidents.replace(sending);
  const left = [...news];
  for (const one of news) {
    if (claimed === undefined) return soon();
    const message = messageOf(one, told, deps);
    await people.send(message);
    sent.push(message);
    if (one.what === 'over' && mutedUntil !== null && mutedUntil > now)
      await endMuted(one, open, told, deps, message);
    left.shift();
    // One by one: where the next one is refused, this one is not sent again.
    claimed = await incidents.replace(withTold(claimed, open, left));
  }
  return claimed === undefined ? soon() : { open, again };
}

/** While an alarm is muted CloudWatch tells pagers of no end, and invokes nobody. */
async function endMuted(
  { incident, severity }: News,
  open: readonly Incident[],
  { name, now }: ToldConnection,
  { machines, deployment }: TellDependencies,
  { text }: Message,
): Promise<void> {
  const kinds = [...new Set(Object.values(alarmOf))].filter(
    (kind) => raises(incident, kind) && !open.some((other) => raises(other, kind)),
  );
  // It has one of them.
  const names = kinds.flatMap((kind) =>
    [false, true].map((isNested) => alarmNameOf(deployment, kind, name, isNested)),
  );
  if (severity === 'page') await machines.end(names, severity, text, now);
}

/** @param left news that have not been sent: of these nothing has been told */
export function withTold(claimed: Incidents, after: readonly Incident[], left: readonly News[]): Incidents {
  const isLeft = ({ kind }: Incident): boolean => left.some(({ incident }) => incident.kind === kind);
  const open = [...after.filter((one) => !isLeft(one)), ...claimed.open.filter(isLeft)];
  return { ...claimed, open, sendingUntil: left.length === 0 ? null : claimed.sendingUntil };
}

export interface Reading {
  readonly stored: Incidents;
  readonly told: ToldConnection;
  readonly mutedUntil: number | null;
}

/** @throws where it takes too long, too: whoever waits for it has something to say without it */
export async function readInTime(
  connection: OnCallConnection,
  deps: StoredDependencies,
  signal: AbortSignal,
): Promise<Reading> {
  const inTime = new AbortController();
  const late = deps.clock.sleep(maxReadMs, AbortSignal.any([signal, inTime.signal])).then(() => {
    throw new Error(`What is stored of ${connection.name} could not be read within ${String(maxReadMs)} ms`);
  });
  try {
    return await Promise.race([readConnection(connection, deps), late]);
  } finally {
    // Nobody listens to it any more.
    late.catch(() => undefined);
    inTime.abort();
  }
}

/** What people have been told first: where that has changed by the time it is written, what is read behind it may have, too. */
async function readConnection(
  { name, connector, streams }: OnCallConnection,
  { checkpoints, breakers, incidents, mutes, clock }: StoredDependencies,
): Promise<Reading> {
  const stored = await incidents.read(name);
  const unreadable = new Set<string>();
  const [found, breaker, mutedUntil] = await Promise.all([
    readStored(streams, checkpoints, (stream) => unreadable.add(stream)),
    breakers.read(name),
    // Where it cannot be read there is none: a page too many is better than one too few.
    mutes.read(name).then(
      (mute) => mute?.until ?? null,
      () => null,
    ),
  ]);
  const now = clock.now();
  const standing = standingOf({ ...found, unreadable, breaker }, now);
  const told = { name, connector, streams, checkpoints: found.checkpoints, standing, now };
  return { stored, told, mutedUntil };
}
