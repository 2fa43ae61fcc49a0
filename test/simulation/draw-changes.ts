import type { Chance } from './chance.ts';
import { pagingOf } from './manners.ts';
import type { Scenario, StreamPlan } from './scenario.ts';

/** Lists that come in no parts of another kind, and have no fields to choose. */
const eligible = ['users', 'timesheets', 'webhooks', 'locations', 'employment'];

/** Of some lists what has changed can be walked alone: of those whose vendor answers plainly. */
export function withChanges(scenario: Scenario, chance: Chance): Scenario {
  const connections = scenario.connections.map((connection) => ({
    ...connection,
    streams: connection.streams.map((plan): StreamPlan => {
      const isDrawn = chance.happens(0.4);
      const isNewestFirst = chance.happens(0.5);
      const changes = {
        by: isNewestFirst && pagingOf(plan, connection) === 'offset' ? 'newest first' : 'filter',
        overlapSeconds: chance.pick([0, 0, 60]),
        reconcileMs: chance.whole(1, 4) * scenario.gapSeconds * 1000,
      } as const;
      const isPlain = plan.manner.kind === 'plain' && plan.batchOver === null;
      const isEligible = eligible.includes(plan.name.split('/')[1] ?? '');
      return isDrawn && isPlain && isEligible ? { ...plan, changes } : plan;
    }),
  }));
  return { ...scenario, connections };
}
