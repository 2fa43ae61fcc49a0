import {
  aggregate,
  evaluateAlarm,
  extraPeriods,
  type AlarmState,
} from '../../infra/emulator/alarms/evaluate-alarm.ts';
import { MetricStore } from '../../infra/emulator/alarms/metric-store.ts';
import { evaluateExpression } from '../../infra/emulator/template/metric-math.ts';
import type { AlarmModel } from '../../infra/emulator/template/template-model.ts';
import { alarmOf } from '../../lib/on-call/alarm-kinds.ts';
import { newCheckpoint } from '../../lib/sync/checkpoint.ts';
import { publishTroubles } from '../../lib/sync/publish-troubles.ts';
import { metricName, metricNamespace, numberOf, type Trouble } from '../../lib/sync/troubles.ts';
import type { Work } from '../../lib/sync/work.ts';
import { FakeBreakers } from '../support/fakes/fake-breakers.ts';
import { FakeCheckpoints } from '../support/fakes/fake-checkpoints.ts';
import { streamNamed } from '../support/streams.ts';

/** Two streams of a connection that fail and recover at the same time, step by step. */

type Wrong = 'missing' | 'exhausted';

/** What becomes of a stream: one invocation that stores it, and publishes what is stored then. */
export interface Change {
  readonly stream: string;
  /** Null: it is well again. */
  readonly stopped: Wrong | null;
}

/** What an invocation does, one after the other. */
type Step = 'store' | 'begin to read' | 'read' | 'publish';

/** Who takes the next step: an index of the changes. */
export type Order = readonly number[];

/**
 * Every order in which each takes so many steps, but that a stream recovers only after it has failed: an even change is stored
 * before the odd one that follows it.
 */
export function* ordersOf(changes: number, stepsOfEach: number): Generator<Order> {
  const taken = Array.from({ length: changes }, () => 0);
  const order: number[] = [];
  function* next(): Generator<Order> {
    if (order.length === changes * stepsOfEach) yield [...order];
    for (let who = 0; who < changes; who += 1) {
      const isEarly = who % 2 === 1 && taken[who - 1] === 0;
      if (taken[who] === stepsOfEach || isEarly) continue;
      taken[who] = (taken[who] ?? 0) + 1;
      order.push(who);
      yield* next();
      order.pop();
      taken[who] = (taken[who] ?? 0) - 1;
    }
  }
  yield* next();
}

export interface Sequence {
  readonly changes: readonly Change[];
  readonly order: Order;
  /** What each does at once, the last of them one step: `[1, 3]` stores, and then does the rest. */
  readonly grouped: readonly number[];
  /** From one step to the next. */
  readonly stepMs: number;
}

const connection = 'mobaro';
const users = 'mobaro/users';
const locations = 'mobaro/locations';
const streams = new Map([users, locations].map((name) => [name, streamNamed(name)]));
const periodMs = 60_000;

/**
 * Lives through an order, and looks at the alarms after each step.
 *
 * @returns what is wrong with them, in words: nothing, if no alarm is OK while its cause stands and whoever stored that has
 * published, and none is on where nothing stands and everybody has
 */
export async function wrongAlarmsIn(
  { changes, order, grouped, stepMs }: Sequence,
  alarms: readonly AlarmModel[],
) {
  const kinds = new Set(changes.flatMap(({ stopped }) => (stopped === null ? [] : [alarmOf[stopped]])));
  const own = alarms.filter(({ name }) => [...kinds].some((kind) => name.endsWith(` ${kind}`)));
  const watched = new WatchedConnection(own);
  const lives = changes.map((change) => watched.live(change));
  const taken = changes.map(() => 0);
  const faults: string[] = [];
  for (const [at, who] of order.entries()) {
    watched.now += stepMs;
    for (let done = 0; done < (grouped[taken[who] ?? 0] ?? 0); done += 1) await lives[who]?.next();
    taken[who] = (taken[who] ?? 0) + 1;
    faults.push(...watched.faults().map((fault) => `after step ${String(at + 1)}: ${fault}`));
  }
  return faults;
}

