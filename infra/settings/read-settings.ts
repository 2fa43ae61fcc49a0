import { RetentionDays } from 'aws-cdk-lib/aws-logs';

import { defaultStreams, type Connector, type StreamDefinition } from '../../lib/connectors/connector.ts';
import { connectors as builtIn, isBuiltIn, type Connectors } from '../../lib/connectors/registry.ts';
import { nothingElse } from '../../lib/runtime/setting.ts';
import { streamChoice } from '../../lib/runtime/stream-settings.ts';
import { defaultMemoryMb } from '../../lib/sync/settings.ts';
import { gapsOf } from '../schedules/schedule-gap.ts';
import { closest } from '../terminal/closest.ts';
import { checkLimitGroups, checkLimits } from './check-limits.ts';
import { checkFreshness, checkStream } from './check-stream.ts';
import { defaultSchedule } from './default-schedule.ts';
import { kmsKeyOf } from './kms-key.ts';
import { pageCapOf } from './page-cap.ts';
import { below, SettingsError, wrongValue } from './settings-error.ts';
import {
  parseSettings,
  scheduleChoice,
  type ConnectionInput,
  type SettingsInput,
  type StreamInput,
} from './settings-schema.ts';
import type { ConnectionSettings, OnCallTargets, ScheduledStream, Settings } from './settings.ts';

/** Without a stage it is production: a deployment that forgets it keeps its data. */
const defaultStage = 'prod';
const defaultRunbook = 'docs/runbook.md';
const defaultRetentionDays = RetentionDays.THREE_MONTHS;
const defaultWindowMinutes = 5;
/** Schedules, log groups and alarms of the watchdog stand beside those of the connections. */
const reservedName = 'watchdog';

/**
 * @param context the value of the context key `pagekeeper`; see settings-schema.ts for its shape.
 * @throws SettingsError that names the setting.
 */
export function readSettings(context: unknown): Settings {
  const input = parseSettings(context);
  const connectors: Connectors = { ...builtIn, ...input.connectors };
  const stage = input.stage ?? defaultStage;
  const chosen: Readonly<Record<string, ConnectionInput>> =
    input.connections ?? Object.fromEntries(namesByDefault().map((name) => [name, {}]));
  const connections = Object.entries(chosen).map(([name, connection]) =>
    connectionOf(name, connection, connectors),
  );
  if (connections.length === 0) {
    throw wrongValue('pagekeeper.connections', 'must name at least one connection', chosen);
  }
  checkLimitGroups(connections);
  return {
    stage,
    stackName: stage === defaultStage ? 'Pagekeeper' : `Pagekeeper-${stage}`,
    keepsData: stage !== 'dev',
    tables: tablesOf(input.tables),
    streamArns: {
      Records: streamArnOf('records', input.tables?.records),
      Checkpoints: streamArnOf('checkpoints', input.tables?.checkpoints),
    },
    changes: changesOf(input),
    lake: lakeOf(input),
    egress: input.egress ?? null,
    kmsKey: input.kmsKey === undefined ? null : kmsKeyOf(input.kmsKey),
    onCall: onCallOf(input.onCall),
    runbookUrl: input.runbookUrl ?? defaultRunbook,
    retentionDays: input.retentionDays ?? defaultRetentionDays,
    nested: input.nested ?? false,
    connections,
  };
}

/** Of Pagekeeper's own connectors those that have anything on by default. */
function namesByDefault(): readonly string[] {
  return Object.values(builtIn)
    .filter((connector) => defaultStreams(connector).length > 0)
    .map(({ name }) => name);
}

function tablesOf(input: SettingsInput['tables']): Settings['tables'] {
  const [Records = null, Checkpoints = null] = [input?.records?.name, input?.checkpoints?.name];
  if (Records !== null && Records === Checkpoints) {
    throw wrongValue(
      'pagekeeper.tables.checkpoints.name',
      'must be another table than that of records',
      Checkpoints,
    );
  }
  return { Records, Checkpoints };
}

/** @param part as the settings call it */
function streamArnOf(
  part: 'records' | 'checkpoints',
  { name, streamArn }: { readonly name?: string; readonly streamArn?: string | undefined } = {},
): string | null {
  if (streamArn === undefined) return null;
  if (streamArn.split('/')[1] === name) return streamArn;
  throw wrongValue(`pagekeeper.tables.${part}.streamArn`, 'must be of the table that is named', streamArn);
}

