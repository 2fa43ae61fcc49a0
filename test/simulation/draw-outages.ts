import type { Chance } from './chance.ts';
import type { Fault } from './faults.ts';
import type { ConnectionPlan } from './scenario.ts';
import { drawWord } from './vendor-words.ts';

const minute = 60_000;

/** In one history of five: the vendor is away for long, while messages are lost and a stream is paused for some of the time. */
export function drawOutages(
  connections: readonly ConnectionPlan[],
  gapSeconds: number,
  chance: Chance,
): readonly Fault[] {
  if (!chance.happens(0.2)) return [];
  const { name, group, streams } = chance.pick(connections);
  const at = chance.whole(0, 2) * gapSeconds * 1000 + chance.scaled(1, 15_000);
  const lasts = chance.whole(5, 90) * minute;
  const within = (): number => at + chance.whole(minute, lasts);
  const { kind, target } = chance.pick([
    { kind: 'storm', target: group },
    { kind: 'unavailable', target: name },
  ] as const);
  const paused = within();
  return [
    { kind, at, until: at + lasts, target, word: drawWord(chance) },
    { kind: 'lost message', at: within() },
    { kind: 'lost message', at: within() },
    {
      ...{ kind: 'pause', at: paused, until: paused + chance.scaled(minute, 30 * minute) },
      target: chance.pick(streams).name,
    },
  ];
}
