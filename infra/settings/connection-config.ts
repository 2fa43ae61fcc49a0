import type { ConnectionConfig } from '../../lib/runtime/environment.ts';
import { defaultMaxPageMb } from '../../lib/sync/settings.ts';
import type { ConnectionSettings } from './settings.ts';

/** What the functions of a connection are told of it: its settings, and where its queue and its secret are. */
export function connectionConfigOf(
  { name, connector, limitGroup, limitPerMinute, timeoutSeconds, maxPageMb, streams }: ConnectionSettings,
  places: Pick<ConnectionConfig, 'visibilitySeconds' | 'pageQueueUrl' | 'secretId'>,
): ConnectionConfig {
  return {
    name,
    connector: connector.name,
    ...(limitGroup === name ? {} : { limitGroup }),
    ...(limitPerMinute === null ? {} : { limitPerMinute }),
    timeoutSeconds,
    ...(maxPageMb === defaultMaxPageMb ? {} : { maxPageMb }),
    ...places,
    streams: Object.fromEntries(streams.map((stream) => [stream.name, stream.config])),
  };
}
