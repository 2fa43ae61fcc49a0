import { readEnvironment } from '../../../lib/runtime/environment.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import { TemplateError } from '../../emulator/template/template-error.ts';
import type { FunctionModel, ScheduleModel, TemplateModel } from '../../emulator/template/template-model.ts';

/** A template, and what its functions are told of Pagekeeper. */
export interface LocalStack {
  readonly template: TemplateModel;
  /** Each once, in the order of the template. */
  readonly connections: readonly ConnectionModel[];
  readonly ticks: readonly Tick[];
  /** Of the watchdog: the schedules that are for no stream. */
  readonly rounds: readonly ScheduleModel[];
  readonly checkpointsTable: string;
  readonly recordsTable: string;
}

/** A connection as its functions are told of it. */
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
    readonly terms: Stream['limit'];
  }[];
  /** Name or ARN of its secret. */
  readonly secretId: string;
}

/** A schedule that starts a stream. */
export interface Tick {
  readonly stream: string;
  readonly schedule: ScheduleModel;
}

/** @throws TemplateError if the functions could not read what they are told. */
export function readStack(template: TemplateModel): LocalStack {
  const { functions } = template;
  const ticks = template.schedules.flatMap((schedule) => {
    const stream = streamOf(schedule);
    return stream === null ? [] : [{ stream, schedule }];
  });
  return {
    template,
    connections: readConnections(functions),
    ticks,
    rounds: template.schedules.filter((schedule) => ticks.every((tick) => tick.schedule !== schedule)),
    checkpointsTable: variableIn(functions, 'PAGEKEEPER_CHECKPOINTS_TABLE'),
    recordsTable: variableIn(functions, 'PAGEKEEPER_RECORDS_TABLE'),
  };
}

/** The origin of the queues changes nothing but their URLs. */
function variablesOf({ environment }: FunctionModel): Readonly<Record<string, string>> {
  return environment('http://127.0.0.1');
}

function variableIn(functions: readonly FunctionModel[], name: string): string {
  const value = functions.map((lambda) => variablesOf(lambda)[name]).find((found) => found !== undefined);
  if (value === undefined) throw new TemplateError(`No function of the template is told its ${name}.`);
  return value;
}

function streamOf({ input }: ScheduleModel): string | null {
  const event = JSON.parse(input) as { readonly stream?: unknown };
  return typeof event.stream === 'string' ? event.stream : null;
}

function readConnections(functions: readonly FunctionModel[]): ConnectionModel[] {
  const connections = new Map<string, ConnectionModel>();
  for (const lambda of functions) {
    const variables = variablesOf(lambda);
    if (!('PAGEKEEPER_CONNECTIONS' in variables)) continue;
    try {
      for (const { name, secretId, streams } of readEnvironment(variables).connections) {
        connections.set(name, {
          name,
          streams: streams.map((stream) => stream.name),
          nextTickStreams: streams
            .filter(({ settings }) => settings.continuation === 'nextTick')
            .map((stream) => stream.name),
          limits: streams.map(({ name: stream, limitScope, limit }) => ({
            stream,
            scope: limitScope,
            terms: limit,
          })),
          secretId,
        });
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new TemplateError(`The environment of ${lambda.logicalId} cannot be read. ${reason}`);
    }
  }
  return [...connections.values()];
}
