import { faultOf } from '../sync/fault.ts';
import type { Faults } from '../sync/ports.ts';
import type { AlarmChange } from './alarm-change.ts';
import {
  alarmKinds,
  alarmOf,
  isToldByAlarm,
  runbookSection,
  type AlarmKind,
  type TroubleAlarm,
} from './alarm-kinds.ts';
import { raises } from './incident.ts';
import { messageOf } from './incident-message.ts';
import { subjectOf, type Message } from './message.ts';
import type { ToldAlarms } from './ports.ts';
import type { ToldAlarm } from './told-alarm.ts';
import { tellAll, type Reading, type TellDependencies, type OnCallConnection } from './tell-incidents.ts';

export interface AlarmDependencies extends TellDependencies {
  readonly connections: readonly OnCallConnection[];
  readonly alarms: ToldAlarms;
  readonly faults: Faults;
}

/** What is stored says more than an alarm of it; an alarm on what AWS measures speaks for itself. @returns what people were sent */
export async function tellAlarm(
  change: AlarmChange,
  deps: AlarmDependencies,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const about = aboutOf(change.name, deps.deployment);
  if (about === null || change.state === 'INSUFFICIENT_DATA') return [];
  const { kind } = about;
  // A person tries the way, and nothing is stored of it.
  if (change.reason.startsWith(testWord)) {
    return change.state === 'ALARM' ? sendAlarm(change, kind, null, deps) : [];
  }
  const connection = deps.connections.find(({ name }) => name === about.connection);
  return isOfTrouble(kind) && connection !== undefined
    ? tellTrouble({ change, kind, connection }, deps, signal)
    : tellMeasured(change, kind, deps);
}

/** How the reason of an alarm begins that `pagekeeper test-alarm` sets off. */
export const testWord = 'TEST';

/** An alarm on what is stored of a connection. */
interface TroubleChange {
  readonly change: AlarmChange;
  readonly kind: TroubleAlarm;
  readonly connection: OnCallConnection;
}

async function tellTrouble(
  trouble: TroubleChange,
  deps: AlarmDependencies,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const { change, kind, connection } = trouble;
  const sent: Message[] = [];
  let reading: Reading;
  try {
    reading = await tellAll(connection, deps, signal, sent);
  } catch (error) {
    // An end can wait until it is tried again, and who has been told once is not told in other words.
    if (signal.aborted || change.state === 'OK' || sent.length > 0) throw error;
    deps.faults.note(connection.name, faultOf(error));
    const alarm = await sendAlarm(change, kind, 'Details could not be read.', deps);
    await remember(change, deps);
    return alarm;
  }
  await repeatToMachines(trouble, reading, sent, deps);
  if (change.state === 'OK') sent.push(...(await tellEndOfAlarm(trouble, reading, sent, deps)));
  return sent;
}

/** That people were told of the alarm in its own words, so that they are told of its end. */
async function remember({ name, at }: AlarmChange, { alarms, faults }: AlarmDependencies): Promise<void> {
  try {
    const before = await alarms.read(name);
    await alarms.replace({ name, revision: before?.revision ?? 0, onSince: at, at });
  } catch (error) {
    faults.note(name, faultOf(error));
  }
}

async function tellEndOfAlarm(
  { change, kind }: TroubleChange,
  { stored }: Reading,
  sent: readonly Message[],
  deps: AlarmDependencies,
): Promise<readonly Message[]> {
  if (stored.open.some((incident) => raises(incident, kind))) return [];
  const before = await deps.alarms.read(change.name);
  if (before?.onSince == null) return [];
  const end = sent.length > 0 ? [] : await sendAlarm(change, kind, null, deps);
  await deps.alarms.replace({ ...before, onSince: null, at: change.at });
  return end;
}

