import type { Connector } from '../../lib/connectors/connector.ts';
import { connectors } from '../../lib/connectors/registry.ts';
import {
  defaultFreshnessMs,
  defaultPageAfterMinutes,
  limitScopeOf,
  limitTermsOf,
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
  return {
    name,
    connection,
    connector,
    definition,
    settings: { ...streamDefaults(definition), ...options.settings },
    limitScope: limitScopeOf(options.group ?? connection, connector, definition),
    limit: limitTermsOf(connector, definition, options.limitPerMinute ?? null),
    gapSeconds: 900,
    freshnessMs: defaultFreshnessMs(900),
    pageAfterMs: defaultPageAfterMinutes * 60_000,
    leaseMs: 40_000,
    visibilityMs: 180_000,
  };
}
