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
  if (target === undefined) return store.streams;
  if (parseStreamName(target) !== null) {
    mustKnowStream(store, target);
    return [target];
  }
  mustKnowConnection(store, target);
  return store.streams.filter((stream) => connectionOf(stream) === target);
}

export function mustKnowStream({ streams }: Known, stream: string): void {
  if (streams.includes(stream)) return;
  throw new UsageError(
    `There is no such stream${proposalFor(stream, streams)}; known are ${streams.join(', ')}.`,
  );
}

/** @throws UsageError */
export function mustKnowConnection(store: Known, connection: string): void {
  const known = connectionsOf(store);
  if (known.includes(connection)) return;
  throw new UsageError(
    `There is no such connection${proposalFor(connection, known)}; known are ${known.join(', ')}, and the streams ${store.streams.join(', ')}.`,
  );
}

export function connectionsOf({ streams }: Known): readonly string[] {
  return [...new Set(streams.map(connectionOf))];
}