/** So that a pager shows stream and cause, under the name that it knows from CloudWatch. */
async function repeatToMachines(
  { change, kind }: TroubleChange,
  { stored, told, mutedUntil }: Reading,
  sent: readonly Message[],
  deps: AlarmDependencies,
): Promise<void> {
  const { severity } = alarmKinds[kind];
  const isMuted = severity === 'page' && mutedUntil !== null && mutedUntil > told.now;
  const open = stored.open.filter((incident) => raises(incident, kind));
  if (change.state === 'OK') {
    // A new alarm that comes to be OK ends nothing.
    if (open.length > 0 || change.stateBefore === 'INSUFFICIENT_DATA') return;
    const words = sent.map(({ text }) => text).join('\n\n');
    return deps.machines.repeat(change, severity, words === '' ? 'Nothing of it stands any more.' : words);
  }
  if (isMuted || open.length === 0) return;
  const words = open.map((incident) => messageOf({ what: 'begun', severity, incident }, told, deps).text);
  await deps.machines.repeat(change, severity, words.join('\n\n'));
}

/** An alarm on what AWS measures. */
async function tellMeasured(
  change: AlarmChange,
  kind: AlarmKind,
  deps: AlarmDependencies,
): Promise<readonly Message[]> {
  const { name, state, stateBefore, at } = change;
  // People have been told of its beginning by the alarm itself.
  if (isToldByAlarm(kind)) {
    return state === 'OK' && stateBefore === 'ALARM' ? sendAlarm(change, kind, null, deps) : [];
  }
  const before = await readTold(change, deps);
  // It has come twice, or behind what has become of the alarm since.
  if (before != null && at <= before.at) return [];
  const isNews = state === 'ALARM' || before?.onSince != null;
  const sent = isNews ? await sendAlarm(change, kind, null, deps) : [];
  if (before !== null) {
    const onSince = state === 'ALARM' ? at : null;
    await deps.alarms.replace({ name, revision: before?.revision ?? 0, onSince, at });
  }
  return sent;
}

/** @returns null where it cannot be read, which is no reason to be silent @throws where it is over: that can wait */
async function readTold(
  { name, state }: AlarmChange,
  { alarms, faults }: AlarmDependencies,
): Promise<ToldAlarm | undefined | null> {
  try {
    return await alarms.read(name);
  } catch (error) {
    if (state === 'OK') throw error;
    faults.note(name, faultOf(error));
    return null;
  }
}

async function sendAlarm(
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
  { name, state, reason, description }: AlarmChange,
  kind: AlarmKind,
  note: string | null,
  runbook: string,
): Message {
  const { severity } = alarmKinds[kind];
  const isOver = state === 'OK';
  const says = isOver ? `${name}: over.` : description;
  const section = `Runbook: ${runbook}#${runbookSection(kind)}`;
  return {
    severity,
    subject: subjectOf(`${isOver ? 'OVER' : severity.toUpperCase()} ${name}`),
    text: [
      says,
      ...(note === null ? [] : [note]),
      `CloudWatch: ${reason}`,
      // As descriptions end, too.
      ...(says.includes(section) ? [] : [section]),
    ].join('\n'),
    thread: name,
  };
}

function isOfTrouble(kind: AlarmKind): kind is TroubleAlarm {
  return Object.values<AlarmKind>(alarmOf).includes(kind);
}

/** Of an alarm's name, see `alarmNameOf`; null if it is none of ours. */
function aboutOf(
  name: string,
  deployment: string,
): { readonly kind: AlarmKind; readonly connection: string } | null {
  if (!name.startsWith(`${deployment} `)) return null;
  const rest = name.slice(deployment.length + 1);
  const kind = (Object.keys(alarmKinds) as AlarmKind[]).find((one) =>
    ` ${rest}`.endsWith(` ${alarmKinds[one].suffix}`),
  );
  if (kind === undefined) return null;
  return { kind, connection: rest.slice(0, -alarmKinds[kind].suffix.length).trim().replace(/,$/, '') };
}
