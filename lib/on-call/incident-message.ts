import type { Connector } from '../connectors/connector.ts';
import { parseStreamName } from '../connectors/stream-name.ts';
import type { Checkpoint } from '../sync/checkpoint.ts';
import { alarmOf, runbookSection, type Severity } from './alarm-kinds.ts';
import { adviceFor } from './alarm-texts.ts';
import { causeOf, type Cause } from './cause.ts';
import type { IncidentKind, Leaving, News, Standing } from './incident.ts';

/** What people are told of an incident, in words. Pure; it holds nothing of a record and nothing of a secret. */

export interface Message {
  readonly severity: Severity;
  /** ASCII, at most 99 characters: SNS refuses 100. */
  readonly subject: string;
  readonly text: string;
  /** The same for all messages of an incident. */
  readonly thread: string;
}

/** What the words are made of, beside the news. */
export interface Told {
  /** The stack's name. */
  readonly deployment: string;
  readonly connection: string;
  readonly connector: Connector;
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly standing: Standing;
  /** The page on which the sections of the runbook are. */
  readonly runbook: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function messageOf(news: News, told: Told): Message {
  const { incident, severity, what } = news;
  const lines = what === 'over' ? endOf(news, told) : troubleOf(news, told);
  const { runbook } = told;
  const section = `${runbook}#${runbookSection(alarmOf[incident.kind])}`;
  return {
    severity,
    subject: subjectOf(news, told),
    text: [...lines, `Runbook: ${section}`].join('\n'),
    thread: `${told.deployment}-${told.connection}-${incident.kind}-${String(incident.since)}`,
  };
}

const maxSubject = 99;

function subjectOf({ what, severity, incident }: News, { deployment, connection, standing }: Told): string {
  const word = {
    begun: severity === 'page' ? 'PAGE' : 'TICKET',
    joined: 'MORE',
    worse: 'PAGE',
    over: 'OVER',
  };
  const streams = Object.keys(incident.streams);
  const which = streams.length === standing.streams.length ? 'all streams' : namesOf(streams);
  const subject = `${word[what]} ${deployment}: ${connection} ${headings[incident.kind]}: ${which}`;
  const ascii = subject.replaceAll(/[^\x20-\x7E]/g, '?');
  return ascii.length <= maxSubject ? ascii : `${ascii.slice(0, maxSubject - 3)}...`;
}

const headings: Readonly<Record<IncidentKind, string>> = {
  unauthorized: 'key refused (401)',
  unconfigured: 'has no key yet',
  missing: 'not found (404)',
  halted: 'stopped',
  exhausted: 'pages fail',
  stale: 'late',
  held: 'waits for a person',
};

function troubleOf(news: News, told: Told): readonly string[] {
  const { incident } = news;
  const { connection, connector, checkpoints, standing, now } = told;
  const troubled = standing.troubles.filter(({ kind }) => kind === incident.kind).map(({ stream }) => stream);
  const isAll = troubled.length === standing.streams.length && troubled.length > 1;
  const first = checkpoints.get(troubled[0] ?? '');
  const reason = first?.reason ?? null;
  const others = standing.streams.filter(
    (stream) => !standing.troubles.some((trouble) => trouble.stream === stream),
  );
  const { what, data, advice } = wordsOf(incident.kind, { connector, checkpoint: first, isAll });
  return [
    `${connector.title} (${connection}): ${what}`,
    '',
    `Streams: ${isAll ? `all ${String(troubled.length)}: ` : ''}${namesOf(troubled, Infinity)}`,
    `Since: ${timeOf(incident.since)} (${agoInWords(now - incident.since)})`,
    ...(reason === null || incident.kind === 'held' ? [] : [`Last answer: ${reason}`]),
    `Data: ${data} ${othersInWords(others)}`,
    `Why: ${advice}`,
    `Do: ${commandOf(incident.kind, troubled, told)}`,
    `More: npx pagekeeper status --stack ${told.deployment}`,
  ];
}

function endOf({ incident }: News, { connection, connector, standing, now }: Told): readonly string[] {
  const left = (how: Leaving): string[] =>
    Object.entries(incident.streams).flatMap(([stream, { left: is }]) => (is === how ? [stream] : []));
  const still = standing.troubles.filter(({ stream }) => incident.streams[stream] !== undefined);
  const well = left('well').filter((name) => !still.some(({ stream }) => stream === name));
  return [
    `${connector.title} (${connection}): over after ${spanInWords(now - incident.since)}: ${headings[incident.kind]}.`,
    '',
    ...(well.length === 0 ? [] : [`Go on again: ${namesOf(well, Infinity)}`]),
    ...(left('paused').length === 0 ? [] : [`Paused by a person: ${namesOf(left('paused'), Infinity)}`]),
    ...(left('taken out').length === 0
      ? []
      : [`Taken out of the settings: ${namesOf(left('taken out'), Infinity)}`]),
    ...still.map(({ stream, kind }) => `Not well yet: ${shortName(stream)} (${headings[kind]})`),
  ];
}

interface Words {
  readonly what: string;
  readonly data: string;
  readonly advice: string;
}

const stored = 'What is stored is kept, and is not updated.';

function wordsOf(
  kind: IncidentKind,
  {
    connector,
    checkpoint,
    isAll,
  }: { readonly connector: Connector; readonly checkpoint: Checkpoint | undefined; readonly isAll: boolean },
): Words {
  const advice = adviceFor(connector);
  const { title } = connector;
  switch (kind) {
    case 'unauthorized':
      return {
        what: 'the key is refused (401). No stream is called any more.',
        data: stored,
        advice: advice.unauthorized,
      };
    case 'unconfigured':
      return {
        what: 'its secret has not been filled in. Nothing is called.',
        data: 'There are no records yet, or no newer ones.',
        advice: 'If that is intended for now, nothing has to be done.',
      };
    case 'missing':
      return {
        what: 'what is asked for does not exist (404). It is not called any more.',
        data: stored,
        advice: isAll
          ? `All streams are answered so: check the address (baseUrl), and whether ${title} still knows the account.`
          : advice.missing,
      };
    case 'halted':
      return {
        what: 'a request is refused that will not be accepted by asking again. It is not called any more.',
        data: stored,
        advice: `For 403 give ${title}'s user the permission to read it; for another 4xx fix the stream's settings.`,
      };
    case 'exhausted':
      return {
        what: 'pages fail, again and again. They are tried again by themselves.',
        data: 'Runs stay open at their pages, and nothing is lost. Until then nothing is updated.',
        advice: adviceOfCause[checkpoint === undefined ? 'other' : causeOf(checkpoint)](advice.exhausted),
      };
    case 'stale':
      return {
        what: 'no sync has gone through for longer than its target.',
        data: 'Records are older than the target, and nothing is lost.',
        advice:
          'Most likely it waits for a limit, takes longer than its target, or its ticks or functions fail.',
      };
    case 'held':
      return {
        what: 'something waits for a decision. No record has been deleted.',
        data: 'What the vendor gives is stored.',
        advice:
          'Many records are not given any more, or runs go in circles, over budget, or never have all rows.',
      };
  }
}

const adviceOfCause: Readonly<Record<Cause, (ofVendor: string) => string>> = {
  name: () => 'The name of the host is not found: check the address (baseUrl) and the name servers.',
  refused: () => 'The host cannot be reached: it is down, or a firewall or a VPC is in the way.',
  tls: () =>
    "The certificate of the host is not accepted: look whether it has expired; tell the vendor's support.",
  'no answer': (ofVendor) =>
    `No answer comes in time. Smaller pages (pageSize) or a longer timeoutSeconds may help. ${ofVendor}`,
  server: (ofVendor) => `The vendor has an error of its own (5xx). ${ofVendor}`,
  throttled: (ofVendor) => `The vendor has been asked too often (429). ${ofVendor}`,
  unreadable: () =>
    'The answer cannot be understood: check the address and the path, or show it to the vendor.',
  'own fault': () => 'The function met an error of its own, or crashed: read its log.',
  other: (ofVendor) => ofVendor,
};

function commandOf(kind: IncidentKind, streams: readonly string[], { connection, deployment }: Told): string {
  const [only] = streams;
  const target = streams.length === 1 && only !== undefined ? only : connection;
  const command = (args: string): string => `npx pagekeeper ${args} --stack ${deployment}`;
  switch (kind) {
    case 'unauthorized':
    case 'unconfigured':
      return command(`secret set ${connection}`);
    case 'missing':
    case 'halted':
      return `when it is fixed: ${command(`resume ${target}`)}`;
    case 'exhausted':
      return `nothing, if it passes; to try at once: ${command(`resume ${target}`)}`;
    case 'stale':
      return command(`explain ${only ?? connection}`);
    case 'held':
      return command(`explain ${only ?? connection}`);
  }
}

function othersInWords(streams: readonly string[]): string {
  if (streams.length === 0) return 'No other stream goes on.';
  return streams.length === 1 ? `${namesOf(streams)} goes on.` : `${namesOf(streams)} go on.`;
}

/** The first of them, and how many more. */
function namesOf(streams: readonly string[], max = 3): string {
  const names = streams.map(shortName);
  if (names.length <= max) return names.join(', ');
  return `${names.slice(0, max - 1).join(', ')} and ${String(names.length - max + 1)} more`;
}

function shortName(stream: string): string {
  return parseStreamName(stream)?.stream ?? stream;
}

function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function agoInWords(ms: number): string {
  return ms < 60_000 ? 'just now' : `${spanInWords(ms)} ago`;
}

function spanInWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${String(minutes)} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${String(hours)} hours` : `${String(Math.round(hours / 24))} days`;
}
