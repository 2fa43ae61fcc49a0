import { readFileSync } from 'node:fs';
import path from 'node:path';

import * as z from 'zod';

import { formatStreamName } from '../connectors/stream-name.ts';
import { jsonText } from './setting.ts';
import {
  connectionsOf,
  parseDocument,
  settingsFile,
  type Connection,
  type SettingsDocument,
} from './settings-document.ts';

/**
 * What a function is told: names by its environment variables, of which Lambda takes 4 KB in all, and everything else by the
 * settings beside its code. It is read on a cold start.
 */

const environment = z.object({
  /** The stack's name: the dimension `deployment` of every metric. */
  PAGEKEEPER_DEPLOYMENT: z.string().min(1),
  PAGEKEEPER_CHECKPOINTS_TABLE: z.string().min(1),
  /** JSON: the URL of the page queue of each connection that the function serves. */
  PAGEKEEPER_QUEUES: jsonText().pipe(z.record(z.string(), z.string().min(1))),
  /** Of Lambda: the folder of the function's code. */
  LAMBDA_TASK_ROOT: z.string().min(1),
  /** A file in place of the settings beside the code. */
  PAGEKEEPER_SETTINGS: z.string().min(1).optional(),
});

const syncEnvironment = environment.extend({ PAGEKEEPER_RECORDS_TABLE: z.string().min(1) });

const publishEnvironment = z.object({
  PAGEKEEPER_DEPLOYMENT: z.string().min(1),
  PAGEKEEPER_CHECKPOINTS_TABLE: z.string().min(1),
  PAGEKEEPER_CHANGES_BUCKET: z.string().min(1),
  /** Whether lines say what a record was before. */
  PAGEKEEPER_CHANGES_BEFORE: z.enum(['true', 'false']),
  LAMBDA_TASK_ROOT: z.string().min(1),
  PAGEKEEPER_SETTINGS: z.string().min(1).optional(),
});

const tellEnvironment = z.object({
  PAGEKEEPER_DEPLOYMENT: z.string().min(1),
  /** Left out where there is no change log. */
  PAGEKEEPER_CHANGES_BUCKET: z.string().min(1).optional(),
});

const untoldEnvironment = z.object({
  PAGEKEEPER_DEPLOYMENT: z.string().min(1),
  PAGEKEEPER_CHECKPOINTS_TABLE: z.string().min(1),
  /** ARNs of the topics that people listen to. */
  PAGEKEEPER_PAGES_TOPIC: z.string().min(1),
  PAGEKEEPER_TICKETS_TOPIC: z.string().min(1),
  /** On a laptop, what stands behind its commands: ` --data DIR` or nothing. */
  PAGEKEEPER_DATA_OPTION: z.string().optional(),
  LAMBDA_TASK_ROOT: z.string().min(1),
  PAGEKEEPER_SETTINGS: z.string().min(1).optional(),
});

const onCallEnvironment = untoldEnvironment.extend({
  /** Of Lambda: where the function is. */
  AWS_REGION: z.string().min(1),
  /** ARNs of the topics that pagers listen to. */
  PAGEKEEPER_PAGER_PAGES_TOPIC: z.string().min(1),
  PAGEKEEPER_PAGER_TICKETS_TOPIC: z.string().min(1),
  /** The page on which the sections of the runbook are. */
  PAGEKEEPER_RUNBOOK: z.string().min(1),
  /** For so long further streams are waited for. */
  PAGEKEEPER_GATHER_SECONDS: z.coerce.number().min(0),
});

const snapshotsEnvironment = z.object({
  PAGEKEEPER_RECORDS_TABLE: z.string().min(1),
  /** The ARN of its stream. */
  PAGEKEEPER_RECORDS_STREAM: z.string().min(1),
  PAGEKEEPER_CHANGES_BUCKET: z.string().min(1),
  /** Days that the log is kept. */
  PAGEKEEPER_CHANGES_DAYS: z.coerce.number().int().positive(),
  /** How long the function may take. */
  PAGEKEEPER_TIMEOUT_SECONDS: z.coerce.number().int().positive(),
  LAMBDA_TASK_ROOT: z.string().min(1),
  PAGEKEEPER_SETTINGS: z.string().min(1).optional(),
});

/** A connection, and where its pages are asked for. */
export interface ServedConnection extends Connection {
  readonly pageQueueUrl: string;
}

export interface Environment {
  readonly deployment: string;
  readonly checkpointsTable: string;
  readonly connections: readonly ServedConnection[];
}

