import type { Connector } from '../connectors/connector.ts';
import type { Checkpoint } from '../sync/checkpoint.ts';
import { blockedReason } from '../sync/credentials.ts';
import type { Trouble } from '../sync/troubles.ts';
import { alarmOf, runbookSection } from './alarm-kinds.ts';
import type { AlarmCommand, AlarmLine } from './alarm-text.ts';
import { adviceOfParents } from './alarm-texts.ts';
import { causeWords } from './cause-words.ts';
import { causeOf, type Cause } from './cause.ts';
import { affectedIn, type Incident, type Leaving, type News, type Standing } from './incident.ts';
import { dashboardUrl, pagesUrl } from './links.ts';
import {
  agoInWords,
  namesOf,
  shortName,
  spanInWords,
  subjectOf,
  textOf,
  timeInWords,
  type Message,
  type Typed,
} from './message.ts';
import type { Stream } from '../sync/settings.ts';

/** What people are told of an incident, in words. Pure. */

/** Who is told, and of what. */
export interface Told {
  /** The stack's name. */
  readonly deployment: string;
  /** Whose console has its logs; null on a laptop. */
  readonly region: string | null;
  /** The page on which the sections of the runbook are. */
  readonly runbook: string;
  readonly typed: Typed;
}

/** What the words are made of, beside the news. */
export interface ToldConnection {
  readonly name: string;
  readonly connector: Connector;
  readonly streams: readonly Stream[];
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly standing: Standing;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function messageOf(news: News, of: ToldConnection, told: Told): Message {
  const { incident, severity } = news;
  const lines = news.what === 'over' ? endOf(incident, of) : troubleOf(news, of, told);
  return {
    severity,
    subject: incidentSubject(news, of, told),
    text: textOf([...lines, { says: '' }, ...linksOf(incident, of, told)], told.typed),
    thread: threadOf(incident, of, told),
  };
}

export function threadOf(
  { kind, since }: Incident,
  { name }: Pick<ToldConnection, 'name'>,
  { deployment }: Pick<Told, 'deployment'>,
): string {
  return `${deployment}-${name}-${kind}-${String(since)}`;
}

export function incidentSubject(
  { what, severity, incident }: News,
  { name, standing }: Pick<ToldConnection, 'name' | 'standing'>,
  { deployment }: Pick<Told, 'deployment'>,
): string {
  const isOver = what === 'over';
  const word = isOver ? 'OVER' : what === 'joined' ? 'MORE' : severity.toUpperCase();
  const streams = isOver ? Object.keys(incident.streams) : affectedIn(incident);
  const which = isEach(streams, standing) ? 'all streams' : namesOf(streams, 3);
  const successors = isOver ? successorsOf(incident, standing) : [];
  const then = successors.length === 0 ? '' : `, gives way to ${successors.join(', ')}`;
  return subjectOf(`${word} ${deployment}: ${name} ${troubleInWords[incident.kind]}${then}: ${which}`);
}

/** What has taken its place, in words, where no stream of it is well. */
function successorsOf({ streams }: Incident, { troubles }: Standing): readonly string[] {
  const left = Object.entries(streams);
  if (left.some(([, stream]) => stream.left?.how === 'well')) return [];
  const others = left.flatMap(([name, stream]) => (stream.left?.how === 'otherwise' ? [name] : []));
  const kinds = troubles.filter(({ stream }) => others.includes(stream)).map(({ kind }) => kind);
  return [...new Set(kinds)].map((kind) => troubleInWords[kind]);
}

function isEach(streams: readonly string[], { streams: all }: Standing): boolean {
  return all.length > 1 && all.every((name) => streams.includes(name));
}

export const troubleInWords: Readonly<Record<Trouble, string>> = {
  unauthorized: 'key refused (401)',
  unconfigured: 'has no key yet',
  missing: 'not found (404)',
  halted: 'stopped',
  exhausted: 'pages fail',
  throttled: 'told to come later',
  stale: 'late',
  held: 'waits for a person',
};

function troubleOf(news: News, of: ToldConnection, told: Told): readonly AlarmLine[] {
  const { incident, what } = news;
  const { standing, now } = of;
  const streams = affectedIn(incident);
  const others = standing.streams.filter(
    (name) =>
      !standing.paused.has(name) &&
      !standing.unreadable.has(name) &&
      !standing.troubles.some(({ stream }) => stream === name),
  );
  const unknown = [...standing.unreadable].filter((name) => !streams.includes(name));
  const isAll = isEach(streams, standing);
  const which = isAll ? `all ${String(streams.length)}: ${namesOf(streams)}` : namesOf(streams);
  const { since } = incident;
  return [
    { says: headlineOf(incident.kind, streams, of) },
    ...(what === 'joined' ? [{ says: 'More of its streams have come to it.' }] : []),
    ...(what === 'worse' ? [{ says: 'It lasts, and is a page now.' }] : []),
    { says: '' },
    { says: `Streams: ${which}${othersInWords(others)}` },
    { says: `Since: ${timeInWords(since)} (${agoInWords(now - since)})` },
    { says: `Data: ${dataOf(incident.kind)}` },
    ...(unknown.length === 0
      ? []
      : [{ says: `Not known: ${namesOf(unknown)}. What is stored of it cannot be understood.` }]),
    ...causesOf(incident, of, isAll),
    repairOf(incident, of, told),
  ];
}

function headlineOf(
  kind: Trouble,
  streams: readonly string[],
  { name, connector: { title } }: ToldConnection,
): string {
  const who = `${title} (${name})`;
  // Which streams they are is on the next line.
  const still = `${streams.length === 1 ? `${namesOf(streams)} is` : 'These streams are'} not called any more.`;
  switch (kind) {
    case 'unauthorized':
      return `${who} refuses the key (401). No stream of it is called any more.`;
    case 'unconfigured':
      return `${who}: its secret has not been filled in. Nothing is called.`;
    case 'missing':
      return `${who} answers that what is asked for does not exist (404). ${still}`;
    case 'halted':
      return `${who}: what only a person can fix stands still. ${still}`;
    case 'exhausted':
      return `${who}: pages fail, again and again. They are tried again by themselves.`;
    case 'throttled':
      return `${who} says to come later (429, 503) more often than it answers.`;
    case 'stale':
      return `${who}: no sync has gone through to its end for longer than the target.`;
    case 'held':
      return `${who}: something waits for a decision. No record has been deleted.`;
  }
}

function dataOf(kind: Trouble): string {
  switch (kind) {
    case 'unauthorized':
    case 'missing':
    case 'halted':
      return 'What is stored is kept, and is not updated.';
    case 'unconfigured':
      return 'There are no records yet, or no newer ones.';
    case 'exhausted':
      return 'Nothing is lost, and nothing is updated until they succeed.';
    case 'throttled':
      return 'Nothing is lost, but syncs are slow.';
    case 'stale':
      return 'Records are older than the target. Nothing is lost.';
    case 'held':
      return 'What is given is stored.';
  }
}

function othersInWords(streams: readonly string[]): string {
  if (streams.length === 0) return '';
  return `; ${namesOf(streams, 5)} ${streams.length === 1 ? 'goes' : 'go'} on`;
}

/** Streams with one cause are told together. */
function causesOf(incident: Incident, of: ToldConnection, isAll: boolean): readonly AlarmLine[] {
  const groups = byCause(incident, of);
  const isLasting = incident.pageSince !== null;
  return [...groups].flatMap(([cause, streams]): readonly AlarmLine[] => {
    const extent = { isAll: isAll && groups.size === 1, isLasting };
    const { why, advice } = causeWords(cause, of.connector, extent);
    const whose = groups.size === 1 ? '' : ` (${namesOf(streams, 5)})`;
    const answer = answerOf(incident.kind, streams, of);
    return [
      ...(why === null ? [] : [{ says: `Why${whose}: ${why}` }]),
      ...(answer === null ? [] : [{ says: answer }]),
      { says: `What to do: ${[advice, ...parentsOf(cause, streams, of)].join(' ')}` },
    ];
  });
}

function byCause(incident: Incident, { checkpoints }: ToldConnection): ReadonlyMap<Cause, readonly string[]> {
  const groups = new Map<Cause, readonly string[]>();
  for (const stream of affectedIn(incident)) {
    const cause = causeOf(incident.kind, checkpoints.get(stream));
    groups.set(cause, [...(groups.get(cause) ?? []), stream]);
  }
  return groups;
}

/** In the vendor's words, as they are stored: scrubbed. Streams mostly have the same. */
function answerOf(kind: Trouble, streams: readonly string[], { checkpoints }: ToldConnection): string | null {
  if (kind === 'unconfigured' || kind === 'throttled') return null;
  const isOfRun = kind === 'stale' || kind === 'held';
  const reasons = streams.flatMap((stream) => {
    const { reason = null, stopped = null, lastStatus = null } = checkpoints.get(stream) ?? {};
    // Of streams that were not called the reason says nothing of it.
    return reason === null || (!isOfRun && stopped === null) ? [] : [{ reason, lastStatus }];
  });
  // That a stream was not called is in our words, and counts only where no other has the vendor's.
  const answers = reasons.filter(({ reason }) => reason !== blockedReason);
  const said = answers.length === 0 ? reasons : answers;
  const [first] = said;
  if (first === undefined) return null;
  const others = new Set(said.map(({ reason }) => reason)).size - 1;
  const more = others === 0 ? '' : ` (and ${String(others)} other${others === 1 ? '' : 's'})`;
  const isTry = first.lastStatus === null || first.reason === blockedReason;
  const label = isOfRun ? 'Its last run' : isTry ? 'Last try' : 'Last answer';
  return `${label}: ${first.reason}${more}`;
}

function parentsOf(cause: Cause, streams: readonly string[], of: ToldConnection): readonly string[] {
  const [only] = streams;
  const stream =
    cause === 'missing' && streams.length === 1 ? of.streams.find(({ name }) => name === only) : null;
  return stream == null ? [] : adviceOfParents(of.name, stream.definition);
}

/** The one command that repairs it. */
function repairOf(incident: Incident, of: ToldConnection, { deployment: stack }: Told): AlarmLine {
  const { name } = of;
  const pagekeeper = (args: string): AlarmCommand => ({ kind: 'pagekeeper', args, stack });
  const streams = affectedIn(incident);
  const [first = name] = streams;
  const target = streams.length === 1 ? `resume ${first}` : `fix ${name}`;
  const causes = [...byCause(incident, of).keys()];
  switch (incident.kind) {
    case 'unauthorized':
      return {
        says: 'To put a new key in place, or to try the same again:',
        command: pagekeeper(`fix ${name}`),
      };
    case 'unconfigured':
      return {
        says: 'Else put the credentials in place:',
        command: { kind: 'secret', connection: name, stack },
      };
    case 'missing':
      return { says: 'Then:', command: pagekeeper(target) };
    case 'halted':
      return causes.every((cause) => cause === 'damaged')
        ? { says: 'How all stands:', command: pagekeeper('status') }
        : { says: 'Then:', command: pagekeeper(target) };
    case 'exhausted':
      // To try at once does not help with what has lasted for so long at the vendor.
      return incident.pageSince !== null && causes.every((cause) => cause === 'server error')
        ? {
            says: 'If it is known, and should page no more for a while:',
            command: pagekeeper(`mute ${name} --for 2h --why 'vendor down'`),
          }
        : { says: 'To try at once:', command: pagekeeper(target) };
    case 'throttled':
      return { says: 'What waits for how long:', command: pagekeeper('status') };
    case 'stale':
      return { says: 'What it is doing, and what is next:', command: pagekeeper(`explain ${first}`) };
    case 'held':
      return streams.length > 1
        ? { says: 'What each of them waits for, and what ends it:', command: pagekeeper('status') }
        : repairOfHeld(causes[0] ?? 'doubt', first, pagekeeper);
  }
}

function repairOfHeld(cause: Cause, stream: string, pagekeeper: (args: string) => AlarmCommand): AlarmLine {
  switch (cause) {
    case 'deletions':
      return { says: 'If they are really gone:', command: pagekeeper(`allow-deletions ${stream}`) };
    case 'circles':
    case 'budget':
      return { says: 'To let it go on:', command: pagekeeper(`resume ${stream}`) };
    default:
      return { says: 'Its last runs:', command: pagekeeper(`explain ${stream}`) };
  }
}

const endInWords: Readonly<Record<Trouble, string>> = {
  unauthorized: 'the key works again',
  unconfigured: 'the key is there',
  missing: 'what was not found is there again',
  halted: 'what stood still goes on',
  exhausted: 'pages are answered again',
  throttled: 'most requests are answered again',
  stale: 'the sync is up to date again',
  held: 'nothing waits for a decision any more',
};

export function endSentence(
  kind: Trouble,
  { name, connector }: Pick<ToldConnection, 'name' | 'connector'>,
): string {
  return `${connector.title} (${name}): ${endInWords[kind]}.`;
}

function endOf(incident: Incident, of: ToldConnection): readonly AlarmLine[] {
  const { kind, since, streams } = incident;
  const { name, connector, standing, now } = of;
  const leftBy = (how: Leaving): readonly string[] =>
    Object.entries(streams).flatMap(([stream, { left }]) => (left?.how === how ? [stream] : []));
  const well = leftBy('well');
  const last = Math.max(...Object.values(streams).map(({ left }) => left?.at ?? now));
  const all = isEach(well, standing)
    ? `all ${String(well.length)} streams go on`
    : `${namesOf(well)} ${well.length === 1 ? 'goes' : 'go'} on`;
  const line = (what: string, names: readonly string[]): readonly AlarmLine[] =>
    names.length === 0 ? [] : [{ says: `${what}: ${namesOf(names)}` }];
  return [
    {
      says:
        well.length === 0
          ? noneWell(incident, of)
          : `${connector.title} (${name}): ${endInWords[kind]}; ${all} by ${timeInWords(last)}.`,
    },
    { says: '' },
    { says: `It lasted ${spanInWords(last - since)}, from ${timeInWords(since)}.` },
    ...line('Paused by a person', leftBy('paused')),
    ...line('Switched off or taken out of the settings', leftBy('taken out')),
    ...leftBy('otherwise').map((stream) => ({
      says: `Not well yet, for another reason: ${shortName(stream)} (${othersOf(stream, standing)})`,
    })),
  ];
}

function noneWell(incident: Incident, { name, connector: { title }, standing }: ToldConnection): string {
  const trouble = troubleInWords[incident.kind];
  const successors = successorsOf(incident, standing);
  return successors.length === 0
    ? `Of ${name} (${title}) nothing waits for it any more: ${trouble}.`
    : `${title} (${name}): "${trouble}" gives way to: ${successors.join(', ')}. No stream of it is well yet.`;
}

function othersOf(stream: string, { troubles }: Standing): string {
  const words = troubles.filter((one) => one.stream === stream).map(({ kind }) => troubleInWords[kind]);
  return words.length === 0 ? 'it has been told of' : words.join(', ');
}

function linksOf(incident: Incident, { name }: ToldConnection, told: Told): readonly AlarmLine[] {
  const { deployment, region, runbook } = told;
  const section = { says: 'Runbook:', page: `${runbook}#${runbookSection(alarmOf[incident.kind])}` };
  if (region === null) return [section];
  const streams = Object.keys(incident.streams);
  return [
    section,
    { says: 'Its pages:', page: pagesUrl(region, deployment, name, streams) },
    { says: 'Dashboard:', page: dashboardUrl(region, deployment) },
  ];
}
