import { bob } from '../../lib/connectors/bob/bob.ts';
import { mobaro } from '../../lib/connectors/mobaro/mobaro.ts';
import type { Chance } from './chance.ts';
import { troubledTicks, type Fault } from './faults.ts';
import { hasParents, minCap, type ConnectionPlan, type Scenario, type StreamPlan } from './scenario.ts';
import { poisons, type Lie } from './simulated-vendor.ts';

interface Times {
  readonly gapSeconds: number;
  readonly drift: Scenario['drift'];
}

/** What becomes of the vendor's rows, and what it says of them that is not true. */
export function drawMovements(
  connections: readonly ConnectionPlan[],
  times: Times,
  chance: Chance,
): readonly Fault[] {
  const faults: Fault[] = [];
  const streams = connections.flatMap((connection) => connection.streams.map(({ name }) => name));
  const tick = (): number => chance.whole(0, troubledTicks - 1) * times.gapSeconds * 1000;
  /** While a run is likely to be open. */
  const during = (): number => tick() + chance.whole(500, 8000);
  const anytime = (): number => chance.whole(0, troubledTicks * times.gapSeconds * 1000);
  for (let left = chance.whole(0, 7); left > 0; left -= 1) {
    const at = chance.happens(0.5) ? during() : anytime();
    faults.push(...drawMovement(at, chance.pick(streams), times, chance));
  }
  if (chance.happens(0.2)) faults.push(...drawBurst(during(), chance.pick(streams), times, chance));
  const byCursor = pagedBy('cursor', connections);
  if (byCursor.length > 0 && chance.happens(0.4)) {
    let at = during();
    const stream = chance.pick(byCursor);
    for (let left = chance.whole(1, 4); left > 0; left -= 1) {
      faults.push({ kind: 'expire cursors', at, stream });
      at += chance.scaled(300, 5000);
    }
  }
  faults.push(...drawLies(connections, times, tick() + chance.whole(0, 4000), chance));
  return [...faults, ...drawPoison(streams, tick() + chance.whole(0, 4000), chance)];
}

function drawPoison(streams: readonly string[], at: number, chance: Chance): readonly Fault[] {
  if (!chance.happens(0.15)) return [];
  const until = at + chance.scaled(1000, 600_000);
  return [{ kind: 'poisoned', at, until, target: chance.pick(streams), by: chance.pick(poisons) }];
}

/** A list that hardly holds still. */
function drawBurst(at: number, stream: string, times: Times, chance: Chance): readonly Fault[] {
  return Array.from({ length: chance.whole(3, 8) }).flatMap(() =>
    drawMovement(at + chance.whole(0, 6000), stream, times, chance),
  );
}

function drawMovement(
  at: number,
  stream: string,
  { gapSeconds, drift }: Times,
  chance: Chance,
): readonly Fault[] {
  const drawn = chance.next();
  const place = chance.next();
  if (drawn < 0.15) return [{ kind: 'cap', at, stream, cap: chance.whole(minCap(drift), 8) }];
  if (drawn < 0.35) return [{ kind: 'change', at, stream, place }];
  if (drawn < 0.55) return [{ kind: 'insert', at, stream, place }];
  const mass = chance.happens(0.35);
  const share = mass ? 0.3 + 0.7 * chance.next() : 0.2 * chance.next();
  const later = (): number => at + chance.scaled(500, 2 * gapSeconds * 1000);
  const faults: Fault[] = [{ kind: 'delete', at, stream, place, share }];
  if (chance.happens(0.4)) {
    faults.push({ kind: 'return', at: later(), stream, place: chance.next(), share: chance.next() });
  }
  if (mass && chance.happens(0.5)) faults.push({ kind: 'allow', at: later(), stream });
  return faults;
}

/** One sort of lie in a history: against two that fit together nobody has a chance. */
function drawLies(
  connections: readonly ConnectionPlan[],
  { drift }: Times,
  at: number,
  chance: Chance,
): readonly Fault[] {
  if (!chance.happens(0.4)) return [];
  const until = at + chance.scaled(1000, 600_000);
  const all = connections.flatMap(({ streams }) => streams);
  const counted = pagedBy('offset', connections);
  const isCounted = counted.length > 0 && chance.happens(0.7);
  const target = chance.pick(isCounted ? counted : all.map(({ name }) => name));
  const plan = all.find(({ name }) => name === target);
  const kinds = liesOf(counted.includes(target), plan);
  if (kinds.length === 0) return [];
  if (plan?.windows != null) {
    // Soon after the first tick, when there is a history to read, and for so long that the page is given up.
    const from = chance.whole(200, 5000);
    return [{ kind: 'blank', at: from, until: from + chance.scaled(30_000, 1_800_000), target }];
  }
  const kind = chance.pick(kinds);
  if (kind === 'miscounted') {
    return [{ kind, at, until, target, by: chance.happens(0.75) ? -chance.whole(1, 6) : chance.whole(1, 4) }];
  }
  // Where rows go while one is kept back, the number comes out right.
  if (kind === 'omitted' && drift === 'within' && counted.includes(target)) return [];
  return [{ kind, at, until, target }];
}

/** What somebody could notice, sooner or later. */
function liesOf(
  isCounted: boolean,
  plan: StreamPlan | undefined,
): readonly (Exclude<Lie, 'circling' | 'poisoned'> | 'left out')[] {
  // A list of changes that hides some of them has hidden them for ever, unless it contradicts itself.
  if (plan?.windows != null) return isCounted ? ['blank'] : [];
  if (isCounted) {
    return [
      'blank',
      'vanished',
      'no content',
      'omitted',
      'omitted',
      'miscounted',
      'miscounted',
      'miscounted',
    ];
  }
  // Nobody can tell that one of them has rows where it is said to have none.
  if (plan !== undefined && hasParents(plan.name)) return ['no content'];
  const always = ['vanished', 'no content', 'left out'] as const;
  return plan?.batchOver == null ? always : [...always, 'omitted', 'omitted'];
}

function pagedBy(kind: 'offset' | 'cursor', connections: readonly ConnectionPlan[]): readonly string[] {
  return connections.flatMap(({ connector, streams }) =>
    streams.flatMap(({ name }) => {
      const definition = { mobaro, bob }[connector].streams[name.split('/')[1] ?? ''];
      return definition?.paging.kind === kind ? [name] : [];
    }),
  );
}
