import type { Trouble } from '../sync/troubles.ts';
import { alarmOf, type Severity, type TroubleAlarm } from './alarm-kinds.ts';

/**
 * What people are told of a connection's troubles: one incident for each kind of them, however many streams have it. Pure. All times
 * are epoch milliseconds.
 */

/** How a stream came out of it; `otherwise`: something else has stopped it now, before it was well. */
export type Leaving = 'well' | 'paused' | 'taken out' | 'otherwise';

export interface AffectedStream {
  readonly since: number;
  /** Null while it is still affected. */
  readonly left: { readonly how: Leaving; readonly at: number } | null;
}

export interface Incident {
  readonly kind: Trouble;
  /** When the first stream came to have it. It does not change, for the thread of the messages goes by it. */
  readonly since: number;
  /** When it was noticed first. */
  readonly seenAt: number;
  /** By name, those that have left it, too. */
  readonly streams: Readonly<Record<string, AffectedStream>>;
  /** Since when it is worth a page; null while it is not. */
  readonly pageSince: number | null;
  /** What people have been told last, and when; null before the first message. */
  readonly told: {
    readonly at: number;
    readonly severity: Severity;
    readonly streams: readonly string[];
  } | null;
  /** Of a first message that somebody set out to send, and has not said that it was sent: then its end is told as well. */
  readonly mayBeTold: Severity | null;
}

/** The incidents of a connection, as they are stored. */
export interface Incidents {
  readonly connection: string;
  /** Counts the writes; 0 is "not stored yet". */
  readonly revision: number;
  /** Somebody is sending a message until then at the latest: others wait. */
  readonly sendingUntil: number | null;
  /** The watchdog has written it, and found what nobody has been told of: the table's stream hands it to who tells. */
  readonly noticed: boolean;
  readonly open: readonly Incident[];
}

export function noIncidents(connection: string): Incidents {
  return { connection, revision: 0, sendingUntil: null, noticed: false, open: [] };
}

/** One stream with one trouble. */
export interface StandingTrouble {
  readonly kind: Trouble;
  readonly stream: string;
  readonly since: number;
  readonly severity: Severity;
}

/** What is stored of a connection now. */
export interface Standing {
  readonly troubles: readonly StandingTrouble[];
  /** Streams that a person has paused. */
  readonly paused: ReadonlySet<string>;
  /** Streams whose checkpoint cannot be understood: what they had they keep. */
  readonly unreadable: ReadonlySet<string>;
  /** The connection's streams, by their settings. */
  readonly streams: readonly string[];
}

/** What there is to tell. */
export interface News {
  readonly what: 'begun' | 'joined' | 'worse' | 'over';
  readonly severity: Severity;
  readonly incident: Incident;
}

export interface Next {
  /** What is to be stored once the news have been sent. */
  readonly open: readonly Incident[];
  readonly news: readonly News[];
  /** When there may be more to tell; null if there is nothing. */
  readonly again: number | null;
}

/** For so many milliseconds one who tells waits before he does. */
export interface Patience {
  /** Streams of a connection fail one after the other, by their ticks: what comes meanwhile is one message. */
  readonly gatherMs: number;
  /** From the last message, before another one that more streams have come to it. That it is all of them is told at once. */
  readonly joinedMs: number;
  /** From when it was noticed first. */
  readonly seenMs: number;
  /** From when a ticket has become worth a page. */
  readonly worseMs: number;
  /** From when the last stream has left. */
  readonly overMs: number;
  /** From the end of a mute. */
  readonly unmutedMs: number;
}

