import type { ConnectionTrouble, StreamTrouble } from '../sync/troubles.ts';
import type { Severity } from './alarm-kinds.ts';

/**
 * What people are told of a connection's troubles: one incident for each kind of them, however many streams have it. Pure. All times
 * are epoch milliseconds.
 */

export type IncidentKind = StreamTrouble | ConnectionTrouble;

/** How a stream came out of it. */
export type Leaving = 'well' | 'paused' | 'taken out';

export interface AffectedStream {
  readonly since: number;
  /** Null while it is still affected. */
  readonly left: Leaving | null;
}

export interface Incident {
  readonly kind: IncidentKind;
  readonly since: number;
  /** By name, those that have left it, too. */
  readonly streams: Readonly<Record<string, AffectedStream>>;
  /** What people have been told last, and when; null before the first message. */
  readonly told: {
    readonly at: number;
    readonly severity: Severity;
    readonly streams: readonly string[];
  } | null;
}

/** The incidents of a connection, as they are stored. */
export interface Incidents {
  readonly connection: string;
  /** Counts the writes; 0 is "not stored yet". */
  readonly revision: number;
  /** Somebody is sending a message until then at the latest: others wait. */
  readonly sendingUntil: number | null;
  readonly open: readonly Incident[];
}

export function noIncidents(connection: string): Incidents {
  return { connection, revision: 0, sendingUntil: null, open: [] };
}

/** One stream with one trouble. */
export interface Trouble {
  readonly kind: IncidentKind;
  readonly stream: string;
  readonly since: number;
  readonly severity: Severity;
}

/** What is stored of a connection now. */
export interface Standing {
  readonly troubles: readonly Trouble[];
  /** Streams that a person has paused. */
  readonly paused: ReadonlySet<string>;
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
  /** When there may be more to tell that is being gathered; null if there is nothing. */
  readonly again: number | null;
}

/**
 * @param gatherMs streams of a connection fail one after the other, by their ticks: what comes within so many milliseconds is one
 * message
 */
export function nextIncidents(
  open: readonly Incident[],
  standing: Standing,
  now: number,
  gatherMs: number,
): Next {
  const kinds = new Set([...open.map(({ kind }) => kind), ...standing.troubles.map(({ kind }) => kind)]);
  const steps = [...kinds].map((kind) =>
    nextIncident(
      open.find((incident) => incident.kind === kind),
      kind,
      standing,
      { now, gatherMs },
    ),
  );
  const times = steps.flatMap(({ again }) => again ?? []);
  return {
    open: steps.flatMap(({ incident }) => incident ?? []),
    news: steps.flatMap(({ news }) => news ?? []),
    again: times.length === 0 ? null : Math.min(...times),
  };
}

interface Step {
  /** Null once it is over. */
  readonly incident: Incident | null;
  readonly news: News | null;
  readonly again: number | null;
}

function nextIncident(
  before: Incident | undefined,
  kind: IncidentKind,
  standing: Standing,
  { now, gatherMs }: { readonly now: number; readonly gatherMs: number },
): Step {
  const troubles = standing.troubles.filter((trouble) => trouble.kind === kind);
  const streams = affected(before, troubles, standing);
  const since = Math.min(...Object.values(streams).map((stream) => stream.since));
  const incident: Incident = { kind, since, streams, told: before?.told ?? null };
  const { told } = incident;
  const severity: Severity = troubles.some((trouble) => trouble.severity === 'page') ? 'page' : 'ticket';
  if (troubles.length === 0) {
    const news: News | null = told && { what: 'over', severity: told.severity, incident };
    return { incident: null, news, again: null };
  }
  const what = whatIsNew(incident, troubles, severity);
  if (what === null) return { incident, news: null, again: null };
  const due = dueAt(what, incident, gatherMs);
  if (due > now) return { incident, news: null, again: due };
  const names = troubles.map(({ stream }) => stream);
  const toldNow: Incident['told'] = {
    at: now,
    severity: told?.severity === 'page' ? 'page' : severity,
    streams: [...new Set([...(told?.streams ?? []), ...names])],
  };
  const next = { ...incident, told: toldNow };
  return { incident: next, news: { what, severity: toldNow.severity, incident: next }, again: null };
}

function affected(
  before: Incident | undefined,
  troubles: readonly Trouble[],
  { paused, streams }: Standing,
): Incident['streams'] {
  const known = Object.entries(before?.streams ?? {}).map(
    ([name, { since, left }]): [string, AffectedStream] => {
      const leaving = streams.includes(name) ? (paused.has(name) ? 'paused' : 'well') : 'taken out';
      return [name, { since, left: left ?? leaving }];
    },
  );
  const now = troubles.map(({ stream, since }): [string, AffectedStream] => {
    const known = before?.streams[stream];
    return [stream, { since: known?.left === null ? known.since : since, left: null }];
  });
  return Object.fromEntries<AffectedStream>([...known, ...now]);
}

function whatIsNew(
  { told }: Incident,
  troubles: readonly Trouble[],
  severity: Severity,
): Exclude<News['what'], 'over'> | null {
  if (told === null) return 'begun';
  if (severity === 'page' && told.severity === 'ticket') return 'worse';
  return troubles.some(({ stream }) => !told.streams.includes(stream)) ? 'joined' : null;
}

function dueAt(what: Exclude<News['what'], 'over'>, { since, told }: Incident, gatherMs: number): number {
  switch (what) {
    case 'begun':
      return since + gatherMs;
    case 'joined':
      return (told?.at ?? since) + gatherMs;
    case 'worse':
      return 0;
  }
}
