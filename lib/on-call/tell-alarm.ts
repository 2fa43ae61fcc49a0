import { parseStreamName } from '../connectors/stream-name.ts';
import { alarmKinds, alarmOf, runbookSection, type AlarmKind } from './alarm-kinds.ts';
import type { Message } from './incident-message.ts';
import { tellIncidents, type TellDependencies, type WatchedConnection } from './tell-incidents.ts';

/** An alarm of CloudWatch's that has changed its state. */
export interface AlarmChange {
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** When it changed, epoch milliseconds. */
  readonly at: number;
  /** In CloudWatch's words. */
  readonly reason: string;
  /** As it was synthesized: what is wrong, and what to do. */
  readonly description: string;
}

/** What people have been told of an alarm that is about no state of ours. */
export interface ToldAlarm {
  readonly name: string;
  /** Counts the writes; 0 is "not stored yet". */
  readonly revision: number;
  /** Since when they have been told that it is on, epoch milliseconds; null if they have not, or that it is over. */
  readonly onSince: number | null;
}

export interface ToldAlarms {
  /** Consistent; undefined if there is none. */
  read(name: string): Promise<ToldAlarm | undefined>;
  /** Like `Checkpoints.replace`. */
  replace(next: ToldAlarm): Promise<ToldAlarm | undefined>;
}

export interface AlarmDependencies extends TellDependencies {
  readonly connections: readonly WatchedConnection[];
  readonly alarms: ToldAlarms;
}

/** So long what is stored may take to be read; then what the alarm itself says has to do. */
const maxReadMs = 3000;

/** What is stored says more than an alarm of it; an alarm on what AWS measures speaks for itself. @returns what was sent */
export async function tellAlarm(
  change: AlarmChange,
  deps: AlarmDependencies,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const about = aboutOf(change.name, deps.deployment);
  if (about === null) return [];
  const connection = deps.connections.find(({ name }) => name === about.connection);
  // A person tries the way, and nothing is stored of it.
  if (change.reason.startsWith(testWord)) {
    return change.state === 'ALARM' ? send(change, about.kind, null, deps) : [];
  }
  if (about.isOfState && connection !== undefined) {
    if (await canBeRead(connection, deps, signal)) return tellIncidents(connection, deps, signal);
    return change.state === 'ALARM' ? send(change, about.kind, unread, deps) : [];
  }
  const before = await deps.alarms.read(change.name);
  const isOn = before?.onSince != null;
  if (change.state === (isOn ? 'ALARM' : 'OK') || change.state === 'INSUFFICIENT_DATA') return [];
  const sent = await send(change, about.kind, null, deps);
  const next = { name: change.name, revision: before?.revision ?? 0, onSince: isOn ? null : change.at };
  await deps.alarms.replace(next);
  return sent;
}

/** How the reason of an alarm begins that `pagekeeper test-alarm` sets off. */
export const testWord = 'TEST';

const unread = 'Details could not be read from the checkpoints table.';

async function send(
  change: AlarmChange,
  kind: AlarmKind,
  note: string | null,
  { people, runbook }: AlarmDependencies,
): Promise<readonly Message[]> {
  const message = messageOfAlarm(change, kind, note, runbook);
  await people.send(message);
  return [message];
}

/** What an alarm itself says. Pure. */
export function messageOfAlarm(
  { name, state, reason, description, at }: AlarmChange,
  kind: AlarmKind,
  note: string | null,
  runbook: string,
): Message {
  const { severity } = alarmKinds[kind];
  const word = state === 'OK' ? 'OVER' : severity === 'page' ? 'PAGE' : 'TICKET';
  return {
    severity,
    subject: `${word} ${name}`.replaceAll(/[^\x20-\x7E]/g, '?').slice(0, 99),
    text: [
      state === 'OK' ? `${name}: over.` : description,
      ...(note === null ? [] : [note]),
      `CloudWatch: ${reason}`,
      `Runbook: ${runbook}#${runbookSection(kind)}`,
    ].join('\n'),
    thread: `${name}-${String(at)}`,
  };
}

async function canBeRead(
  { name, streams }: WatchedConnection,
  { checkpoints, breakers, incidents, clock }: AlarmDependencies,
  signal: AbortSignal,
): Promise<boolean> {
  const within = new AbortController();
  const end = AbortSignal.any([signal, within.signal]);
  const late = clock.sleep(maxReadMs, end).then(
    () => false,
    () => false,
  );
  const all = Promise.all([
    checkpoints.readAll(streams.map((stream) => stream.name)),
    breakers.read(name),
    incidents.read(name),
  ]).then(
    () => true,
    () => false,
  );
  const isRead = await Promise.race([all, late]);
  within.abort();
  return isRead;
}

const stateKinds: ReadonlySet<AlarmKind> = new Set(Object.values(alarmOf));

/** Of an alarm's name, see `alarmNameOf`; null if it is none of ours. */
function aboutOf(
  name: string,
  deployment: string,
): { readonly kind: AlarmKind; readonly isOfState: boolean; readonly connection: string } | null {
  if (!name.startsWith(`${deployment} `)) return null;
  const rest = name.slice(deployment.length + 1);
  const kind = (Object.keys(alarmKinds) as AlarmKind[]).find(
    (one) => rest === alarmKinds[one].suffix || rest.endsWith(` ${alarmKinds[one].suffix}`),
  );
  if (kind === undefined) return null;
  const of = rest.slice(0, -alarmKinds[kind].suffix.length).trim().replace(/,$/, '');
  return { kind, isOfState: stateKinds.has(kind), connection: parseStreamName(of)?.connection ?? of };
}
