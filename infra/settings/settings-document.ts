import { isBuiltIn } from '../../lib/connectors/registry.ts';
import type { ConnectionConfig, SettingsDocument } from '../../lib/runtime/settings-document.ts';
import { defaultMaxPageMb } from '../../lib/sync/settings.ts';
import { secretNameOf, tokensNameOf } from './names.ts';
import type { ConnectionSettings, Settings } from './settings.ts';

/** What the functions go by. */
export function settingsDocumentOf({ stackName, connections }: Settings): SettingsDocument {
  const own = connections.flatMap(({ connector }) =>
    isBuiltIn(connector) ? [] : [[connector.name, connector] as const],
  );
  return {
    ...(own.length > 0 && { connectors: Object.fromEntries(own) }),
    connections: connections.map((connection) => connectionConfigOf(connection, stackName)),
  };
}

/** @param stackName of the deployment whose secret it has */
export function connectionConfigOf(connection: ConnectionSettings, stackName: string): ConnectionConfig {
  const { name, connector, limitGroup, limitPerMinute, limits, baseUrl, tokenUrl } = connection;
  const { timeoutSeconds, maxPageMb, streams } = connection;
  return {
    name,
    connector: connector.name,
    ...(limitGroup === name ? {} : { limitGroup }),
    ...(limitPerMinute === null ? {} : { limitPerMinute }),
    ...(limits.length === 0 ? {} : { limits: [...limits] }),
    baseUrl,
    timeoutSeconds,
    ...(maxPageMb === defaultMaxPageMb ? {} : { maxPageMb }),
    secretName: secretNameOf(stackName, connection),
    ...(tokenUrl === null ? {} : { tokens: { url: tokenUrl, secretName: tokensNameOf(stackName, name) } }),
    streams: Object.fromEntries(streams.map((stream) => [stream.name, stream.config])),
  };
}
