import { setTimeout as sleep } from 'node:timers/promises';

import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';

import { chosenStreams, type LocalRunOptions, type LocalRunResult } from './local-run.ts';
import { LocalScheduler } from './local-scheduler.ts';
import { localView } from './local-view.ts';
import { LocalWorld } from './local-world.ts';

export type { AlarmState } from '../../emulator/alarms/evaluate-alarm.ts';
export type {
  AlarmResult,
  LimitView,
  LocalEvent,
  LocalRunOptions,
  LocalRunResult,
  LocalView,
  Notification,
  Onlooker,
} from './local-run.ts';

/** How often it is asked whether anything still moves. */
const lookMs = 50;
/** What runs when a run is cut off may end by itself for so long; after that it is ended. */
const graceMs = 10_000;
/** The first round of the watchdog comes before the ticks, for it lifts halts; but they do not wait for ever. */
const firstRoundMs = 10_000;

/**
 * Runs a deployment on this machine until every selected stream has come to rest, the time is up or the signal aborts;
 * with an onlooker it goes on by its schedules, and rest is no reason to end.
 * @throws DataInUseError if another process runs on the same data, and what an embedded server fails with.
 */
export async function runLocally(options: LocalRunOptions): Promise<LocalRunResult> {
  const { template, onEvent, onlooker } = options;
  const timeUp = options.timeoutMs === null ? [] : [AbortSignal.timeout(options.timeoutMs)];
  const failure = new AbortController();
  const end = AbortSignal.any([options.signal, failure.signal, ...timeUp]);

  const world = await LocalWorld.start(options, (error) => {
    failure.abort(error);
  });
  let lookAway: (() => Promise<void>) | undefined;
  try {
    const chosen = chosenStreams(options);
    const checkpoints = new DynamoCheckpoints(world.dynamodb, checkpointsTable(options));
    const scheduler = new LocalScheduler({
      schedules: template.schedules.filter(({ stream }) => stream === null || chosen.includes(stream)),
      functions: template.functions,
      nextTickStreams:
        onlooker === undefined
          ? new Set(template.connections.flatMap(({ nextTickStreams }) => nextTickStreams))
          : new Set(),
      checkpoints,
      invoke: (name, event) => world.functions.invoke(name, event),
      onEvent,
      signal: end,
    });

    world.begin();
    lookAway = onlooker?.lookAt(
      localView({
        template,
        streams: chosen,
        dynamodb: world.dynamodb,
        table: checkpointsTable(options),
        nextTick: (stream) => scheduler.nextTick(stream),
      }),
    );
    await Promise.race([scheduler.fireRounds(), pause(firstRoundMs, end)]);
    scheduler.follow(onlooker === undefined ? 'rounds' : 'all');
    try {
      if (onlooker === undefined) {
        await untilSettled(world, scheduler, () => allAtRest(checkpoints, chosen), end);
      } else {
        await Promise.race([scheduler.fireTicks().then(forEver), untilAborted(end)]);
      }
    } finally {
      scheduler.stop();
    }
    const ended = options.signal.aborted ? 'interrupted' : end.aborted ? 'timed-out' : 'settled';

    const stopped = world.stopPolling();
    await Promise.race([untilIdle(world), pause(graceMs)]);
    await world.cloudwatch.stop();
    await world.cloudwatch.evaluate();
    world.cloudwatch.beginNewPeriod();
    await scheduler.fireRounds();
    await world.cloudwatch.evaluate();
    const result: LocalRunResult = {
      checkpoints: await checkpoints.readAll(chosen),
      alarms: world.cloudwatch.results(),
      notifications: await world.queues.takeNotifications(),
      ended,
    };
    await world.functions.close();
    await stopped;
    failure.signal.throwIfAborted();
    return result;
  } finally {
    await lookAway?.();
    await world.close();
  }
}

/**
 * Every tick has been answered, no function runs, and no message waits that could do anything, twice in a row.
 * A message acts on a running stream only: one that lost its race waits for a lease that is long gone.
 */
async function untilSettled(
  world: LocalWorld,
  scheduler: LocalScheduler,
  allRest: () => Promise<boolean>,
  end: AbortSignal,
): Promise<void> {
  let ticking = true;
  const ticks = scheduler.fireTicks().finally(() => {
    ticking = false;
  });
  const isQuiet = async () =>
    !ticking && world.functions.inFlight === 0 && ((await world.queuesAreEmpty()) || (await allRest()));
  const watch = (async () => {
    let quiet = 0;
    while (!end.aborted) {
      await pause(lookMs, end);
      quiet = (await isQuiet()) ? quiet + 1 : 0;
      if (quiet < 2) continue;
      if (!(await scheduler.continueTicks())) return;
      quiet = 0;
    }
  })();
  await Promise.race([Promise.all([ticks, watch]), untilAborted(end)]);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

function forEver(): Promise<never> {
  return new Promise(() => undefined);
}

async function untilIdle(world: LocalWorld): Promise<void> {
  while (world.functions.inFlight > 0) await pause(lookMs);
}

/** Keeps no process alive: the embedded servers do. Ends early when the signal aborts. */
async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const options = signal === undefined ? { ref: false } : { ref: false, signal };
  await sleep(ms, undefined, options).catch(() => undefined);
}

async function allAtRest(checkpoints: DynamoCheckpoints, streams: readonly string[]): Promise<boolean> {
  const stored = await checkpoints.readAll(streams);
  return streams.every((stream) => {
    const state = stored.get(stream)?.state;
    return state !== undefined && state !== 'running';
  });
}

function checkpointsTable({ template }: LocalRunOptions): string {
  for (const lambda of template.functions) {
    const table = lambda.environment('http://127.0.0.1')['PAGEKEEPER_CHECKPOINTS_TABLE'];
    if (table !== undefined) return table;
  }
  throw new Error('No function of the template is told where the checkpoints are');
}