/** @param mutedUntil pages are held back until then; null where no person has said so */
export function nextIncidents(
  open: readonly Incident[],
  standing: Standing,
  now: number,
  patience: Patience,
  mutedUntil: number | null = null,
): Next {
  const kinds = new Set([...open, ...standing.troubles].map(({ kind }) => kind));
  const steps = [...kinds].map((kind) => {
    const before = open.find((incident) => incident.kind === kind);
    const { streams } = standing;
    return nextIncident(updated(before, kind, standing, now), { now, streams, patience, mutedUntil });
  });
  const times = steps.flatMap(({ again }) => again ?? []);
  return {
    open: steps.flatMap(({ incident }) => incident ?? []),
    news: steps.flatMap(({ news }) => news ?? []),
    again: times.length === 0 ? null : Math.min(...times),
  };
}

/** What is stored before news are sent. @param open before it @param news what is to be sent */
export function withSending(open: readonly Incident[], news: readonly News[]): readonly Incident[] {
  const begun = news
    .filter(({ what }) => what === 'begun')
    .map(({ incident, severity }): Incident => ({ ...incident, told: null, mayBeTold: severity }));
  return [...open.filter(({ kind }) => !begun.some((one) => one.kind === kind)), ...begun];
}

/** Whether it is what an alarm is on for. A stream whose pages fail for long is stale as well, and people are told of one incident. */
export function raises({ kind, pageSince }: Incident, alarm: TroubleAlarm): boolean {
  return alarmOf[kind] === alarm || (alarm === 'stale' && kind === 'exhausted' && pageSince !== null);
}

/** The streams that have it now. */
export function affectedIn({ streams }: Incident): readonly string[] {
  return Object.entries(streams).flatMap(([name, { left }]) => (left === null ? [name] : []));
}

/** As it is now, and nothing is told of it. */
function updated(before: Incident | undefined, kind: Trouble, standing: Standing, now: number): Incident {
  const troubles = standing.troubles.filter((trouble) => trouble.kind === kind);
  const isPage = troubles.some(({ severity }) => severity === 'page');
  return {
    kind,
    since: before?.since ?? Math.min(...troubles.map(({ since }) => since)),
    seenAt: before?.seenAt ?? now,
    streams: { ...leftBy(before?.streams ?? {}, standing, now), ...affectedBy(troubles, before) },
    pageSince: isPage ? (before?.pageSince ?? now) : null,
    ...stillTold(before, troubles),
  };
}

function leftBy(streams: Incident['streams'], standing: Standing, now: number): Incident['streams'] {
  return Object.fromEntries(
    Object.entries(streams).map(([name, stream]): [string, AffectedStream] => {
      const isKnown = !standing.unreadable.has(name);
      if (stream.left !== null || !isKnown) return [name, stream];
      return [name, { ...stream, left: { how: leavingOf(name, standing), at: now } }];
    }),
  );
}

function leavingOf(name: string, { troubles, paused, streams }: Standing): Leaving {
  if (!streams.includes(name)) return 'taken out';
  if (paused.has(name)) return 'paused';
  return troubles.some(({ stream }) => stream === name) ? 'otherwise' : 'well';
}

/** Of these it is stored since when a stream has had no good answer: another time is another stop. */
const stops: ReadonlySet<Trouble> = new Set(['missing', 'halted', 'exhausted']);

/** The stream was well meanwhile, though nobody has looked, and people have not been told of this stop. */
function isAnew({ kind, stream, since }: StandingTrouble, before: Incident | undefined): boolean {
  const known = before?.streams[stream];
  if (!stops.has(kind) || known?.left !== null) return false;
  return since > known.since && since > (before?.told?.at ?? since);
}

/** What people have been told, without the stops that they have not. */
function stillTold(
  before: Incident | undefined,
  troubles: readonly StandingTrouble[],
): Pick<Incident, 'told' | 'mayBeTold'> {
  const { told = null, mayBeTold = null } = before ?? {};
  if (told === null) return { told, mayBeTold };
  const anew = troubles.filter((trouble) => isAnew(trouble, before));
  const streams = told.streams.filter((name) => !anew.some(({ stream }) => stream === name));
  // Of what they were told before they are told the end, should this stop be over before it is told.
  if (streams.length === 0) return { told: null, mayBeTold: told.severity };
  return { told: { ...told, streams }, mayBeTold };
}

