import type { Connector, Limit } from '../../lib/connectors/connector.ts';
import { connectors } from '../../lib/connectors/registry.ts';
import {
  defaultFreshnessMs,
  defaultPageAfterMinutes,
  limitsOf,
  streamDefaults,
  type Stream,
  type StreamSettings,
} from '../../lib/sync/settings.ts';

/** A stream as the settings would make it. @param name `connection/stream` */
export function streamNamed(
  name: string,
  options: {
    readonly connector?: Connector;
    readonly settings?: Partial<StreamSettings>;
    readonly group?: string;
    readonly limitPerMinute?: number;
  } = {},
): Stream {
  const [connection = '', resource = ''] = name.split('/');
  const connector = options.connector ?? connectors[connection];
  const definition = connector?.streams[resource];
  if (connector === undefined || definition === undefined) throw new Error(`No stream ${name}`);
  const { limitPerMinute } = options;
  const chosen: readonly Limit[] =
    limitPerMinute === undefined ? [] : [{ requests: limitPerMinute, per: 'minute' }];
  return {
    name,
    connection,
    connector,
    definition,
    settings: { ...streamDefaults(definition), ...options.settings },
    ...limitsOf(options.group ?? connection, connector, definition, { account: chosen, endpoint: chosen }),
    gapSeconds: 900,
    freshnessMs: defaultFreshnessMs(900),
    pageAfterMs: defaultPageAfterMinutes * 60_000,
    leaseMs: 40_000,
    visibilityMs: 180_000,
  };
}
