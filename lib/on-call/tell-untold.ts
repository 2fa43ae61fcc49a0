import { isDeepStrictEqual } from 'node:util';

import type { Trouble } from '../sync/troubles.ts';
import type { AlarmLine } from './alarm-text.ts';
import {
  affectedIn,
  nextIncidents,
  noIncidents,
  type Incidents,
  type News,
  withSending,
  type Patience,
} from './incident.ts';
import { incidentSubject, threadOf, troubleInWords, type ToldConnection } from './incident-message.ts';
import { namesOf, textOf, timeInWords, type Message } from './message.ts';
import {
  readInTime,
  sendingMs,
  withTold,
  type Reading,
  type StoredDependencies,
  type TellDependencies,
  type OnCallConnection,
} from './tell-incidents.ts';

export type UntoldDependencies = StoredDependencies &
  Pick<TellDependencies, 'deployment' | 'typed' | 'incidents' | 'people'>;

/**
 * Ten minutes: long enough for a function that is tried again, and for what it gathers. Less half a minute, for two rounds of the
 * watchdog may lie less than ten minutes apart, and what it has seen in one is not to wait for the third.
 */
const untoldMs = 9.5 * 60_000;
const patience: Patience = {
  gatherMs: untoldMs,
  joinedMs: untoldMs,
  // By the next round it has been told: it may be this one whose number set the alarm off.
  seenMs: 4 * 60_000,
  worseMs: untoldMs,
  overMs: untoldMs,
  // At its end CloudWatch sets off by itself what it has held back.
  unmutedMs: 60_000,
};

/** The watchdog's next round is no later. */
const roundMs = 6 * 60_000;

/**
 * Tells people what nobody has told them of for ten minutes, in words that need no more than names: what keeps the other function
 * from telling is not to keep this one from it. Pages that are muted wait for the end of the mute.
 *
 * @returns what was sent
 * @throws what the checkpoints throw; AggregateError with what the topic refused, and the rest has been sent all the same
 */
export async function tellUntold(
  connection: OnCallConnection,
  deps: UntoldDependencies,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const { reading, isKnown } = await readUntold(connection, deps, signal);
  const { stored, told, mutedUntil } = reading;
  const { now, standing } = told;
  if (stored.sendingUntil !== null && stored.sendingUntil > now) return [];
  const { open, news } = nextIncidents(stored.open, standing, now, patience, mutedUntil);
  if (isKnown && isDeepStrictEqual(open, stored.open)) return [];
  const sending =
    news.length === 0
      ? { sendingUntil: null, noticed: true, open }
      : { sendingUntil: now + sendingMs, noticed: false, open: withSending(stored.open, news) };
  const claimed = isKnown ? await recorded({ ...stored, ...sending }, deps) : null;
  // Somebody was faster, and may have told it.
  if (claimed === undefined) return [];
  const toTell = claimed === null ? newsInThisRound(reading) : news;
  const { sent, left, errors } = await sendEach(toTell, told, deps);
  if (claimed !== null && news.length > 0) {
    await recorded({ ...withTold(claimed, open, left), sendingUntil: null }, deps);
  }
  if (errors.length === 0) return sent;
  throw new AggregateError(errors, `Not everything of ${connection.name} could be told`);
}

/**
 * Where it is not known what was told, or cannot be stored, each thing is told when it has come to be old, and not in all rounds that
 * follow.
 */
function newsInThisRound({ stored, told: { standing, now }, mutedUntil }: Reading): readonly News[] {
  const { news } = nextIncidents(stored.open, standing, now, { ...patience, seenMs: 0 }, mutedUntil);
  return news.filter(({ incident }) => now - incident.since < untoldMs + roundMs);
}

/** What was told may be what cannot be read. */
async function readUntold(
  connection: OnCallConnection,
  deps: UntoldDependencies,
  signal: AbortSignal,
): Promise<{ readonly reading: Reading; readonly isKnown: boolean }> {
  const unread: unknown[] = [];
  const read = (name: string): Promise<Incidents> =>
    deps.incidents.read(name).catch((error: unknown) => {
      unread.push(error);
      return noIncidents(name);
    });
  const reading = await readInTime(connection, { ...deps, incidents: { read } }, signal);
  return { reading, isKnown: unread.length === 0 };
}

async function sendEach(
  news: readonly News[],
  told: ToldConnection,
  deps: UntoldDependencies,
): Promise<{
  readonly sent: readonly Message[];
  readonly left: readonly News[];
  readonly errors: readonly unknown[];
}> {
  const sent: Message[] = [];
  const left: News[] = [];
  const errors: unknown[] = [];
  for (const one of news) {
    const message = untoldMessage(one, told, deps);
    try {
      await deps.people.send(message);
      sent.push(message);
    } catch (error) {
      left.push(one);
      errors.push(error);
    }
  }
  return { sent, left, errors };
}

/** @returns null where it cannot be stored, which is no reason to be silent; undefined if another writer was faster */
async function recorded(
  next: Incidents,
  { incidents }: Pick<UntoldDependencies, 'incidents'>,
): Promise<Incidents | undefined | null> {
  try {
    return await incidents.replace(next);
  } catch {
    return null;
  }
}

function untoldMessage(
  news: News,
  of: ToldConnection,
  { deployment, typed }: Pick<UntoldDependencies, 'deployment' | 'typed'>,
): Message {
  const { incident, severity, what } = news;
  const { kind, since } = incident;
  const isOver = what === 'over';
  const streams = isOver ? Object.keys(incident.streams) : affectedIn(incident);
  const lines: readonly AlarmLine[] = [
    { says: `${of.connector.title} (${of.name}): ${troubleInWords[kind]}${isOver ? ', and is over' : ''}.` },
    { says: '' },
    { says: `Streams: ${namesOf(streams)}` },
    { says: `Since: ${timeInWords(since)}` },
    // Nothing invokes the other function once a stream has joined.
    what === 'joined'
      ? { says: 'More of its streams have come to it.' }
      : { says: 'The function that tells of it has not done so for 10 minutes: its log says why.' },
    ...(isOver ? [] : [commandFor(kind, of.name, deployment)]),
  ];
  return {
    severity,
    subject: incidentSubject(news, of, { deployment }),
    text: textOf(lines, typed),
    thread: threadOf(incident, of, { deployment }),
  };
}

function commandFor(kind: Trouble, connection: string, stack: string): AlarmLine {
  switch (kind) {
    case 'unauthorized':
    case 'missing':
    case 'halted':
    case 'exhausted':
      return { says: 'To fix it:', command: { kind: 'pagekeeper', args: `fix ${connection}`, stack } };
    case 'unconfigured':
      return { says: 'To put its key in place:', command: { kind: 'secret', connection, stack } };
    case 'stale':
    case 'held':
    case 'throttled':
      return { says: 'Why, and what to do:', command: { kind: 'pagekeeper', args: 'status', stack } };
  }
}
