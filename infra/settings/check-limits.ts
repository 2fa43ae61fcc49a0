import { isDeepStrictEqual } from 'node:util';

import type { Connector, Limit } from '../../lib/connectors/connector.ts';
import { contradiction, scopesOf, type CountedPart } from '../../lib/connectors/limits.ts';
import { formatStreamName } from '../../lib/connectors/stream-name.ts';
import { chosenLimits } from '../../lib/runtime/stream-settings.ts';
import { limitsOf, nothingChosen } from '../../lib/sync/settings.ts';
import { below, SettingsError, wrongValue } from './settings-error.ts';
import type { ConnectionInput } from './settings-schema.ts';
import type { ConnectionSettings } from './settings.ts';

/** What is chosen in one place. */
interface Chosen {
  readonly limitPerMinute?: number | undefined;
  readonly limits?: readonly Limit[] | undefined;
}

/** A figure stands where the vendor counts: at the account, at each endpoint, or at both. */
export function checkLimits(path: string, connector: Connector, input: ConnectionInput): void {
  const { title } = connector;
  const misplaced: Readonly<Record<CountedPart, string>> = {
    account: `must be set on a stream, for ${title} counts each endpoint by itself`,
    endpoint: `must be set on the connection, for ${title} counts the whole account`,
  };
  const check = (place: string, part: CountedPart, chosen: Chosen): void => {
    for (const field of ['limitPerMinute', 'limits'] as const) {
      if (chosen[field] !== undefined && !scopesOf(connector).includes(part))
        throw wrongValue(`${place}.${field}`, misplaced[part], chosen[field]);
    }
    const rule = contradiction(chosenLimits(chosen));
    if (rule !== null) throw new SettingsError(`${place}.limits: ${rule}`);
  };
  check(path, 'account', input);
  for (const [name, stream] of Object.entries(input.streams ?? {})) {
    check(below(`${path}.streams`, name), 'endpoint', stream);
  }
}

/**
 * A limit is kept under the group's name, so two vendors under one name would wait for each other; and of two figures for one
 * limit each would be kept by turns.
 */
export function checkLimitGroups(connections: readonly ConnectionSettings[]): void {
  const groups = new Map<string, ConnectionSettings>();
  const figures = new Map<string, Figure>();
  for (const connection of connections) {
    const other = groups.get(connection.limitGroup) ?? connection;
    groups.set(connection.limitGroup, other);
    if (other.connector !== connection.connector) {
      const rule = `must not be shared with ${other.name}, which is another vendor's`;
      throw wrongValue(
        `${below('pagekeeper.connections', connection.name)}.limitGroup`,
        rule,
        connection.limitGroup,
      );
    }
    for (const [scope, figure] of figuresOf(connection)) {
      const first = figures.get(scope) ?? figure;
      figures.set(scope, first);
      const rule = `must be the same as that of ${first.name}, which has the same limit`;
      for (const field of ['limitPerMinute', 'limits'] as const) {
        if (isDeepStrictEqual(first.chosen[field], figure.chosen[field])) continue;
        throw wrongValue(`${figure.path}.${field}`, rule, figure.chosen[field]);
      }
    }
  }
}

interface Figure {
  /** As people know it: `bob/people`. */
  readonly name: string;
  readonly path: string;
  readonly chosen: Chosen;
}

/** By limit scope. */
function figuresOf(connection: ConnectionSettings): readonly (readonly [string, Figure])[] {
  const { name, connector, limitGroup, limitPerMinute, limits, streams } = connection;
  const path = below('pagekeeper.connections', name);
  const ofAccount = {
    limitPerMinute: limitPerMinute ?? undefined,
    limits: limits.length === 0 ? undefined : limits,
  };
  const counted = scopesOf(connector);
  return streams.flatMap((stream) => {
    const described = connector.streams[stream.config.of ?? stream.name] ?? stream.definition;
    const scopes = limitsOf(limitGroup, connector, described, nothingChosen).limits;
    const { limitPerMinute: perMinute, limits: own } = stream.config;
    const figures: Readonly<Record<CountedPart, Figure>> = {
      account: { name, path, chosen: ofAccount },
      endpoint: {
        name: formatStreamName({ connection: name, stream: stream.name }),
        path: below(`${path}.streams`, stream.name),
        chosen: { limitPerMinute: perMinute, limits: own },
      },
    };
    return scopes.flatMap(({ scope }, index) => {
      const part = counted[index];
      return part === undefined ? [] : [[scope, figures[part]] as const];
    });
  });
}
