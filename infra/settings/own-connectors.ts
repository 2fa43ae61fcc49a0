import path from 'node:path';

import type { Connector } from '../../lib/connectors/connector.ts';
import { isObject, type JsonObject } from '../../lib/connectors/json.ts';
import { connectors as builtIn } from '../../lib/connectors/registry.ts';
import { checkedConnector, ConnectorError, loadConnector } from '../connectors/load-connector.ts';
import { mayBeSecret } from '../terminal/shown-value.ts';
import { below, SettingsError } from './settings-error.ts';

/**
 * Connectors from outside. A connection names one as a file, or (in code) is given the object itself; here all of them become
 * data under `connectors`, by their names, and connections name them like those that Pagekeeper has. So they are written into
 * the template, and settings that are read later need no file.
 *
 * @param settings as the user wrote them; what is no settings at all is given back, for their schema to refuse
 * @param folder from which paths begin
 * @throws SettingsError
 */
export function withOwnConnectors(settings: unknown, folder: string): unknown {
  if (!isObject(settings)) return settings;
  const { connectors, connections } = settings;
  const own = new Map<string, Connector>();
  if (isObject(connectors)) {
    for (const [name, definition] of Object.entries(connectors)) {
      const where = below('pagekeeper.connectors', name);
      add(
        own,
        where,
        checked(where, () => checkedConnector(definition)),
        name,
      );
    }
  }
  const named = isObject(connections)
    ? mapped(connections, (connection, name) => {
        if (!isObject(connection)) return connection;
        const where = `${below('pagekeeper.connections', name)}.connector`;
        const connector = readConnector(connection['connector'], where, folder);
        if (connector === null) return connection;
        add(own, where, connector);
        return { ...connection, connector: connector.name };
      })
    : connections;
  return {
    ...settings,
    ...(named !== undefined && { connections: named }),
    // What is no object is left for the schema to refuse.
    ...(own.size > 0 && { connectors: Object.fromEntries(own) }),
  };
}

/** @returns null for what is a name, or no connector at all @throws SettingsError */
function readConnector(given: unknown, where: string, folder: string): Connector | null {
  if (isObject(given)) return checked(where, () => checkedConnector(given));
  if (typeof given !== 'string' || !isFile(given)) return null;
  const file = mayBeSecret(given) ? '' : `: ${given}`;
  return checked(`${where}${file}`, () => loadConnector(path.resolve(folder, given)));
}

/** No name begins or ends so. */
function isFile(text: string): boolean {
  return /^\.{0,2}[/\\]|\.(?:json|[cm]?[jt]s)$/.test(text);
}

/** Each line of what is wrong is a sentence of its own. @throws SettingsError */
function checked(where: string, read: () => Connector): Connector {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const lines = error.message.split('\n').map((line) => `${where}: ${line}`);
    throw new SettingsError(lines.join('\n'));
  }
}

/** @param name under which it was given, if it was @throws SettingsError where its name is another one's */
function add(own: Map<string, Connector>, where: string, connector: Connector, name = connector.name): void {
  if (name !== connector.name) {
    throw new SettingsError(`${where}: must be called by the connector's own name, "${connector.name}"`);
  }
  if (Object.hasOwn(builtIn, name)) {
    throw new SettingsError(
      `${where}: must be named otherwise, for Pagekeeper has a connector "${name}" already; change the name in its definition`,
    );
  }
  const other = own.get(name);
  if (other !== undefined && JSON.stringify(other) !== JSON.stringify(connector)) {
    throw new SettingsError(
      `${where}: is another connector "${name}" than the one before; change the name in one of their definitions`,
    );
  }
  own.set(name, connector);
}

function mapped(object: JsonObject, to: (value: unknown, key: string) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, to(value, key)]));
}
