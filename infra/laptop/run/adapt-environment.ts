import { formatStreamName } from '../../../lib/connectors/stream-name.ts';

type Variables = Readonly<Record<string, string>>;

export interface Adaptation {
  /** Names of streams; null is all. */
  readonly selected: ReadonlySet<string> | null;
  /** By connection. */
  readonly baseUrls: ReadonlyMap<string, string>;
}

interface Entry {
  readonly name: string;
  readonly streams: Readonly<Record<string, unknown>>;
}

/**
 * The two things in which a function on a laptop is told otherwise than in AWS: where the vendor is, and, when only some
 * streams are to be synced, which there are. The watchdog would start the others.
 */
export function adaptEnvironment(variables: Variables, { selected, baseUrls }: Adaptation): Variables {
  const text = variables['PAGEKEEPER_CONNECTIONS'];
  if (text === undefined) return variables;
  const connections = JSON.parse(text) as Entry[];
  const [connection] = connections;
  const baseUrl = connection === undefined ? undefined : baseUrls.get(connection.name);
  return {
    ...variables,
    ...('PAGEKEEPER_BASE_URL' in variables && baseUrl !== undefined ? { PAGEKEEPER_BASE_URL: baseUrl } : {}),
    ...(selected === null ? {} : { PAGEKEEPER_CONNECTIONS: JSON.stringify(only(selected, connections)) }),
  };
}

function only(selected: ReadonlySet<string>, connections: readonly Entry[]): readonly Entry[] {
  return connections
    .map(({ name, streams, ...rest }) => ({
      ...rest,
      name,
      streams: Object.fromEntries(
        Object.entries(streams).filter(([stream]) =>
          selected.has(formatStreamName({ connection: name, stream })),
        ),
      ),
    }))
    .filter(({ streams }) => Object.keys(streams).length > 0);
}