const defaultChangeDays = 90;

/** A table that there is already has no log unless its stream is named: the deployment of a version before goes on as it is. */
function changesOf({ changes, tables }: SettingsInput): Settings['changes'] {
  const { name, streamArn } = tables?.records ?? {};
  if (changes === false) return null;
  if (name !== undefined && streamArn === undefined) {
    if (changes === undefined) return null;
    throw new SettingsError(
      'pagekeeper.tables.records.streamArn: must name the stream of the table, for the change log is made from it; aws dynamodb describe-table shows it as LatestStreamArn',
    );
  }
  return { retentionDays: changes?.retentionDays ?? defaultChangeDays, before: changes?.before ?? false };
}

function lakeOf(input: SettingsInput): boolean {
  const { lake = false } = input;
  if (lake && changesOf(input) === null) {
    throw new SettingsError(
      'pagekeeper.lake: its tables are over the change log, and this deployment has none, because pagekeeper.changes is false, or pagekeeper.tables.records has no streamArn',
    );
  }
  return lake;
}

function onCallOf(input: SettingsInput['onCall']): Settings['onCall'] {
  const page = targetsOf(input);
  const ticket = targetsOf(input?.tickets);
  const nobody = ticket.emails.length + ticket.https.length === 0 && ticket.slack === null;
  // An e-mail can wait for the morning; a pager would ring.
  return { page, ticket: nobody ? { ...ticket, emails: page.emails } : ticket };
}

function targetsOf(
  input: Pick<NonNullable<SettingsInput['onCall']>, 'emails' | 'https' | 'slack'> | undefined,
): OnCallTargets {
  return { emails: input?.emails ?? [], https: input?.https ?? [], slack: input?.slack ?? null };
}

function connectionOf(name: string, input: ConnectionInput, connectors: Connectors): ConnectionSettings {
  const path = below('pagekeeper.connections', name);
  checkName(path, name);
  if (name === reservedName)
    throw wrongValue(path, 'must be named otherwise: every deployment has a part of that name', name);
  if (input.limitGroup !== undefined) checkName(`${path}.limitGroup`, input.limitGroup);
  const connector = connectorOf(path, connectors, name, input.connector);
  checkLimits(path, connector, input);
  const chosen: Readonly<Record<string, StreamInput>> =
    input.streams ?? Object.fromEntries(defaultStreams(connector).map((stream) => [stream, {}]));
  const names = Object.keys(chosen);
  const streams = Object.entries(chosen).flatMap(([stream, settings]) => {
    const schedule = defaultSchedule(name, connector, stream, names);
    return streamOf(below(`${path}.streams`, stream), connector, stream, settings, schedule) ?? [];
  });
  checkParents(path, connector, streams);
  if (streams.length === 0) {
    throw new SettingsError(
      `${path}.streams: must leave at least one stream enabled; remove the connection to stop it`,
    );
  }
  return {
    name,
    connector,
    limitGroup: input.limitGroup ?? name,
    limitPerMinute: input.limitPerMinute ?? null,
    limits: input.limits ?? [],
    secret: input.secret ?? null,
    baseUrl: (input.baseUrl ?? connector.baseUrl).replace(/\/+$/, ''),
    tokenUrl: tokenUrlOf(path, connector, input.tokenUrl),
    timeoutSeconds: input.timeoutSeconds ?? connector.timeoutSeconds,
    memoryMb: input.memoryMb ?? defaultMemoryMb,
    maxPageMb: pageCapOf(path, input),
    streams,
  };
}

function tokenUrlOf(path: string, { authentication, title }: Connector, given?: string): string | null {
  if (authentication.kind === 'oauth2') return given ?? authentication.tokenUrl;
  if (given === undefined) return null;
  throw wrongValue(`${path}.tokenUrl`, `must be left out, for ${title} gives no access tokens`, given);
}

function checkName(path: string, name: string): void {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name)) {
    const rule = 'must be named by 1 to 20 small letters, digits and hyphens, a letter first';
    throw wrongValue(path, rule, name);
  }
}

