import { parseDocument, settingsFile } from '../../lib/runtime/settings-document.ts';
import type { Files } from './publish.ts';

/** Nobody listens there. */
const nowhere = 'http://127.0.0.1:9';

/**
 * The code of a function with settings that lead to this machine: in place of a vendor's address the one that is given, or one
 * where nobody listens. Nothing that is deployed here can ever call a vendor.
 */
export function callingOnly(urls: ReadonlyMap<string, string> = new Map()): (files: Files) => Files {
  return (files) => {
    const written = files.get(settingsFile);
    if (written === undefined) throw new Error(`There is no ${settingsFile} beside the code of a function`);
    const document = parseDocument(Buffer.from(written).toString());
    const connections = document.connections.map((connection) => ({
      ...connection,
      baseUrl: urls.get(connection.name) ?? nowhere,
    }));
    return new Map([...files, [settingsFile, Buffer.from(JSON.stringify({ ...document, connections }))]]);
  };
}
