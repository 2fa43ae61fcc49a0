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

/**
 * Settings with so many connections, of both vendors in turn.
 * @param streamsOf undefined for those that are on by default
 */
export function many(
  count: number,
  streamsOf: (connector: string) => Record<string, object> | undefined,
): object {
  const connections = Array.from({ length: count }, (_, index) => {
    const connector = index % 2 === 0 ? 'mobaro' : 'bob';
    const streams = streamsOf(connector);
    const settings = { connector, ...(streams !== undefined && { streams }) };
    return [`${connector}-${String(index + 1)}`, settings] as const;
  });
  return { connections: Object.fromEntries(connections) };
}
