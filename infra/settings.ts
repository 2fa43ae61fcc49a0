import { RetentionDays } from 'aws-cdk-lib/aws-logs';

import { defaultStreams, type Connector, type StreamDefinition } from '../lib/connectors/connector.ts';
import { connectors } from '../lib/connectors/registry.ts';
import type { ConnectionConfig } from '../lib/runtime/environment.ts';
import { defaultDeletionGuard } from '../lib/sync/settings.ts';
import { closest } from './closest.ts';
import { defaultSchedule } from './default-schedule.ts';
import { gapsOf } from './schedule-gap.ts';
import { SettingsError, wrongValue } from './settings-error.ts';
import {
  parseSettings,
  type ConnectionInput,
  type SettingsInput,
  type StreamInput,
} from './settings-schema.ts';

/** What is deployed: the user's settings with every default filled in. */
export interface Settings {
  readonly stage: string;
  /** `Pagekeeper`, and the stage behind it unless that is `prod`. Also the dimension `deployment` of every metric. */
  readonly stackName: string;
  /** The data outlives the stack and cannot be deleted by accident. */
  readonly keepsData: boolean;
  /** By severity: who is told. */
  readonly onCall: Readonly<Record<Severity, OnCallTargets>>;
  readonly retentionDays: RetentionDays;
  readonly connections: readonly ConnectionSettings[];
}

/** `page` wakes somebody; `ticket` can wait for the morning. */
export type Severity = 'page' | 'ticket';

export interface OnCallTargets {
  readonly emails: readonly string[];
  readonly https: readonly string[];
  readonly slack: { readonly workspaceId: string; readonly channelId: string } | null;
}

export interface ConnectionSettings {
  readonly name: string;
  readonly connector: Connector;
  /** Its own, or the one it shares: what the vendor's limit is kept under. */
  readonly limitGroup: string;
  /** Requests a minute, where the vendor has one limit for the account and the user says how high it is. */
  readonly limitPerMinute: number | null;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly timeoutSeconds: number;
  readonly streams: readonly ScheduledStream[];
}

export interface ScheduledStream {
  /** Without its connection: `users`. */
  readonly name: string;
  readonly definition: StreamDefinition;
  /** For EventBridge Scheduler. */
  readonly schedule: string;
  readonly timeZone: string;
  readonly flexibleWindowMinutes: number;
  /** Between two ticks, in seconds. */
  readonly shortestGapSeconds: number;
  /** As the functions are told: the longest gap, and what differs from the defaults. */
  readonly config: ConnectionConfig['streams'][string];
}

/** Without a stage it is production: whoever forgets it keeps the data. */
const defaultStage = 'prod';
const defaultRetentionDays = RetentionDays.THREE_MONTHS;
const defaultWindowMinutes = 5;

/**
 * @param context the value of the context key `pagekeeper`; see settings-schema.ts for its shape.
 * @throws SettingsError that names the setting.
 */
export function readSettings(context: unknown): Settings {
  const input = parseSettings(context);
  const stage = input.stage ?? defaultStage;
  const chosen: Readonly<Record<string, ConnectionInput>> =
    input.connections ?? Object.fromEntries(Object.keys(connectors).map((name) => [name, {}]));
  const connections = Object.entries(chosen).map(([name, connection]) => connectionOf(name, connection));
  if (connections.length === 0) {
    throw wrongValue('pagekeeper.connections', 'must name at least one connection', chosen);
  }
  checkLimitGroups(connections);
  return {
    stage,
    stackName: stage === defaultStage ? 'Pagekeeper' : `Pagekeeper-${stage}`,
    keepsData: stage !== 'dev',
    onCall: onCallOf(input.onCall),
    retentionDays: input.retentionDays ?? defaultRetentionDays,
    connections,
  };
}

function onCallOf(input: SettingsInput['onCall']): Settings['onCall'] {
  const page = targetsOf(input);
  const ticket = targetsOf(input?.tickets);
  const nobody = ticket.emails.length + ticket.https.length === 0 && ticket.slack === null;
  // An e-mail wakes nobody; a pager would.
  return { page, ticket: nobody ? { ...ticket, emails: page.emails } : ticket };
}

