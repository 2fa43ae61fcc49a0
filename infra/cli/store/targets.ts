import { connectionOf, parseStreamName } from '../../../lib/connectors/stream-name.ts';
import { proposalFor } from '../../terminal/closest.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import type { Store } from './store.ts';

type Known = Pick<Store, 'streams'>;

/** Checked before anything is opened. @throws UsageError unless one of the two was given */
export function mustChoose(command: string, target: string | undefined, all: true | undefined): void {
  if ((target === undefined) !== (all === undefined)) return;
  throw new UsageError(
    target === undefined
      ? `${command} takes a stream, such as mobaro/users, a connection, such as mobaro, or --all.`
      : `${command} takes a stream or connection, or --all, not both.`,
  );
}

/** @param target a stream or a connection; left out, all of them @throws UsageError */
export function streamsOf(store: Known, target: string | undefined): readonly string[] {
  const { streams } = store;
  if (target === undefined) return streams;
  if (parseStreamName(target) !== null) {
    if (!streams.includes(target)) throw noSuchStream(store, target);
    return [target];
  }
  if (!connectionsOf(store).includes(target))
    throw noSuchConnection(store, target, namedAlike(store, target));
  return streams.filter((stream) => connectionOf(stream) === target);
}

/** @param command as it was typed, which takes nothing else @throws UsageError */
export function mustKnowStream(store: Known, stream: string, command: string): void {
  if (store.streams.includes(stream)) return;
  if (!connectionsOf(store).includes(stream)) throw noSuchStream(store, stream);
  throw new UsageError(`${command} takes a stream: ${streamsOf(store, stream).join(', ')}.`);
}

/** @param command as it was typed, which takes nothing else @throws UsageError */
export function mustKnowConnection(store: Known, connection: string, command: string): void {
  const known = connectionsOf(store);
  if (known.includes(connection)) return;
  const ofStream = parseStreamName(connection)?.connection;
  if (ofStream === undefined || !known.includes(ofStream)) throw noSuchConnection(store, connection);
  throw new UsageError(`${command} takes a connection: ${ofStream}.`);
}

function noSuchStream(store: Known, stream: string): UsageError {
  const { streams } = store;
  const proposal = proposed(namedAlike(store, stream)) || proposalFor(stream, streams);
  return new UsageError(`There is no such stream${proposal}; known are ${streams.join(', ')}.`);
}

/** @param alike streams that may have been meant, where the command takes them */
function noSuchConnection(store: Known, connection: string, alike: readonly string[] = []): UsageError {
  const known = connectionsOf(store);
  const proposal = proposed(alike) || proposalFor(connection, known);
  return new UsageError(
    `There is no such connection${proposal}; known are ${known.join(', ')}, and the streams ${store.streams.join(', ')}.`,
  );
}

/** `users` alone may be the stream of any connection. */
function namedAlike({ streams }: Known, name: string): readonly string[] {
  return streams.filter((stream) => stream.endsWith(`/${name}`));
}

function proposed(streams: readonly string[]): string {
  return streams.length === 0 ? '' : ` (did you mean ${streams.join(' or ')}?)`;
}

export function connectionsOf({ streams }: Known): readonly string[] {
  return [...new Set(streams.map(connectionOf))];
}