function affectedBy(troubles: readonly StandingTrouble[], before: Incident | undefined): Incident['streams'] {
  return Object.fromEntries(
    troubles.map((trouble): [string, AffectedStream] => {
      const known = before?.streams[trouble.stream];
      const isSame = known?.left === null && !isAnew(trouble, before);
      return [trouble.stream, { since: isSame ? known.since : trouble.since, left: null }];
    }),
  );
}

interface Step {
  /** Null once it is over. */
  readonly incident: Incident | null;
  readonly news: News | null;
  readonly again: number | null;
}

interface IncidentContext {
  readonly now: number;
  /** Of the connection. */
  readonly streams: readonly string[];
  readonly patience: Patience;
  readonly mutedUntil: number | null;
}

function nextIncident(incident: Incident, around: IncidentContext): Step {
  const { told, mayBeTold, pageSince } = incident;
  const what = whatIsNew(incident);
  // What was over before anybody was told of it is nobody's business.
  if (what === 'over' && told === null && mayBeTold === null)
    return { incident: null, news: null, again: null };
  if (what === null) return { incident, news: null, again: null };
  const severity = pageSince !== null || (told?.severity ?? mayBeTold) === 'page' ? 'page' : 'ticket';
  const { now, mutedUntil } = around;
  const isHeldBack = what !== 'over' && severity === 'page';
  if (isHeldBack && mutedUntil !== null && mutedUntil > now) return { incident, news: null, again: null };
  const due = dueAt(what, incident, isHeldBack, around);
  if (due > now) return { incident, news: null, again: due };
  if (what === 'over') return { incident: null, news: { what, severity, incident }, again: null };
  const streams = [...new Set([...(told?.streams ?? []), ...affectedIn(incident)])];
  const next = { ...incident, mayBeTold: null, told: { at: now, severity, streams } } as const;
  return { incident: next, news: { what, severity, incident: next }, again: null };
}

/** Whoever is told of these is told of the connection, with all its streams. */
const ofConnection: ReadonlySet<Trouble> = new Set(['unauthorized', 'unconfigured', 'throttled']);

function whatIsNew(incident: Incident): News['what'] | null {
  const { kind, told, pageSince } = incident;
  if (affectedIn(incident).length === 0) return 'over';
  if (told === null) return 'begun';
  if (pageSince !== null && told.severity === 'ticket') return 'worse';
  return !ofConnection.has(kind) && untoldIn(incident).length > 0 ? 'joined' : null;
}

function untoldIn(incident: Incident): readonly string[] {
  return affectedIn(incident).filter((name) => incident.told?.streams.includes(name) !== true);
}

function dueAt(
  what: News['what'],
  incident: Incident,
  isHeldBack: boolean,
  { streams, patience, mutedUntil }: IncidentContext,
): number {
  const due = whenPatienceEnds(what, incident, streams, patience);
  return isHeldBack && mutedUntil !== null ? Math.max(due, mutedUntil + patience.unmutedMs) : due;
}

function whenPatienceEnds(
  what: News['what'],
  incident: Incident,
  all: readonly string[],
  { gatherMs, joinedMs, seenMs, worseMs, overMs }: Patience,
): number {
  const { since, seenAt, streams, pageSince, told } = incident;
  switch (what) {
    case 'begun':
      return Math.max(since + gatherMs, seenAt + seenMs);
    case 'joined': {
      if (all.every((name) => streams[name]?.left === null)) return 0;
      const joinedAt = Math.min(...untoldIn(incident).map((name) => streams[name]?.since ?? since));
      return Math.max(joinedAt + gatherMs, (told?.at ?? since) + joinedMs);
    }
    case 'worse':
      return (pageSince ?? since) + worseMs;
    case 'over':
      return Math.max(...Object.values(streams).map(({ left }) => left?.at ?? since)) + overMs;
  }
}