function targetsOf(
  input: Pick<NonNullable<SettingsInput['onCall']>, 'emails' | 'https' | 'slack'> | undefined,
): OnCallTargets {
  return { emails: input?.emails ?? [], https: input?.https ?? [], slack: input?.slack ?? null };
}

function connectionOf(name: string, input: ConnectionInput): ConnectionSettings {
  const path = `pagekeeper.connections.${name}`;
  checkName(path, name);
  if (input.limitGroup !== undefined) checkName(`${path}.limitGroup`, input.limitGroup);
  const connector = connectorOf(path, input.connector ?? name, input.connector);
  checkLimits(path, connector, input);
  const chosen: Readonly<Record<string, StreamInput>> =
    input.streams ?? Object.fromEntries(defaultStreams(connector).map((stream) => [stream, {}]));
  const streams = Object.entries(chosen)
    .map(([stream, settings]) => ({
      stream,
      settings,
      definition: definitionOf(`${path}.streams.${stream}`, connector, stream, settings.of),
    }))
    .filter(({ settings }) => settings.enabled !== false)
    .map(({ stream, settings, definition }) =>
      streamOf(`${path}.streams.${stream}`, stream, definition, {
        ...settings,
        schedule: settings.schedule ?? defaultSchedule(name, connector, stream, Object.keys(chosen)),
      }),
    );
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
    baseUrl: (input.baseUrl ?? connector.baseUrl).replace(/\/+$/, ''),
    timeoutSeconds: input.timeoutSeconds ?? connector.timeoutSeconds,
    streams,
  };
}

function checkName(path: string, name: string): void {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name)) {
    const rule = 'must be named by 1 to 20 small letters, digits and hyphens, a letter first';
    throw wrongValue(path, rule, name);
  }
}

function connectorOf(path: string, name: string, given: string | undefined): Connector {
  const connector = Object.hasOwn(connectors, name) ? connectors[name] : undefined;
  if (connector !== undefined) return connector;
  throw wrongValue(`${path}.connector`, `must be one of ${Object.keys(connectors).join(', ')}`, given);
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
  throw new SettingsError(
    `${path}${of === undefined ? '' : '.of'}: unknown stream; ${question}docs/streams.md has all of ${connector.title}`,
  );
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
      throw wrongValue(`${path}.streams.${parents.stream}.of`, rule, other.config.of);
    }
    throw new SettingsError(
      `${path}.streams.${name}: needs the stream ${parents.stream} beside it, for it is asked for one of its records at a time`,
    );
  }
}

function streamOf(
  path: string,
  name: string,
  definition: StreamDefinition,
  input: StreamInput & { schedule: string },
): ScheduledStream {
  checkPageSize(path, definition, input.pageSize);
  const fields = Array.isArray(input.fields) ? { ask: input.fields } : (input.fields ?? {});
  checkFields(`${path}.fields${Array.isArray(input.fields) ? '' : '.ask'}`, definition, fields.ask);
  checkWithheld(`${path}.fields`, definition, [...(fields.omit ?? []), ...(fields.mask ?? [])]);
  checkParams(`${path}.params`, definition, input.params ?? {});
  checkHistory(path, definition, input);
  checkOrder(path, definition, input.orderBy);
  const gaps = readGaps(`${path}.schedule`, input.schedule, input.timeZone);
  // Half a period at most, or the windows of two ticks would meet.
  const most = Math.floor(gaps.shortest / 60 / 2);
  const window = input.flexibleWindowMinutes ?? Math.min(defaultWindowMinutes, most);
  if (window > most) {
    const rule = `must be at most half of the schedule's shortest gap, ${String(most)} minutes`;
    throw wrongValue(`${path}.flexibleWindowMinutes`, rule, window);
  }
  const gapSeconds = gaps.longest + window * 60;
  checkFreshness(path, gapSeconds, input);
  const { of, params, pageSize, continuation, attemptCap, pageBudget, limitPerMinute, freshnessMinutes } =
    input;
  const { timeBudgetHours, deletionGuard, tombstoneRetentionDays, orderBy, historyFrom, batchOver } = input;
  return {
    name,
    definition,
    schedule: input.schedule,
    timeZone: input.timeZone ?? 'UTC',
    flexibleWindowMinutes: window,
    shortestGapSeconds: gaps.shortest,
    config: {
      gapSeconds,
      ...(freshnessMinutes === undefined ? {} : { freshnessMinutes }),
      ...(pageSize === undefined ? {} : { pageSize }),
      ...(continuation === undefined ? {} : { continuation }),
      ...(attemptCap === undefined ? {} : { attemptCap }),
      ...(pageBudget === undefined ? {} : { pageBudget }),
      ...(timeBudgetHours === undefined ? {} : { timeBudgetHours }),
      ...(deletionGuard === undefined
        ? {}
        : {
            deletionGuard: {
              rows: deletionGuard.rows ?? defaultDeletionGuard.rows,
              percent: deletionGuard.percent ?? defaultDeletionGuard.percent,
            },
          }),
      ...(tombstoneRetentionDays === undefined ? {} : { tombstoneRetentionDays }),
      ...(orderBy === undefined ? {} : { orderBy }),
      ...(of === undefined ? {} : { of }),
      ...(params === undefined ? {} : { params }),
      ...(fields.ask === undefined ? {} : { fields: fields.ask }),
      ...(fields.omit === undefined ? {} : { omit: fields.omit }),
      ...(fields.mask === undefined ? {} : { mask: fields.mask }),
      ...(historyFrom === undefined ? {} : { historyFrom: Date.parse(historyFrom) }),
      ...(batchOver === undefined ? {} : { batchOver }),
      ...(limitPerMinute === undefined ? {} : { limitPerMinute }),
    },
  };
}

