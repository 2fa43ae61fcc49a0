import { secretFields, type Connector } from '../../../lib/connectors/connector.ts';
import { connectionOf } from '../../../lib/connectors/stream-name.ts';
import { readSecretValue } from '../../../lib/operations/secret-value.ts';
import { proposalFor } from '../../terminal/closest.ts';
import { noKeys, standardInput, type KeyPlace, type Keys, type MissingKey } from './keys.ts';
import { live, type StartOptions } from './options.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { hasOwnSimulator, simulatorOf } from '../../simulators/registry.ts';

/** A connection of the stack, as far as it matters here. */
export interface KnownConnection {
  readonly name: string;
  readonly connector: Connector;
  /** Whole names: `mobaro/users`. */
  readonly streams: readonly string[];
}

/** Where the pages of one selected connection come from. */
export interface Source {
  readonly connection: string;
  readonly connector: string;
  readonly from:
    | {
        readonly kind: 'simulator';
        /** Simulated from this definition, where there is no simulator of its own. */
        readonly definition?: Connector;
      }
    /** Where the stack says: the vendor itself. */
    | { readonly kind: 'live' }
    | { readonly kind: 'url'; readonly url: string };
  /** The fields of its secret; empty for the simulator, which hands out its own. */
  readonly secret: Readonly<Record<string, string>>;
}

