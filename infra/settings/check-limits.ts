import type { Connector } from '../../lib/connectors/connector.ts';
import { formatStreamName } from '../../lib/connectors/stream-name.ts';
import { limitScopeOf } from '../../lib/sync/settings.ts';
import { below, wrongValue } from './settings-error.ts';
import type { ConnectionInput } from './settings-schema.ts';
import type { ConnectionSettings } from './settings.ts';

/** A figure stands where the vendor counts: at the account, or at each endpoint. */
export function checkLimits(path: string, connector: Connector, input: ConnectionInput): void {
  const ofAccount = connector.limitScope === 'account';
  if (!ofAccount && input.limitPerMinute !== undefined) {
    const rule = `must be set on a stream, for ${connector.title} counts each endpoint by itself`;
    throw wrongValue(`${path}.limitPerMinute`, rule, input.limitPerMinute);
  }
  for (const [name, { limitPerMinute }] of Object.entries(input.streams ?? {})) {
    if (ofAccount && limitPerMinute !== undefined) {
      const rule = `must be set on the connection, for ${connector.title} counts the whole account`;
      throw wrongValue(`${below(`${path}.streams`, name)}.limitPerMinute`, rule, limitPerMinute);
    }
  }
}

/**
 * A limit is kept under the group's name, so two vendors under one name would wait for each other; and of two figures for one
 * limit each would be kept by turns.
 */
export function checkLimitGroups(connections: readonly ConnectionSettings[]): void {
  const groups = new Map<string, ConnectionSettings>();
  const figures = new Map<string, Figure>();
  for (const connection of connections) {
    const other = groups.get(connection.limitGroup) ?? connection;
    groups.set(connection.limitGroup, other);
    if (other.connector !== connection.connector) {
      const rule = `must not be shared with ${other.name}, which is another vendor's`;
      throw wrongValue(
        `${below('pagekeeper.connections', connection.name)}.limitGroup`,
        rule,
        connection.limitGroup,
      );
    }
    for (const [scope, figure] of figuresOf(connection)) {
      const first = figures.get(scope) ?? figure;
      figures.set(scope, first);
      if (first.perMinute === figure.perMinute) continue;
      const rule = `must be the same as that of ${first.name}, which has the same limit`;
      const path = `${figure.path}.limitPerMinute`;
      throw wrongValue(path, rule, figure.perMinute);
    }
  }
}

interface Figure {
  /** As people know it: `bob/people`. */
  readonly name: string;
  readonly path: string;
  readonly perMinute: number | undefined;
}

/** By limit scope. */
function figuresOf({
  name,
  connector,
  limitGroup,
  limitPerMinute,
  streams,
}: ConnectionSettings): readonly (readonly [string, Figure])[] {
  const connectionPath = below('pagekeeper.connections', name);
  if (connector.limitScope === 'account') {
    return [[limitGroup, { name, path: connectionPath, perMinute: limitPerMinute ?? undefined }]];
  }
  return streams.map((stream) => {
    const described = connector.streams[stream.config.of ?? stream.name] ?? stream.definition;
    const scope = limitScopeOf(limitGroup, connector, described);
    const path = below(`${connectionPath}.streams`, stream.name);
    return [
      scope,
      {
        name: formatStreamName({ connection: name, stream: stream.name }),
        path,
        perMinute: stream.config.limitPerMinute,
      },
    ];
  });
}
