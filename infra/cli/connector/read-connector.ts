import path from 'node:path';

import type { Connector } from '../../../lib/connectors/connector.ts';
import { placeholdersIn, withParams } from '../../../lib/connectors/template.ts';
import { ConnectorError, loadConnector } from '../../connectors/load-connector.ts';
import { proposalFor } from '../../terminal/closest.ts';
import { UsageError } from '../../terminal/usage-error.ts';

/**
 * The connector that a file exports.
 * @throws UsageError with a line for each thing that is wrong
 */
export function readConnector(file: string): Connector {
  try {
    return loadConnector(path.resolve(file));
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const lines = error.message
      .split('\n')
      .map((line) => `The connector cannot be used: ${line.replace(/\.$/, '')}.`);
    throw new UsageError(lines.join('\n'));
  }
}

/** @throws UsageError with those that there are */
export function mustHaveStream(connector: Connector, stream: string): void {
  const names = Object.keys(connector.streams);
  if (names.includes(stream)) return;
  throw new UsageError(
    `${connector.title} has no such stream${proposalFor(stream, names)}; it has ${names.join(', ')}.`,
  );
}

export interface WithParams {
  readonly connector: Connector;
  /** Those of which there may be several. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

/**
 * The connector with what its user has to say put in.
 * @param given `name=value`, a name several times for a list
 * @throws UsageError in one sentence
 */
export function fillParams(connector: Connector, stream: string, given: readonly string[]): WithParams {
  const definition = connector.streams[stream];
  const params = definition?.params ?? {};
  const values = new Map<string, string[]>();
  for (const text of given) {
    const [name, value] = splitAt(text);
    const param = params[name];
    if (value === undefined) throw new UsageError('--param: what was given is not NAME=VALUE.');
    if (param === undefined) {
      const names = Object.keys(params);
      throw new UsageError(
        `--param: ${stream} has no such param${proposalFor(name, names)}; it has ${names.join(', ') || 'none'}.`,
      );
    }
    if (!new RegExp(`^(?:${param.pattern})$`).test(value)) {
      throw new UsageError(`--param: ${name} is ${param.meaning}, and has to match ${param.pattern}.`);
    }
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  for (const [name, { meaning }] of Object.entries(params)) {
    if (!values.has(name)) throw new UsageError(`${stream} needs --param ${name}=… (${meaning}).`);
  }
  const single = Object.keys(params).filter((name) => params[name]?.many !== true);
  const texts = Object.fromEntries(single.map((name) => [name, values.get(name)?.at(-1)]));
  const lists = [...values].filter(([name]) => params[name]?.many === true);
  return {
    connector:
      definition === undefined
        ? connector
        : { ...connector, streams: { ...connector.streams, [stream]: withParams(definition, texts) } },
    lists: Object.fromEntries(lists),
  };
}

function splitAt(text: string): readonly [string, string?] {
  const at = text.indexOf('=');
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** What is requested by the records of another stream, anywhere in a request. */
export function needsParents(connector: Connector, stream: string): boolean {
  const definition = connector.streams[stream];
  if (definition?.parents === undefined || !('stream' in definition.parents)) return false;
  return placeholdersIn([definition.path, definition.query, definition.body]).includes('parent');
}
