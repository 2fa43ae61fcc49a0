import { parseStreamName } from '../../../lib/connectors/stream-name.ts';
import { connectionOf, type Connection } from '../../../lib/runtime/settings-document.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import { connectionConfigOf } from '../../settings/settings-document.ts';
import type { ConnectionSettings, ScheduledStream, Settings } from '../../settings/settings.ts';

/** A connection, as its functions know it and as the settings have it. */
export interface Entry extends Connection {
  readonly settings: ConnectionSettings;
}

/** What the settings say of the connections and their streams. */
export class Catalogue {
  readonly stackName: string;
  readonly connections: readonly Entry[];
  readonly settings: Settings;

  /** @param stackName the settings' own, or the one that a person asked for */
  constructor(settings: Settings, stackName = settings.stackName) {
    this.stackName = stackName;
    this.settings = settings;
    this.connections = settings.connections.map((connection) => ({
      ...connectionOf(connectionConfigOf(connection, stackName), connection.connector),
      settings: connection,
    }));
  }

  get streams(): readonly Stream[] {
    return this.connections.flatMap(({ streams }) => streams);
  }

  stream(name: string): Stream | undefined {
    return this.streams.find((stream) => stream.name === name);
  }

  /** When the ticks of a stream come. */
  schedule(name: string): ScheduledStream | undefined {
    const parsed = parseStreamName(name);
    return this.connections
      .find(({ settings }) => settings.name === parsed?.connection)
      ?.settings.streams.find((stream) => stream.name === parsed?.stream);
  }
}
