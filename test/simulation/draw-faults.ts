import type { Chance } from './chance.ts';
import { drawMovements } from './draw-movements.ts';
import { ports, troubledTicks, type Change, type Fault, type Strike } from './faults.ts';
import { hasParents, type ConnectionPlan, type Scenario } from './scenario.ts';
import { drawWord } from './vendor-words.ts';

export function drawFaults(
  connections: readonly ConnectionPlan[],
  gapSeconds: number,
  drift: Scenario['drift'],
  chance: Chance,
): readonly Fault[] {
  const streams = connections.flatMap((connection) => connection.streams.map(({ name }) => name));
  /** Soon after a tick: then there is something to hit. */
  const moment = (within = 15_000): number =>
    chance.whole(0, troubledTicks - 1) * gapSeconds * 1000 + chance.scaled(1, within);
  const faults: Fault[] = [];
  // Most histories are told by few faults; some by a great many.
  for (let left = chance.scaled(1, 24); left > 0; left -= 1) {
    faults.push(chance.happens(0.45) ? drawStrike(moment(), chance) : drawDelivery(moment, streams, chance));
  }
  for (let left = chance.whole(0, 3); left > 0; left -= 1) {
    faults.push(...drawWindow(moment(), connections, chance));
  }
  if (chance.happens(0.25)) {
    const { name } = chance.pick(connections);
    const at = moment();
    const fixed = chance.pick(['rotated', 'rotated twice', 'rotated before', 'resumed'] as const);
    faults.push({
      kind: 'unauthorized',
      at,
      until: at + chance.scaled(500, 1_200_000),
      target: name,
      fixed,
    });
  }
  if (chance.happens(0.15)) {
    const at = moment();
    faults.push({ kind: 'pause', at, until: at + chance.scaled(500, 600_000), target: chance.pick(streams) });
  }
  faults.push(...drawChanges(connections, moment, chance));
  faults.push(...drawMovements(connections, { gapSeconds, drift }, chance));
  if (chance.happens(0.12)) {
    const at = moment();
    const how = chance.pick(['fails', 'kills', 'too many', 'too slow'] as const);
    // Long enough for a stream that cannot get over it to be seen.
    const until = at + chance.pick([1, 8]) * gapSeconds * 1000;
    faults.push({ kind: 'unreadable', how, at, until, target: chance.pick(streams) });
  }
  return faults.sort((a, b) => a.at - b.at);
}

function drawStrike(at: number, chance: Chance): Strike {
  const call = {
    at,
    skip: chance.whole(0, 12),
    port: chance.happens(0.5) ? 'any' : chance.pick(ports),
  } as const;
  const drawn = chance.next();
  if (drawn < 0.35) return { kind: 'kill', ...call, when: chance.pick(['before', 'after'] as const) };
  if (drawn < 0.6) return { kind: 'failure', ...call };
  if (drawn < 0.75) return { kind: 'lost answer', ...call };
  const thaw = chance.happens(0.5) ? chance.scaled(100, 600_000) : null;
  return { kind: 'slow', ...call, ms: chance.scaled(2000, 60_000), thaw };
}

function drawDelivery(moment: () => number, streams: readonly string[], chance: Chance): Fault {
  const at = moment();
  const ms = chance.scaled(1, 600_000);
  const drawn = chance.next();
  if (drawn < 0.05) return { kind: 'lost message', at };
  if (drawn < 0.15) return { kind: 'undeleted message', at };
  if (drawn < 0.3) return { kind: 'late message', at, ms };
  if (drawn < 0.5) return { kind: 'duplicate message', at, ms };
  if (drawn < 0.6) return { kind: 'lost watch', at };
  if (drawn < 0.7) return { kind: 'second watch', at };
  if (drawn < 0.75) return { kind: 'resume', at: moment(), stream: chance.pick(streams) };
  const stream = chance.pick(streams);
  if (drawn < 0.8) return { kind: 'lost tick', at, stream };
  return { kind: drawn < 0.88 ? 'late tick' : 'duplicate tick', at, stream, ms };
}

function drawWindow(at: number, connections: readonly ConnectionPlan[], chance: Chance): Fault[] {
  const connection = chance.pick(connections);
  const stream = chance.pick(connection.streams).name;
  const until = at + chance.scaled(200, 1_200_000);
  const short = at + chance.scaled(200, 30_000);
  const drawn = chance.next();
  if (drawn < 0.3) {
    return [{ kind: 'storm', at, until, target: connection.group, word: drawWord(chance) }];
  }
  if (drawn < 0.4)
    return [{ kind: 'unavailable', at, until, target: connection.name, word: drawWord(chance) }];
  if (drawn < 0.5)
    return [{ kind: 'spent', at, until: short, target: connection.group, word: drawWord(chance) }];
  if (drawn < 0.7) {
    // A 400 for a cursor says that it has expired, and the run begins again.
    const status = chance.pick(
      stream.endsWith('/employment')
        ? ([403, 404] as const)
        : // A 404 for the rows of somebody says that this one has gone.
          hasParents(stream)
          ? ([400, 403] as const)
          : ([400, 403, 404] as const),
    );
    const denied = {
      kind: 'denied',
      at,
      until: chance.happens(0.5) ? short : until,
      target: stream,
      status,
    } as const;
    return [denied, { kind: 'resume', at: denied.until + chance.scaled(100, 1_800_000), stream }];
  }
  const kinds = ['silent', 'broken', 'html', 'empty', 'truncated', 'no array', 'left out'] as const;
  return [{ kind: chance.pick(kinds), at, until: chance.happens(0.5) ? short : until, target: stream }];
}

function drawChanges(
  connections: readonly ConnectionPlan[],
  moment: (within?: number) => number,
  chance: Chance,
): readonly Change[] {
  const changes: Change[] = [];
  const streams = connections.flatMap((connection) => connection.streams.map(({ name }) => name));
  if (chance.happens(0.15)) {
    const share = chance.happens(0.3) ? 0 : chance.next();
    changes.push({
      kind: 'rotate',
      at: moment(),
      target: chance.pick(connections).name,
      place: chance.next(),
      share,
    });
  }
  if (chance.happens(0.15)) {
    changes.push({
      kind: 'deploy',
      at: moment(),
      stream: chance.pick(streams),
      pageSize: chance.whole(1, 6),
    });
  }
  if (chance.happens(0.08)) changes.push({ kind: 'forget', at: moment(), stream: chance.pick(streams) });
  const batched = connections
    .flatMap((connection) => connection.streams)
    .filter(({ batchOver }) => batchOver !== null);
  if (batched.length > 0 && chance.happens(0.3)) {
    // While it is likely to be at one of its batches.
    changes.push({ kind: 'forget', at: moment(4000), stream: chance.pick(batched).name });
  }
  if (chance.happens(0.2)) changes.push({ kind: 'expire tombstones', at: moment(1_800_000) });
  return changes;
}
