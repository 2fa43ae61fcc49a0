import type { Chance } from './chance.ts';
import type { ConnectionPlan, ScenarioOptions } from './scenario.ts';
import { drawWord, type Word } from './vendor-words.ts';

/**
 * What goes wrong in a run of the simulation. All times are milliseconds from its start. A strike waits for its moment and
 * then lets `skip` calls of the ports pass; a window lasts from `at` to `until`.
 */
export type Fault = Strike | Delivery | Window | Mend | Movement;

/** The member of a union whose `kind` may be this one. */
export type OfKind<Member, Kind> = Member extends { readonly kind: infer Kinds }
  ? Kind extends Kinds
    ? Member
    : never
  : never;

export const ports = [
  'checkpoints',
  'breakers',
  'governor',
  'records',
  'seenRows',
  'queue',
  'secrets',
  'vendor',
] as const;
export type Port = (typeof ports)[number];

/** Something happens to one call of a port. */
export type Strike = {
  readonly at: number;
  readonly skip: number;
  readonly port: Port | 'any';
} & (
  | { readonly kind: 'kill'; readonly when: 'before' | 'after' }
  /** Nothing was done and the caller gets an error: a throttle, a send that failed. */
  | { readonly kind: 'failure' }
  /** It was done, and the caller gets an error all the same. */
  | { readonly kind: 'lost answer' }
  /**
   * It takes `ms`, which may be longer than the function has. `thaw`: then its environment is frozen and goes on so much
   * later, in another invocation; null if it is killed.
   */
  | { readonly kind: 'slow'; readonly ms: number; readonly thaw: number | null }
);

/** Something happens to a message, a tick or the watchdog on its way. */
export type Delivery =
  | { readonly kind: 'lost message' | 'undeleted message'; readonly at: number }
  | { readonly kind: 'late message' | 'duplicate message'; readonly at: number; readonly ms: number }
  | { readonly kind: 'lost tick'; readonly at: number; readonly stream: string }
  | {
      readonly kind: 'late tick' | 'duplicate tick';
      readonly at: number;
      readonly stream: string;
      readonly ms: number;
    }
  | { readonly kind: 'lost watch' | 'second watch'; readonly at: number };

/** What the vendor does for a while. `target` is a limit group, a connection or a stream. */
export type Window = { readonly at: number; readonly until: number; readonly target: string } & (
  | { readonly kind: 'storm' | 'unavailable' | 'spent'; readonly word: Word }
  | { readonly kind: 'silent' | 'broken' | 'html' | 'empty' | 'truncated' | 'no array' | 'left out' }
  | { readonly kind: 'denied'; readonly status: 400 | 403 | 404 }
  /** The secret of a connection is refused: from `at`; mended at `until`. */
  | {
      readonly kind: 'unauthorized';
      readonly mended: 'rotated' | 'rotated twice' | 'rotated before' | 'resumed';
    }
  /** A person pauses the stream, and resumes it at `until`. */
  | { readonly kind: 'pause' }
  /** 200 and no row, though the total says that there are some. Only with drift. */
  | { readonly kind: 'blank' }
);

/** A person resumes a stream, whether it needs it or not. */
export interface Mend {
  readonly kind: 'resume';
  readonly at: number;
  readonly stream: string;
}

/** Something happens to the vendor's rows. `place` from 0 to 1: where among them. */
export type Movement =
  | { readonly kind: 'cap'; readonly at: number; readonly stream: string; readonly cap: number }
  | {
      readonly kind: 'change' | 'insert' | 'delete';
      readonly at: number;
      readonly stream: string;
      readonly place: number;
    };

/** Ticks during which faults begin. */
export const troubledTicks = 2;

export function drawFaults(
  connections: readonly ConnectionPlan[],
  gapSeconds: number,
  { drift }: ScenarioOptions,
  chance: Chance,
): readonly Fault[] {
  const streams = connections.flatMap((connection) => connection.streams.map(({ name }) => name));
  const counted = connections
    .filter(({ connector }) => connector === 'mobaro')
    .flatMap((connection) => connection.streams.map(({ name }) => name));
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
    const mended = chance.pick(['rotated', 'rotated twice', 'rotated before', 'resumed'] as const);
    faults.push({
      kind: 'unauthorized',
      at,
      until: at + chance.scaled(500, 1_200_000),
      target: name,
      mended,
    });
  }
  for (let left = chance.whole(0, 4); left > 0; left -= 1) {
    faults.push(drawMovement(moment(), chance.pick(streams), drift, chance));
  }
  if (chance.happens(0.15)) {
    const at = moment();
    faults.push({ kind: 'pause', at, until: at + chance.scaled(500, 600_000), target: chance.pick(streams) });
  }
  if (drift !== 'none' && counted.length > 0 && chance.happens(0.3)) {
    const at = moment();
    // Only an offset stream has a total that tells.
    faults.push({ kind: 'blank', at, until: at + chance.scaled(200, 5000), target: chance.pick(counted) });
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
      stream.endsWith('/employment') ? ([403, 404] as const) : ([400, 403, 404] as const),
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

function drawMovement(at: number, stream: string, drift: ScenarioOptions['drift'], chance: Chance): Movement {
  if (chance.happens(0.25)) return { kind: 'cap', at, stream, cap: chance.whole(1, 8) };
  const kinds = drift === 'none' ? (['change'] as const) : (['change', 'insert', 'delete'] as const);
  return { kind: chance.pick(kinds), at, stream, place: chance.next() };
}

/** When the last of them is over. */
export function endOf(faults: readonly Fault[]): number {
  return Math.max(0, ...faults.map((fault) => ('until' in fault ? fault.until : fault.at)));
}
