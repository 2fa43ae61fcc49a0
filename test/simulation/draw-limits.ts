import type { Connector, Limit } from '../../lib/connectors/connector.ts';
import type { Chance } from './chance.ts';
import type { Scenario } from './scenario.ts';

/** What a vendor counts, in place of what its connector says. */
export type LimitsPlan = Pick<Connector, 'limitScope'> & {
  readonly limits: Readonly<Partial<Record<'account' | 'endpoint', readonly Limit[]>>>;
};

/** In one history of three: limits of seconds and hours, of the account, of each endpoint, or of both. */
export function withLimits(scenario: Scenario, chance: Chance): Scenario {
  if (!chance.happens(1 / 3)) return scenario;
  // Connections of one group are one account.
  const groups = new Map(scenario.connections.map(({ group }) => [group, drawLimits(chance)]));
  const connections = scenario.connections.map((connection) => ({
    ...connection,
    limits: groups.get(connection.group) ?? null,
  }));
  return { ...scenario, connections };
}

function drawLimits(chance: Chance): LimitsPlan {
  const limitScope = chance.pick(['account', 'endpoint', 'both', 'both'] as const);
  return {
    limitScope,
    limits: {
      ...(limitScope !== 'endpoint' && { account: drawSpans(chance, 60) }),
      ...(limitScope !== 'account' && { endpoint: drawSpans(chance, 20) }),
    },
  };
}

/** Low ones, for short lists. @param anHour the least */
function drawSpans(chance: Chance, anHour: number): readonly Limit[] {
  const second: Limit = { requests: chance.whole(1, 3), per: 'second' };
  const hour: Limit = { requests: chance.whole(anHour, 4 * anHour), per: 'hour' };
  return chance.pick([[], [second], [hour], [second, hour]]);
}