function checkFreshness(
  path: string,
  gapSeconds: number,
  { continuation, freshnessMinutes }: StreamInput,
): void {
  // How many ticks a whole run takes, only the user knows.
  if (continuation === 'nextTick' && freshnessMinutes === undefined) {
    const rule =
      'must be given with "nextTick": minutes in which a whole run, of many ticks, is to be complete';
    throw wrongValue(`${path}.freshnessMinutes`, rule, freshnessMinutes);
  }
  const least = Math.ceil(gapSeconds / 60);
  if (freshnessMinutes !== undefined && freshnessMinutes < least) {
    const rule = `must be at least the longest gap between two ticks, ${String(least)} minutes`;
    throw wrongValue(`${path}.freshnessMinutes`, rule, freshnessMinutes);
  }
}

function checkPageSize(path: string, { paging }: StreamDefinition, pageSize: number | undefined): void {
  if (pageSize === undefined) return;
  if (!('pageSize' in paging)) {
    throw wrongValue(`${path}.pageSize`, 'must be left out, for the vendor answers in one page', pageSize);
  }
  const { max } = paging.pageSize;
  if (pageSize > max) {
    throw wrongValue(`${path}.pageSize`, `must be at most ${String(max)}, the vendor's maximum`, pageSize);
  }
}

function checkOrder(path: string, { paging }: StreamDefinition, orderBy: string | undefined): void {
  if (orderBy === undefined || (paging.kind === 'offset' && paging.order !== undefined)) return;
  throw wrongValue(`${path}.orderBy`, 'must be left out, for the vendor cannot sort this list', orderBy);
}

function checkFields(
  path: string,
  definition: StreamDefinition,
  fields: readonly string[] | undefined,
): void {
  if (fields === undefined) return;
  if (definition.fields === undefined) {
    throw wrongValue(path, 'must be left out, for the vendor chooses the fields', fields);
  }
  const { max } = definition.fields;
  if (fields.length < 1 || fields.length > max || new Set(fields).size < fields.length) {
    throw wrongValue(path, `must be 1 to ${String(max)} different field ids`, fields);
  }
}

/** An id is stored as it is, so to leave it out of the content would hide nothing. */
function checkWithheld(path: string, definition: StreamDefinition, fields: readonly string[]): void {
  const ofId = new Set(definition.id.flatMap((paths) => paths.map((keys) => bareName(keys.join('.')))));
  const inId = fields.find((field) => ofId.has(bareName(field)));
  if (inId !== undefined) {
    throw wrongValue(path, 'must not name a part of the id, which is what a record is kept under', inId);
  }
}

/** `/root/id`, `root.id` and `id` are one field. */
function bareName(field: string): string {
  return field
    .split(/[./]/)
    .filter((part) => part !== '')
    .join('.')
    .replace(/^root\./, '');
}