/** @param name of the connection, which is its connector's where none is given */
function connectorOf(
  path: string,
  connectors: Connectors,
  name: string,
  given: string | undefined,
): Connector {
  const wanted = given ?? name;
  const connector = Object.hasOwn(connectors, wanted) ? connectors[wanted] : undefined;
  if (connector !== undefined) return connector;
  const rule = `must be one of ${Object.keys(connectors).join(', ')}, or a file such as "./connectors/${name}.ts"`;
  throw wrongValue(`${path}.connector`, rule, given);
}

function definitionOf(
  path: string,
  connector: Connector,
  stream: string,
  of: string | undefined,
): StreamDefinition {
  const name = of ?? stream;
  checkStreamName(path, stream);
  const definition = Object.hasOwn(connector.streams, name) ? connector.streams[name] : undefined;
  if (definition !== undefined) return definition;
  const meant = closest(name, Object.keys(connector.streams));
  const question = meant === undefined ? '' : `did you mean ${meant}? `;
  const all = isBuiltIn(connector)
    ? `docs/streams.md has all of ${connector.title}`
    : `${connector.title} has ${Object.keys(connector.streams).join(', ')}`;
  throw new SettingsError(`${path}${of === undefined ? '' : '.of'}: unknown stream; ${question}${all}`);
}

function checkStreamName(path: string, name: string): void {
  if (/^[a-z][a-z0-9-]{0,39}$/.test(name)) return;
  throw wrongValue(path, 'must be named by 1 to 40 small letters, digits and hyphens, a letter first', name);
}

/** Whose rows a stream asks for one by one: they have to be here. */
function checkParents(path: string, connector: Connector, streams: readonly ScheduledStream[]): void {
  for (const { name, definition } of streams) {
    const { parents } = definition;
    if (parents === undefined || 'param' in parents) continue;
    const other = streams.find((stream) => stream.name === parents.stream);
    if (other !== undefined) {
      // Under its name may be another list, whose ids are not those of the parents.
      if (other.definition === connector.streams[parents.stream]) continue;
      const rule = `must be ${parents.stream} or left out, for ${name} is asked for one of its records at a time`;
      throw wrongValue(`${below(`${path}.streams`, parents.stream)}.of`, rule, other.config.of);
    }
    throw new SettingsError(
      `${path}.streams.${name}: needs the stream ${parents.stream} beside it, for it is asked for one of its records at a time`,
    );
  }
}

/** @returns null for a stream that is left out of the deployment */
function streamOf(
  path: string,
  connector: Connector,
  name: string,
  input: StreamInput,
  usualSchedule: string,
): ScheduledStream | null {
  const chosen = streamChoice.parse(input);
  const {
    enabled = true,
    schedule = usualSchedule,
    timeZone,
    flexibleWindowMinutes,
    ...forgotten
  } = scheduleChoice.parse(input);
  nothingElse(forgotten);
  const definition = definitionOf(path, connector, name, chosen.of);
  if (!enabled) return null;
  checkStream(path, definition, chosen);
  const gaps = readGaps(`${path}.schedule`, schedule, timeZone);
  // Half a period at most, or the windows of two ticks would meet.
  const most = Math.floor(gaps.shortest / 60 / 2);
  const window = flexibleWindowMinutes ?? Math.min(defaultWindowMinutes, most);
  if (window > most) {
    const rule = `must be at most half of the schedule's shortest gap, ${String(most)} minutes`;
    throw wrongValue(`${path}.flexibleWindowMinutes`, rule, window);
  }
  const gapSeconds = gaps.longest + window * 60;
  checkFreshness(path, gapSeconds, chosen);
  return {
    name,
    definition,
    schedule,
    timeZone: timeZone ?? 'UTC',
    flexibleWindowMinutes: window,
    shortestGapSeconds: gaps.shortest,
    config: { gapSeconds, ...chosen },
  };
}

function readGaps(path: string, schedule: string, timeZone: string | undefined): ReturnType<typeof gapsOf> {
  try {
    return gapsOf(schedule, timeZone);
  } catch (error) {
    throw wrongValue(path, error instanceof Error ? error.message : String(error), schedule);
  }
}
