import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';

import { buildSync, type BuildFailure } from 'esbuild';

import type { Connector } from '../../lib/connectors/connector.ts';
import { isObject } from '../../lib/connectors/json.ts';
import { checkDefinition } from './check-definition.ts';

/** A connector that somebody has written is of no use. The message has a line for each thing that is wrong. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
}

/**
 * The one connector of a file: its default export, or else the one export that is a connector. The file may be TypeScript,
 * JavaScript or JSON, and import what it likes: it is run here and now, and only the data that comes out is used.
 *
 * @param file absolute
 * @throws ConnectorError where there is no such file, where it fails, has none or several, or has one that is wrong
 */
export function loadConnector(file: string): Connector {
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new ConnectorError('there is no such file; a path begins at the folder of cdk.json');
  }
  return checkedConnector(theOneIn(run(file)));
}

/** @throws ConnectorError */
export function checkedConnector(definition: unknown): Connector {
  const { connector, faults } = checkDefinition(definition);
  if (connector !== null) return connector;
  throw new ConnectorError(faults.join('\n'));
}

/**
 * What the file exports. It goes through esbuild, so that TypeScript runs under every Node, and settings can be read without waiting.
 * @throws ConnectorError
 */
function run(file: string): unknown {
  if (file.endsWith('.json')) return parsed(readFileSync(file, 'utf8'));
  const code = build(file);
  const module = { exports: {} as unknown };
  try {
    const compiled = compileFunction(code, ['module', 'exports', 'require'], { filename: file });
    Reflect.apply(compiled, undefined, [module, module.exports, createRequire(file)]);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new ConnectorError(`fails when it is run: ${words}`);
  }
  return module.exports;
}

/** @throws ConnectorError */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new ConnectorError('is not JSON');
  }
}

function build(file: string): string {
  try {
    const { outputFiles } = buildSync({
      entryPoints: [file],
      write: false,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'silent',
    });
    return outputFiles[0]?.text ?? '';
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? [];
    if (first === undefined) throw error;
    const line = first.location === null ? '' : ` (line ${first.location.line})`;
    throw new ConnectorError(`cannot be read: ${first.text}${line}`);
  }
}

/** @throws ConnectorError where there is none, or nobody can say which */
function theOneIn(exported: unknown): unknown {
  if (!isObject(exported)) return exported;
  if ('default' in exported) return exported['default'];
  if (isConnectorLike(exported)) return exported;
  const found = Object.entries(exported).filter(([, value]) => isConnectorLike(value));
  const [first, ...others] = found;
  if (first === undefined) {
    throw new ConnectorError('exports no connector; end it with "export default defineConnector({ … })"');
  }
  if (others.length > 0) {
    const names = found.map(([name]) => name).join(', ');
    throw new ConnectorError(`exports several connectors (${names}); make one of them its default export`);
  }
  return first[1];
}

/** Whether it was meant to be one: what is wrong with it is said later. */
function isConnectorLike(value: unknown): boolean {
  return isObject(value) && 'streams' in value && 'baseUrl' in value;
}
