import { connectors } from '../../lib/connectors/registry.ts';
import { exampleParams } from '../acceptance/params.ts';

/** All streams of a connector, with made-up values for what they want to know. */
export function allStreams(connector: string): Record<string, object> {
  return Object.fromEntries(
    Object.entries(connectors[connector]?.streams ?? {}).map(([name, definition]) => {
      const params = Object.entries(exampleParams(definition)).map(([param, values]) => {
        return [param, definition.params?.[param]?.many === true ? values : values[0]] as const;
      });
      return [name, params.length === 0 ? {} : { params: Object.fromEntries(params) }];
    }),
  );
}

/** Settings with so many connections, of both vendors in turn. */
export function many(count: number, streamsOf: (connector: string) => Record<string, object>): object {
  const connections = Array.from({ length: count }, (_, index) => {
    const connector = index % 2 === 0 ? 'mobaro' : 'bob';
    return [`${connector}-${String(index + 1)}`, { connector, streams: streamsOf(connector) }] as const;
  });
  return { connections: Object.fromEntries(connections) };
}