class WatchedConnection {
  now = Date.parse('2026-03-01T12:00:00Z');
  readonly #checkpoints = new FakeCheckpoints();
  readonly #breakers = new FakeBreakers();
  readonly #metrics = new MetricStore(10 * periodMs);
  readonly #states = new Map<AlarmModel, AlarmState>();
  /** By stream: what was stored last, and whether it has been published. */
  readonly #last = new Map<string, { readonly stopped: Wrong | null; published: boolean }>();

  constructor(alarms: readonly AlarmModel[]) {
    for (const alarm of alarms) this.#states.set(alarm, 'OK');
  }

  /** Each `next` is a step. */
  async *live({ stream, stopped }: Change): AsyncGenerator<Step> {
    const checkpoints = this.#checkpoints;
    const found = (await checkpoints.read(stream)) ?? newCheckpoint(stream);
    await checkpoints.replace({ ...found, stopped: stopped && { by: stopped, since: this.now } });
    const mine = { stopped, published: false };
    this.#last.set(stream, mine);
    yield 'store';
    const read = gate();
    let number: { readonly value: number; readonly at: number } | undefined;
    const published = publishTroubles({
      stream: streams.get(stream),
      signal: new AbortController().signal,
      deps: {
        streams,
        breakers: this.#breakers,
        clock: { now: () => this.now },
        checkpoints: {
          readAll: async (names: readonly string[]) => {
            await read.opened;
            return checkpoints.readAll(names);
          },
        },
        measurements: {
          troubles: (_: string, troubles: ReadonlySet<Trouble>, readAt: number) => {
            number = { value: numberOf(troubles, readAt), at: readAt };
          },
        },
      },
    } as unknown as Work);
    yield 'begin to read';
    read.open();
    await published;
    yield 'read';
    if (number === undefined) throw new Error('Nothing was published');
    this.#metrics.add(
      {
        ...{ namespace: metricNamespace, name: metricName },
        ...{ dimensions: { deployment: 'Pagekeeper', connection }, values: [number.value] },
      },
      number.at,
    );
    mine.published = true;
    yield 'publish';
  }

  faults(): string[] {
    return [...this.#states].flatMap(([alarm, before]) => {
      const { state } = evaluateAlarm(alarm, this.#datapoints(alarm), before);
      this.#states.set(alarm, state);
      const own = [...this.#last.values()].filter(
        ({ stopped }) => stopped !== null && alarm.name.endsWith(` ${alarmOf[stopped]}`),
      );
      if (own.some(({ published }) => published) && state !== 'ALARM') return [`${alarm.name} is ${state}`];
      const isSettled = [...this.#last.values()].every(({ published }) => published);
      return own.length === 0 && isSettled && state !== 'OK' ? [`${alarm.name} is ${state}, of nothing`] : [];
    });
  }

  /** By whole minutes, as CloudWatch has them; the one that lasts is the newest, so that an order may end with any of its steps. */
  #datapoints({ metrics, formula, EvaluationPeriods }: AlarmModel): (number | null)[] {
    const [metric] = metrics;
    if (metric === undefined || formula === null)
      throw new Error('An alarm on what is stored looks at the number');
    const newest = Math.floor(this.now / periodMs) * periodMs;
    return Array.from({ length: EvaluationPeriods + extraPeriods }, (_, age) => {
      const from = newest - age * periodMs - 1;
      const value = aggregate(metric.statistic, this.#metrics.values(metric, from, from + periodMs));
      return evaluateExpression(formula.expression, new Map([[metric.id, value]]));
    }).reverse();
  }
}

function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

function bothFailAndRecoverBy(first: Wrong, second: Wrong) {
  return {
    name: `${first}, ${second}`,
    changes: [
      { stream: users, stopped: first },
      { stream: users, stopped: null },
      { stream: locations, stopped: second },
      { stream: locations, stopped: null },
    ] satisfies readonly Change[],
  };
}

/** The same trouble, and two that have alarms of their own. */
export const bothFailAndRecover = [
  bothFailAndRecoverBy('missing', 'missing'),
  bothFailAndRecoverBy('missing', 'exhausted'),
] as const;
