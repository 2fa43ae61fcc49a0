import { readEnvironment } from '../../../lib/runtime/environment.ts';

import { TemplateError } from '../../emulator/template/template-error.ts';
import type { ConnectionModel, FunctionModel } from '../../emulator/template/template-model.ts';

/** The connections that the functions are told of, each once, in the order of the template. */
export function readConnections(functions: readonly FunctionModel[]): ConnectionModel[] {
  const connections = new Map<string, ConnectionModel>();
  for (const lambda of functions) {
    const variables = lambda.environment('http://127.0.0.1');
    if (!('PAGEKEEPER_CONNECTIONS' in variables)) continue;
    try {
      for (const { name, secretId, streams } of readEnvironment(variables).connections) {
        const [first] = streams;
        if (first === undefined) continue;
        connections.set(name, {
          name,
          connector: first.connector.name,
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
