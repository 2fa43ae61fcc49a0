import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Connector } from '../../lib/connectors/connector.ts';

/** The connectors that a file exports, under whatever names, also in lists. Throws where there is none. */
export async function loadConnectors(file: string): Promise<readonly Connector[]> {
  const exported = (await import(pathToFileURL(resolve(file)).href)) as Readonly<Record<string, unknown>>;
  const found = [...new Set(Object.values(exported).flat())].filter(isConnector);
  if (found.length === 0) throw new Error(`${file} exports no connector`);
  return found;
}

function isConnector(value: unknown): value is Connector {
  if (typeof value !== 'object' || value === null) return false;
  const { name, title, baseUrl, authentication, streams } = value as Partial<
    Record<keyof Connector, unknown>
  >;
  const texts = [name, title, baseUrl].every((text) => typeof text === 'string' && text !== '');
  const objects = [authentication, streams].every((one) => typeof one === 'object' && one !== null);
  return texts && objects;
}
