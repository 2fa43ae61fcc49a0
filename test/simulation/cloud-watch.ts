import {
  alarmKinds,
  alarmNameOf,
  alarmOf,
  troublesThatRaise,
  type TroubleAlarm,
} from '../../lib/on-call/alarm-kinds.ts';
import type { MuteRules } from '../../lib/operations/mute.ts';
import type { AlarmChange } from '../../lib/on-call/alarm-change.ts';
import { numberOf, troubleFlags, type Trouble } from '../../lib/sync/troubles.ts';
import type { Chance } from './chance.ts';
import type { World } from './world.ts';

const alarms = [...new Set<TroubleAlarm>(Object.values(alarmOf))];
const minute = 60_000;

export const deployment = 'Pagekeeper';

/** CloudWatch looks at so many minutes before the last one, so that what comes late counts. */
const extraMinutes = 2;

interface Watched {
  /** The newest minute of which there is a number, and the highest of it. */
  newest: { readonly minute: number; readonly highest: number } | null;
  readonly on: Set<TroubleAlarm>;
  /** Nothing is done about those that page until then, epoch milliseconds. */
  mutedUntil: number;
  isPlanned: boolean;
}

/** The alarms over the number of each connection: the highest of a minute, and where there is none the state stays. */
export class CloudWatch {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #changed: (change: AlarmChange) => void;
  readonly #watched = new Map<string, Watched>();

  /** @param changed told of each alarm that has changed its state */
  constructor(world: World, chance: Chance, changed: (change: AlarmChange) => void) {
    this.#world = world;
    this.#chance = chance;
    this.#changed = changed;
  }

  /** A line in a log, of which CloudWatch makes a number. */
  measured(connection: string, troubles: ReadonlySet<Trouble>, readAt: number): void {
    const value = numberOf(troubles, readAt);
    this.#world.scheduler.after(this.#chance.scaled(500, 30_000), () =>
      this.#take(connection, Math.floor(readAt / minute), value),
    );
  }

  /** Its rules of mutes: at the end of one it acts on what is still on. */
  get muteRules(): MuteRules {
    return {
      put: async ({ connection, until }) => {
        const watched = this.#of(connection);
        watched.mutedUntil = until;
        this.#world.scheduler.at(until, () => {
          const pages = alarms.filter(
            (alarm) => alarmKinds[alarm].severity === 'page' && watched.on.has(alarm),
          );
          for (const alarm of pages) this.#act(connection, alarm, watched);
        });
        return null;
      },
      remove: async () => null,
    };
  }

  #take(connection: string, of: number, value: number): void {
    const { scheduler } = this.#world;
    const watched = this.#of(connection);
    const { newest } = watched;
    if (newest !== null && newest.minute > of) return;
    const highest = newest?.minute === of ? Math.max(newest.highest, value) : value;
    watched.newest = { minute: of, highest };
    if (watched.isPlanned) return;
    watched.isPlanned = true;
    // Once a minute, some seconds after its end.
    const next = (Math.floor(scheduler.now() / minute) + 1) * minute + this.#chance.whole(1000, 20_000);
    scheduler.at(next, () => this.#evaluate(connection, watched));
  }

  #evaluate(connection: string, watched: Watched): void {
    const world = this.#world;
    watched.isPlanned = false;
    const { newest, on } = watched;
    if (newest === null || newest.minute < Math.floor(world.now() / minute) - 1 - extraMinutes) return;
    for (const alarm of alarms) {
      const isOn = troublesThatRaise(alarm).some(
        (flag) => Math.floor(newest.highest / troubleFlags[flag]) % 2 === 1,
      );
      if (isOn === on.has(alarm)) continue;
      if (isOn) on.add(alarm);
      else on.delete(alarm);
      this.#act(connection, alarm, watched);
    }
    for (const judge of world.judges) judge.evaluated?.(connection, newest.minute * minute, on);
  }

  #act(connection: string, alarm: TroubleAlarm, { on, mutedUntil }: Watched): void {
    const world = this.#world;
    const name = alarmNameOf(deployment, alarm, connection);
    const state = on.has(alarm) ? 'ALARM' : 'OK';
    const isMuted = alarmKinds[alarm].severity === 'page' && world.now() < mutedUntil;
    world.tell('CloudWatch', `${name} is ${state}${isMuted ? ', and muted' : ''}`);
    if (isMuted) return;
    const stateBefore = state === 'OK' ? 'ALARM' : 'OK';
    this.#changed({
      ...{ name, arn: `arn:${name}`, region: 'eu-west-1', account: '111111111111' },
      ...{ state, stateBefore, at: world.now(), reason: 'Threshold Crossed', description: name },
    });
  }

  #of(connection: string): Watched {
    const watched = this.#watched.get(connection) ?? {
      newest: null,
      on: new Set<TroubleAlarm>(),
      mutedUntil: 0,
      isPlanned: false,
    };
    this.#watched.set(connection, watched);
    return watched;
  }
}