export interface SyncEnvironment extends Omit<Environment, 'connections'> {
  readonly recordsTable: string;
  /** A sync function serves one connection. */
  readonly connection: ServedConnection;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Of the watchdog: all connections. @throws Error that says what is wrong. */
export function readEnvironment(variables: Variables): Environment {
  const parsed = parse(environment, variables);
  const queues = new Map(Object.entries(parsed.PAGEKEEPER_QUEUES));
  const connections = connectionsOf(documentIn(parsed)).map((connection): ServedConnection => {
    const pageQueueUrl = queues.get(connection.name);
    if (pageQueueUrl !== undefined) return { ...connection, pageQueueUrl };
    throw new Error(`The function is told no queue of ${connection.name}`);
  });
  return { ...common(parsed), connections };
}

/** @throws Error that says what is wrong. */
export function readSyncEnvironment(variables: Variables): SyncEnvironment {
  const parsed = parse(syncEnvironment, variables);
  const [queue, ...others] = Object.entries(parsed.PAGEKEEPER_QUEUES);
  if (queue === undefined || others.length > 0) {
    throw new Error('PAGEKEEPER_QUEUES of a sync function must hold exactly one queue');
  }
  const [name, pageQueueUrl] = queue;
  const document = documentIn(parsed);
  const connections = document.connections.filter((one) => one.name === name);
  const [connection] = connectionsOf({ ...document, connections });
  if (connection === undefined) throw new Error(`The settings have no connection ${name}`);
  return {
    ...common(parsed),
    recordsTable: parsed.PAGEKEEPER_RECORDS_TABLE,
    connection: { ...connection, pageQueueUrl },
  };
}

/** @throws Error that says what is wrong. */
export function readPublishEnvironment(variables: Variables): {
  readonly checkpointsTable: string;
  readonly changesBucket: string;
  readonly deployment: string;
  readonly keepsBefore: boolean;
  /** Whole names. */
  readonly streams: readonly string[];
} {
  const parsed = parse(publishEnvironment, variables);
  return {
    checkpointsTable: parsed.PAGEKEEPER_CHECKPOINTS_TABLE,
    changesBucket: parsed.PAGEKEEPER_CHANGES_BUCKET,
    deployment: parsed.PAGEKEEPER_DEPLOYMENT,
    keepsBefore: parsed.PAGEKEEPER_CHANGES_BEFORE === 'true',
    streams: streamNamesIn(parsed),
  };
}

/** @throws Error that says what is wrong. */
export function readTellEnvironment(variables: Variables) {
  const parsed = parse(tellEnvironment, variables);
  return {
    deployment: parsed.PAGEKEEPER_DEPLOYMENT,
    /** Null where there is no change log. */
    changesBucket: parsed.PAGEKEEPER_CHANGES_BUCKET ?? null,
  };
}

/** @throws Error that says what is wrong. */
export function readOnCallEnvironment(variables: Variables) {
  const parsed = parse(onCallEnvironment, variables);
  const isLaptop = parsed.PAGEKEEPER_DATA_OPTION !== undefined;
  return {
    ...untoldOf(parsed),
    machines: { page: parsed.PAGEKEEPER_PAGER_PAGES_TOPIC, ticket: parsed.PAGEKEEPER_PAGER_TICKETS_TOPIC },
    runbook: parsed.PAGEKEEPER_RUNBOOK,
    gatherMs: parsed.PAGEKEEPER_GATHER_SECONDS * 1000,
    region: isLaptop ? null : parsed.AWS_REGION,
  };
}

/**
 * Of the watchdog, as far as it tells people. @returns null while a deployment changes it, and it has the variables of a version that
 * did not @throws Error that says what is wrong.
 */
export function readUntoldEnvironment(variables: Variables) {
  if (variables['PAGEKEEPER_PAGES_TOPIC'] === undefined) return null;
  return untoldOf(parse(untoldEnvironment, variables));
}

function untoldOf(parsed: z.infer<typeof untoldEnvironment>) {
  return {
    deployment: parsed.PAGEKEEPER_DEPLOYMENT,
    checkpointsTable: parsed.PAGEKEEPER_CHECKPOINTS_TABLE,
    topics: { page: parsed.PAGEKEEPER_PAGES_TOPIC, ticket: parsed.PAGEKEEPER_TICKETS_TOPIC },
    /** Null in a deployment. */
    dataOption: parsed.PAGEKEEPER_DATA_OPTION ?? null,
    connections: connectionsOf(documentIn(parsed)),
  };
}

/** @throws Error that says what is wrong. */
export function readSnapshotsEnvironment(variables: Variables) {
  const parsed = parse(snapshotsEnvironment, variables);
  return {
    recordsTable: parsed.PAGEKEEPER_RECORDS_TABLE,
    source: parsed.PAGEKEEPER_RECORDS_STREAM,
    changesBucket: parsed.PAGEKEEPER_CHANGES_BUCKET,
    retentionDays: parsed.PAGEKEEPER_CHANGES_DAYS,
    timeoutSeconds: parsed.PAGEKEEPER_TIMEOUT_SECONDS,
    streams: streamNamesIn(parsed),
  };
}

function common(parsed: z.infer<typeof environment>): Omit<Environment, 'connections'> {
  return {
    deployment: parsed.PAGEKEEPER_DEPLOYMENT,
    checkpointsTable: parsed.PAGEKEEPER_CHECKPOINTS_TABLE,
  };
}

function streamNamesIn(parsed: Parameters<typeof documentIn>[0]): readonly string[] {
  return documentIn(parsed).connections.flatMap(({ name, streams }) =>
    Object.keys(streams).map((stream) => formatStreamName({ connection: name, stream })),
  );
}

function documentIn({
  PAGEKEEPER_SETTINGS: file,
  LAMBDA_TASK_ROOT: folder,
}: Pick<z.infer<typeof environment>, 'PAGEKEEPER_SETTINGS' | 'LAMBDA_TASK_ROOT'>): SettingsDocument {
  const text = readFileSync(file ?? path.join(folder, settingsFile), 'utf8');
  return parseDocument(text);
}

function parse<T>(schema: z.ZodType<T>, variables: Variables): T {
  const result = schema.safeParse(ofVersionBefore(variables));
  if (!result.success) {
    throw new Error(`The function's environment is wrong:\n${z.prettifyError(result.error)}`);
  }
  return result.data;
}

/** While a deployment changes a function it may have its new code and its old variables, in which the settings stood. */
function ofVersionBefore(variables: Variables): Variables {
  const { PAGEKEEPER_QUEUES, PAGEKEEPER_CONNECTIONS: former } = variables;
  if (PAGEKEEPER_QUEUES !== undefined || former === undefined) return variables;
  const connections = JSON.parse(former) as readonly {
    readonly name: string;
    readonly pageQueueUrl: string;
  }[];
  const queues = connections.map(({ name, pageQueueUrl }) => [name, pageQueueUrl] as const);
  return { ...variables, PAGEKEEPER_QUEUES: JSON.stringify(Object.fromEntries(queues)) };
}
