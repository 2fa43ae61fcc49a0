import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  connectionsOf,
  parseDocument,
  settingsFile,
  type Connection,
  type SettingsDocument,
} from '../../../lib/runtime/settings-document.ts';
import type { ScopedLimit } from '../../../lib/sync/settings.ts';
import { TemplateError } from '../../emulator/template/template-error.ts';
import type { FunctionModel, ScheduleModel, TemplateModel } from '../../emulator/template/template-model.ts';

/** A template, and what its functions go by. */
export interface LocalStack {
  readonly template: TemplateModel;
  readonly settings: SettingsDocument;
  /** In the order of the settings. */
  readonly connections: readonly ConnectionModel[];
  readonly ticks: readonly Tick[];
  /** Of the watchdog: the schedules that are for no stream. */
  readonly rounds: readonly ScheduleModel[];
  readonly checkpointsTable: string;
  readonly recordsTable: string;
  /** Of the change log; null where there is none. */
  readonly changesBucket: string | null;
  /** The names of those that people listen to; pagers listen to the others. */
  readonly topicsOfPeople: readonly string[];
}

/** A connection as its functions know it. */
export interface ConnectionModel {
  readonly name: string;
  /** Whole names: `mobaro/users`. */
  readonly streams: readonly string[];
  /** Those of them that go on with their next tick, and by no message. */
  readonly nextTickStreams: readonly string[];
  /** What is shared with a vendor's limit, and what is known of it without asking; one for each stream. */
  readonly limits: readonly {
    readonly stream: string;
    readonly scope: string;
    readonly terms: ScopedLimit['terms'];
  }[];
  readonly secretName: string;
}

/** A schedule that starts a stream. */
export interface Tick {
  readonly stream: string;
  readonly schedule: ScheduleModel;
}

/** @throws TemplateError if the functions could not read what they go by. */
export function readStack(template: TemplateModel): LocalStack {
  const { functions } = template;
  const settings = readSettings(functions);
  const ticks = template.schedules.flatMap((schedule) => {
    const stream = streamOf(schedule);
    return stream === null ? [] : [{ stream, schedule }];
  });
  return {
    template,
    settings,
    connections: connectionsOf(settings).map(modelOf),
    ticks,
    rounds: template.schedules.filter((schedule) => ticks.every((tick) => tick.schedule !== schedule)),
    checkpointsTable: variableIn(functions, 'PAGEKEEPER_CHECKPOINTS_TABLE'),
    recordsTable: variableIn(functions, 'PAGEKEEPER_RECORDS_TABLE'),
    changesBucket: findVariable(functions, 'PAGEKEEPER_CHANGES_BUCKET') ?? null,
    topicsOfPeople: ['PAGEKEEPER_PAGES_TOPIC', 'PAGEKEEPER_TICKETS_TOPIC'].flatMap(
      (name) => findVariable(functions, name)?.split(':').at(-1) ?? [],
    ),
  };
}

/** The origin of the queues changes nothing but their URLs. */
function variablesOf({ environment }: FunctionModel): Readonly<Record<string, string>> {
  return environment('http://127.0.0.1');
}

function findVariable(functions: readonly FunctionModel[], name: string): string | undefined {
  return functions.map((lambda) => variablesOf(lambda)[name]).find((found) => found !== undefined);
}

function variableIn(functions: readonly FunctionModel[], name: string): string {
  const value = findVariable(functions, name);
  if (value === undefined) throw new TemplateError(`No function of the template is told its ${name}.`);
  return value;
}

function streamOf({ input }: ScheduleModel): string | null {
  const event = JSON.parse(input) as { readonly stream?: unknown };
  return typeof event.stream === 'string' ? event.stream : null;
}

/** Of the deployment: each bundle has the same. */
function readSettings(functions: readonly FunctionModel[]): SettingsDocument {
  const [lambda] = functions;
  if (lambda === undefined) throw new TemplateError('The template has no function.');
  const file = path.join(path.dirname(lambda.file), settingsFile);
  try {
    return parseDocument(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TemplateError(`The settings beside ${lambda.logicalId} cannot be read. ${reason}`);
  }
}

function modelOf({ name, secretName, streams }: Connection): ConnectionModel {
  return {
    name,
    streams: streams.map((stream) => stream.name),
    nextTickStreams: streams
      .filter(({ settings }) => settings.continuation === 'nextTick')
      .map((stream) => stream.name),
    limits: streams.flatMap(({ name: stream, limits }) => limits.map((limit) => ({ stream, ...limit }))),
    secretName,
  };
}
