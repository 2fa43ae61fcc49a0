import { isDeepStrictEqual } from 'node:util';

import type { Connector } from '../connectors/connector.ts';
import type { Breakers, Checkpoints, Clock } from '../sync/ports.ts';
import type { Stream } from '../sync/settings.ts';
import { nextIncidents } from './incident.ts';
import { messageOf, type Message } from './incident-message.ts';
import type { IncidentStore, People } from './ports.ts';
import { standingOf } from './standing.ts';

export interface WatchedConnection {
  readonly name: string;
  readonly connector: Connector;
  readonly streams: readonly Stream[];
}

export interface TellDependencies {
  readonly deployment: string;
  /** The page on which the sections of the runbook are. */
  readonly runbook: string;
  readonly checkpoints: Pick<Checkpoints, 'readAll'>;
  readonly breakers: Pick<Breakers, 'read'>;
  readonly incidents: IncidentStore;
  readonly people: People;
  readonly clock: Clock;
  /** What comes within so many milliseconds is one message. */
  readonly gatherMs: number;
}

/** So long others wait for one that sends. It is over before Lambda tries an invocation again. */
const sendingMs = 30_000;
const soonMs = 1000;

/**
 * Tells people what has become of a connection: by the alarms that change their state, and by the writes of its checkpoints, whoever
 * comes first. What has been told is stored, so the other has nothing to tell; a message is stored as sent after it was sent, so one
 * that a dying function may have sent is sent again.
 *
 * It takes up to a minute, in which further streams may join.
 *
 * @returns what it has sent
 * @throws what the store or the topic throws; it may be called again
 */
export async function tellIncidents(
  connection: WatchedConnection,
  deps: TellDependencies,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const sent: Message[] = [];
  for (;;) {
    const again = await tellOnce(connection, deps, sent);
    if (again === null) return sent;
    await deps.clock.sleep(Math.max(0, again - deps.clock.now()), signal);
  }
}

/** @returns when to look again; null if all has been told */
async function tellOnce(
  { name, connector, streams }: WatchedConnection,
  { deployment, runbook, checkpoints, breakers, incidents, people, clock, gatherMs }: TellDependencies,
  sent: Message[],
): Promise<number | null> {
  const stored = await incidents.read(name);
  const [found, breaker] = await Promise.all([
    checkpoints.readAll(streams.map((stream) => stream.name)),
    breakers.read(name),
  ]);
  const now = clock.now();
  const standing = standingOf(streams, found, breaker, now);
  // Who sends now may not have seen what was seen here.
  if (stored.sendingUntil !== null && stored.sendingUntil > now) return now + soonMs;
  const { open, news, again } = nextIncidents(stored.open, standing, now, gatherMs);
  if (news.length === 0) {
    if (isDeepStrictEqual(open, stored.open)) return again;
    return (await incidents.replace({ ...stored, open })) === undefined ? now + soonMs : again;
  }
  const claimed = await incidents.replace({ ...stored, sendingUntil: now + sendingMs });
  if (claimed === undefined) return now + soonMs;
  const told = { deployment, connection: name, connector, checkpoints: found, standing, runbook, now };
  for (const one of news) {
    const message = messageOf(one, told);
    await people.send(message);
    sent.push(message);
  }
  const done = await incidents.replace({ ...claimed, sendingUntil: null, open });
  return done === undefined ? now + soonMs : again;
}