export interface Selection {
  /** Whole names, in the order of the stack. */
  readonly streams: readonly string[];
  /** True if nothing was left out. */
  readonly everything: boolean;
  /** Of each connection that is left out because nobody can be asked in its vendor's stead: one sentence. */
  readonly leftOut: readonly string[];
  /** Of each connection whose vendor is simulated from its definition: one sentence. */
  readonly modelled: readonly string[];
  /** One for each connection that has a selected stream. */
  readonly sources: readonly Source[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What is to be synced, and from where. `--connection` and `--stream` add up. Where nothing is named, connections that have
 * neither a simulator (they request access tokens) nor a base URL are left out.
 *
 * @throws UsageError for a name that the stack does not know, a base URL that nothing would be fetched from, a connection of these
 * that is named, or a key that is not given, neither by `keys` nor by the environment, or is no key.
 */
export function select(
  options: Pick<StartOptions, 'connections' | 'streams' | 'baseUrls'>,
  known: readonly KnownConnection[],
  variables: Variables,
  keys: Keys = noKeys,
): Selection {
  const names = known.map(({ name }) => name);
  for (const name of keys.keys()) mustKnow('--keys-from', 'connection', name, names);
  for (const name of options.connections) mustKnow('--connection', 'connection', name, names);
  for (const name of options.baseUrls.keys()) mustKnow('--base-url', 'connection', name, names);
  const all = known.flatMap((connection) => connection.streams);
  for (const name of options.streams) mustKnow('--stream', 'stream', name, all);

  const chosen = new Set([
    ...all.filter((stream) => options.connections.includes(connectionOf(stream))),
    ...options.streams,
  ]);
  const nothingChosen = options.connections.length + options.streams.length === 0;
  const unanswered = known.filter(
    ({ name, connector }) => simulatorOf(connector) === null && !options.baseUrls.has(name),
  );
  const leftOut = nothingChosen ? unanswered : [];
  if (leftOut.length === known.length) throw new UsageError(leftOut.map(nobodyAnswers).join('\n'));
  const streams = all.filter((stream) =>
    nothingChosen ? leftOut.every(({ name }) => name !== connectionOf(stream)) : chosen.has(stream),
  );
  const selected = new Set(streams.map(connectionOf));
  for (const name of options.baseUrls.keys()) {
    if (selected.has(name)) continue;
    throw new UsageError(
      `--base-url: no stream of ${name} is selected; select it with --connection or --stream, or leave its --base-url out.`,
    );
  }
  return {
    streams,
    everything: streams.length === all.length,
    leftOut: leftOut.map((connection) => `${connection.name} is left out. ${nobodyAnswers(connection)}`),
    modelled: known
      .filter(
        ({ name, connector }) =>
          selected.has(name) && !options.baseUrls.has(name) && !hasOwnSimulator(connector.name),
      )
      .map(
        ({ name, connector }) =>
          `${name}: ${connector.title} is simulated from its definition, with invented rows.`,
      ),
    sources: known
      .filter(({ name }) => selected.has(name))
      .map((connection) => sourceOf(connection, options.baseUrls.get(connection.name), { variables, keys })),
  };
}

/** The environment variables that may hold one field of a connection's secret, the first one preferred. */
export function keyVariables(connection: string, connector: string, field: string): readonly string[] {
  return [...new Set([variable(connection, field), variable(connector, field)])];
}

/**
 * By connection that talks to no simulator: where its key comes from.
 * @param keysFrom what `--keys-from` names; null if it was not given
 * @param given what it held
 * @param keys with what was typed
 */
export function keyPlacesOf(
  { sources }: Selection,
  keysFrom: string | null,
  given: Keys,
  keys: Keys,
): ReadonlyMap<string, KeyPlace> {
  const placeOf = ({ connection, connector, secret }: Source): KeyPlace => {
    // What is given there goes before what the environment holds.
    if (given.has(connection) && keysFrom !== null && keysFrom !== standardInput)
      return { kind: 'file', file: keysFrom };
    if (keys.has(connection)) return { kind: 'asked' };
    const fields = Object.keys(secret);
    return {
      kind: 'variables',
      names: fields.map((field) => keyVariables(connection, connector, field).join(' or ')),
    };
  };
  return new Map(
    sources
      .filter(({ from }) => from.kind !== 'simulator')
      .map((source) => [source.connection, placeOf(source)]),
  );
}

/** What somebody has to be asked for: of the selected connections that a vendor is asked for, what is given nowhere. */
export function missingKeys(
  { connections, streams, baseUrls }: Pick<StartOptions, 'connections' | 'streams' | 'baseUrls'>,
  known: readonly KnownConnection[],
  variables: Variables,
  keys: Keys,
): readonly MissingKey[] {
  const chosen = [...connections, ...streams.map(connectionOf)];
  return known
    .filter(({ name }) => baseUrls.has(name) && (chosen.length === 0 || chosen.includes(name)))
    .flatMap((connection) => {
      const { title } = connection.connector;
      return fieldsOf(connection, { variables, keys })
        .filter(({ value }) => value === undefined)
        .map(({ field }) => ({ connection: connection.name, field, title }));
    });
}

interface Given {
  readonly variables: Variables;
  readonly keys: Keys;
}

function sourceOf(connection: KnownConnection, baseUrl: string | undefined, given: Given): Source {
  const { name, connector } = connection;
  const source = { connection: name, connector: connector.name };
  if (baseUrl === undefined) {
    if (hasOwnSimulator(connector.name)) return { ...source, from: { kind: 'simulator' }, secret: {} };
    if (simulatorOf(connector) !== null)
      return { ...source, from: { kind: 'simulator', definition: connector }, secret: {} };
    throw new UsageError(nobodyAnswers(connection));
  }

  const fields = fieldsOf(connection, given);
  const missing = fields
    .filter(({ value }) => value === undefined)
    .map(({ candidates }) => candidates.join(' or '));
  if (missing.length > 0) {
    throw new UsageError(
      `--base-url ${name}=… needs the key of ${name}: give it with --keys-from, or on a terminal, or in the environment, where ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set.`,
    );
  }
  const reading = readSecretValue(
    connector,
    Object.fromEntries(fields.map(({ field, value }) => [field, value])),
  );
  if (reading.kind === 'wrong') throw new UsageError(`The key of ${name} is of no use: ${reading.reason}.`);
  return {
    ...source,
    from: baseUrl === live ? { kind: 'live' } : { kind: 'url', url: baseUrl },
    secret: reading.fields,
  };
}

/** In one sentence. */
export function nobodyAnswers(connection: Pick<KnownConnection, 'name' | 'connector'>): string {
  const { name, connector } = connection;
  return `There is no simulator of ${connector.title} for ${name}, which requests access tokens: add --base-url ${name}=live to ask the vendor itself.`;
}

/** What is given for each field of the secret: by `--keys-from` or by hand, or else by the environment. */
function fieldsOf({ name, connector }: KnownConnection, { variables, keys }: Given) {
  const fields = secretFields(connector).map((field) => {
    const candidates = keyVariables(name, connector.name, field);
    const value = [keys.get(name)?.[field], ...candidates.map((key) => variables[key])].find(
      (text) => text !== undefined && text.trim() !== '',
    );
    return { field, candidates, value };
  });
  // A name that the connector does not have is told of as one that is wrong, with the ones that it has.
  const strange = Object.keys(keys.get(name) ?? {}).filter(
    (field) => !secretFields(connector).includes(field),
  );
  return [...fields, ...strange.map((field) => ({ field, candidates: [], value: '' }))];
}

/** The name is not repeated: it may be a secret in the wrong place. */
function mustKnow(option: string, what: string, name: string, allowed: readonly string[]): void {
  if (allowed.includes(name)) return;
  throw new UsageError(
    `${option}: there is no such ${what} in the stack${proposalFor(name, allowed)}; it has ${allowed.join(', ')}.`,
  );
}

/** `mobaro-eu`, `apiKey` -> `MOBARO_EU_API_KEY` */
function variable(name: string, field: string): string {
  const words = `${name}_${field.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')}`;
  return words.replaceAll(/[^A-Za-z0-9]+/g, '_').toUpperCase();
}
