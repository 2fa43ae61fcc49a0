import type { Chance } from './chance.ts';
import type { Fault } from './faults.ts';
import type { ConnectionPlan } from './scenario.ts';

/** What goes wrong on the way from a trouble to people. Times are milliseconds from the start. */
export interface Telling {
  /** How much of what can go wrong with a call of the function that tells them does, 0 to 1; 0 in half of all histories. */
  readonly trouble: number;
  readonly windows: readonly TellingWindow[];
  readonly mutes: readonly MutePlan[];
}

export interface TellingWindow {
  readonly at: number;
  readonly until: number;
  readonly kind:
    /** The stream of the checkpoints table gives nothing. */
    | 'no stream'
    /** Alarms change their states, and nobody is told. */
    | 'no alarms'
    /** The function is not run. */
    | 'throttled'
    /** The function can neither read nor write the table. */
    | 'table refuses'
    /** What the function sends is not taken. */
    | 'topic refuses';
}

/** A person wants to hear of no page of a connection for a while. */
export interface MutePlan {
  readonly at: number;
  readonly until: number;
  readonly connection: string;
}

const kinds = ['no stream', 'no alarms', 'throttled', 'table refuses', 'topic refuses'] as const;

const minute = 60_000;

export function drawTelling(
  connections: readonly ConnectionPlan[],
  faults: readonly Fault[],
  chance: Chance,
): Telling {
  const moments = faults.flatMap((fault) => ('until' in fault ? [fault.at, fault.until] : []));
  // Around what there may be to tell.
  const moment = (): number => {
    const at = moments.length === 0 ? 0 : chance.pick(moments);
    return Math.max(0, at + chance.scaled(1, 30 * minute) - 5 * minute);
  };
  const mutes = Array.from({ length: chance.happens(0.25) ? 1 : 0 }, (): MutePlan => {
    const at = moment();
    const { name } = chance.pick(connections);
    return { at, until: at + chance.scaled(5 * minute, 90 * minute), connection: name };
  });
  if (chance.happens(0.5)) return { trouble: 0, windows: [], mutes };
  const drawn = Array.from({ length: chance.whole(0, 3) }, (): TellingWindow => {
    const at = moment();
    return { kind: chance.pick(kinds), at, until: at + chance.scaled(minute, 90 * minute) };
  });
  // Where nothing leads to the function, only the watchdog tells: if that cannot either, nobody hears of it for a while.
  const isCut =
    drawn.some(({ kind }) => kind === 'no stream') && drawn.some(({ kind }) => kind === 'no alarms');
  const windows = drawn.filter(({ kind }) => !isCut || kind !== 'topic refuses');
  return { trouble: chance.pick([0, 0.05, 0.3]), windows, mutes };
}
