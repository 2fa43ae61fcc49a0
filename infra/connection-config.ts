import type { ConnectionConfig } from '../lib/runtime/environment.ts';
import type { ConnectionSettings } from './settings.ts';

/** What the functions of a connection are told of it: its settings, and where its queue and its secret are. */
export function connectionConfigOf(
  { name, connector, limitGroup, limitPerMinute, timeoutSeconds, streams }: ConnectionSettings,
  places: Pick<ConnectionConfig, 'visibilitySeconds' | 'pageQueueUrl' | 'secretId'>,
): ConnectionConfig {
  return {
    name,
    connector: connector.name,
    ...(limitGroup === name ? {} : { limitGroup }),
    ...(limitPerMinute === null ? {} : { limitPerMinute }),
    timeoutSeconds,
    ...places,
    streams: Object.fromEntries(streams.map((stream) => [stream.name, stream.config])),
  };
}
