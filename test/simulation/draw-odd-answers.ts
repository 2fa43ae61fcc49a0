import type { Chance } from './chance.ts';
import { cutWords, lyingKinds, troubledTicks, type Fault } from './faults.ts';
import { pagingOf } from './manners.ts';
import type { ConnectionPlan, Scenario, StreamPlan } from './scenario.ts';

/** What a vendor says for a while of a list of its own way of paging. One of them in a history at most. */
export function drawOddAnswers(scenario: Scenario, chance: Chance): Scenario {
  const { connections, gapSeconds, faults } = scenario;
  if (!chance.happens(0.5)) return scenario;
  const all = connections.flatMap((connection) => connection.streams.map((plan) => ({ plan, connection })));
  // There are few of them.
  const byCursor = all.filter(({ plan, connection }) => pagingOf(plan, connection) === 'cursor');
  const { plan, connection } = chance.pick(byCursor.length > 0 && chance.happens(0.6) ? byCursor : all);
  const at = chance.whole(0, troubledTicks - 1) * gapSeconds * 1000 + chance.whole(0, 4000);
  const window = { at, until: at + chance.scaled(1000, 600_000), target: plan.name };
  const isTrue = !faults.some(({ kind }) => (lyingKinds as readonly string[]).includes(kind));
  const fault = drawOne(window, plan, connection, isTrue, chance);
  if (fault === null) return scenario;
  return { ...scenario, faults: [...faults, fault].sort((a, b) => a.at - b.at) };
}

/** @param isTrue nothing that the vendors say in this history is a lie yet: against two of them nobody has a chance */
function drawOne(
  window: { readonly at: number; readonly until: number; readonly target: string },
  plan: StreamPlan,
  connection: ConnectionPlan,
  isTrue: boolean,
  chance: Chance,
): Fault | null {
  const isPlain = plan.manner.kind === 'plain';
  switch (pagingOf(plan, connection)) {
    case 'none':
      return { kind: 'cut short', ...window, word: chance.pick(cutWords) };
    case 'cursor':
      return isTrue && isPlain
        ? { kind: 'circling', ...window, place: chance.happens(0.4) ? null : chance.next() }
        : null;
    case 'offset':
      return isTrue && isPlain ? { kind: 'miscounted', ...window, by: 'page' } : null;
    default:
      return null;
  }
}