function checkParams(
  path: string,
  { params = {} }: StreamDefinition,
  given: Readonly<Record<string, string | readonly string[]>>,
): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(params, name));
  if (unknown !== undefined) {
    const known = Object.keys(params).join(', ');
    const rule = known === '' ? 'the stream takes none' : `the stream takes ${known}`;
    throw new SettingsError(`${path}.${unknown}: unknown; ${rule}`);
  }
  for (const [name, { meaning, pattern, many }] of Object.entries(params)) {
    const value = given[name];
    const rule = `must be ${meaning}${many === true ? ', in a list' : ''}, and match ${pattern}`;
    if (value === undefined) throw new SettingsError(`${path}.${name}: must be given: ${meaning}`);
    const values = typeof value === 'string' ? [value] : value;
    const isWellFormed = values.length > 0 && values.every((one) => new RegExp(`^(?:${pattern})$`).test(one));
    if ((typeof value === 'string') === (many === true) || !isWellFormed) {
      throw wrongValue(`${path}.${name}`, rule, value);
    }
    if (values.some((one) => one === '.' || one === '..')) {
      throw wrongValue(`${path}.${name}`, 'must not be a step between the segments of a path', value);
    }
  }
}

function checkHistory(
  path: string,
  { windows, batches }: StreamDefinition,
  { historyFrom, batchOver }: StreamInput,
): void {
  if (historyFrom !== undefined && windows === undefined) {
    const rule = 'must be left out, for the stream is not read by time';
    throw wrongValue(`${path}.historyFrom`, rule, historyFrom);
  }
  if (batchOver !== undefined && batches === undefined) {
    throw wrongValue(`${path}.batchOver`, 'must be left out, for the stream has no batches', batchOver);
  }
}

function readGaps(path: string, schedule: string, timeZone: string | undefined): ReturnType<typeof gapsOf> {
  try {
    return gapsOf(schedule, timeZone);
  } catch (error) {
    throw wrongValue(path, error instanceof Error ? error.message : String(error), schedule);
  }
}

/** A figure stands where the vendor counts: at the account, or at each endpoint. */
function checkLimits(path: string, connector: Connector, input: ConnectionInput): void {
  const ofAccount = connector.limitScope === 'account';
  if (!ofAccount && input.limitPerMinute !== undefined) {
    const rule = `must be set on a stream, for ${connector.title} counts each endpoint by itself`;
    throw wrongValue(`${path}.limitPerMinute`, rule, input.limitPerMinute);
  }
  for (const [name, { limitPerMinute }] of Object.entries(input.streams ?? {})) {
    if (ofAccount && limitPerMinute !== undefined) {
      const rule = `must be set on the connection, for ${connector.title} counts the whole account`;
      throw wrongValue(`${path}.streams.${name}.limitPerMinute`, rule, limitPerMinute);
    }
  }
}

/** A limit is kept under the group's name, so two vendors under one name would wait for each other. */
function checkLimitGroups(connections: readonly ConnectionSettings[]): void {
  const first = new Map<string, ConnectionSettings>();
  for (const connection of connections) {
    const other = first.get(connection.limitGroup) ?? connection;
    first.set(connection.limitGroup, other);
    if (other.connector !== connection.connector) {
      const rule = `must not be shared with ${other.name}, which is another vendor's`;
      throw wrongValue(`pagekeeper.connections.${connection.name}.limitGroup`, rule, connection.limitGroup);
    }
    checkSameLimits(connection, other);
  }
}

/** Two figures for one limit would each be kept by turns. */
function checkSameLimits(connection: ConnectionSettings, other: ConnectionSettings): void {
  const rule = `must be the same as ${other.name}'s, which has the same limit group`;
  const path = `pagekeeper.connections.${connection.name}`;
  if (connection.limitPerMinute !== other.limitPerMinute) {
    throw wrongValue(`${path}.limitPerMinute`, rule, connection.limitPerMinute ?? undefined);
  }
  for (const { name, config } of connection.streams) {
    const same = other.streams.find((stream) => stream.name === name);
    if (same !== undefined && same.config.limitPerMinute !== config.limitPerMinute) {
      throw wrongValue(`${path}.streams.${name}.limitPerMinute`, rule, config.limitPerMinute);
    }
  }
}
