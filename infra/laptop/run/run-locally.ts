import { setTimeout as sleep } from 'node:timers/promises';

import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { compressedMinuteMs, realMinuteMs } from '../../emulator/alarms/local-cloudwatch.ts';
import { LocalAws, type AwsEvent } from '../../emulator/local-aws.ts';
import { LocalScheduler } from '../../emulator/scheduler/local-scheduler.ts';
import { adaptSettings, adaptVariables, writeAdapted } from './adapt-settings.ts';
import { chosenStreams, type LocalEvent, type LocalRunOptions, type LocalRunResult } from './local-run.ts';
import { localView } from './local-view.ts';
import { isOfNewAlarm } from './of-alarm.ts';
import { reportIn } from './page-report.ts';
import type { LocalStack } from './read-stack.ts';
import { publishedIn } from './published-report.ts';
import { sampleStored } from './stored-sample.ts';
import { streamOfInvocation } from './stream-of-invocation.ts';
import { Ticks } from './ticks.ts';

/** How often it is asked whether anything still moves. */
const lookMs = 50;
/** What runs when a run is cut off may end by itself for so long; after that it is ended. */
const graceMs = 10_000;
/** The first round of the watchdog comes before the ticks, for it lifts halts; but they do not wait for ever. */
const firstRoundMs = 10_000;

/**
 * Runs a deployment on this machine until every selected stream has come to rest, the time is up or the signal aborts;
 * with an observer it goes on by its schedules, and rest is no reason to end.
 * @throws DataInUseError if another process runs on the same data, and what an embedded server fails with.
 */
export async function runLocally(options: LocalRunOptions): Promise<LocalRunResult> {
  const { stack, onEvent, observer } = options;
  const timeUp = options.timeoutMs === null ? [] : [AbortSignal.timeout(options.timeoutMs)];
  const failure = new AbortController();
  const end = AbortSignal.any([options.signal, failure.signal, ...timeUp]);

  const chosen = chosenStreams(options);
  const minuteMs = observer === undefined ? compressedMinuteMs : realMinuteMs;
  const aws = await LocalAws.start({
    template: stack.template,
    dataDir: options.dataDir,
    ...(observer === undefined ? {} : { ticking: chosen }),
    secrets: secretsOf(options),
    adapt: (variables) => adaptVariables(variables, { ...options, minuteMs }),
    minuteMs,
    onEvent: (event) => {
      const told = eventOf(event, stack);
      if (told !== null) onEvent(told);
    },
    onError: (error) => {
      failure.abort(error);
    },
  });
  let detach: (() => Promise<void>) | undefined;
  try {
    await writeAdapted(options.dataDir, adaptSettings(stack.settings, options));
    const checkpoints = new DynamoCheckpoints(aws.dynamodb, stack.checkpointsTable);
    const ticks = new Ticks({
      scheduler: new LocalScheduler({ ...aws.asynchronous, signal: end }),
      ticks: stack.ticks.filter(({ stream }) => chosen.includes(stream)),
      rounds: stack.rounds,
      nextTickStreams:
        observer === undefined
          ? new Set(stack.connections.flatMap(({ nextTickStreams }) => nextTickStreams))
          : new Set(),
      checkpoints,
      onEvent,
      signal: end,
    });

    aws.begin();
    detach = observer?.attach(
      localView({
        stack,
        streams: chosen,
        dynamodb: aws.dynamodb,
        nextTick: (stream) => ticks.next(stream),
      }),
    );
    await Promise.race([ticks.fireRounds(), pause(firstRoundMs, end)]);
    ticks.follow(observer === undefined ? 'rounds' : 'all');
    try {
      if (observer === undefined) {
        await untilSettled(aws, ticks, () => allAtRest(checkpoints, chosen), end);
      } else {
        await Promise.race([ticks.fire().then(forEver), untilAborted(end)]);
      }
    } finally {
      ticks.stop();
    }
    const ended = options.signal.aborted ? 'interrupted' : end.aborted ? 'timed-out' : 'settled';

    const stopped = aws.stopPolling();
    await Promise.race([untilIdle(aws), pause(graceMs)]);
    aws.flushStreams();
    await Promise.race([untilDrained(aws), pause(graceMs)]);
    await aws.cloudwatch.stop();
    await aws.cloudwatch.evaluate();
    aws.cloudwatch.beginNewPeriod();
    await ticks.fireRounds();
    await Promise.race([untilDrained(aws), pause(graceMs)]);
    await aws.cloudwatch.evaluate();
    // What the last alarms have set off may have something to say.
    await Promise.race([untilDelivered(aws), pause(graceMs)]);
    const result: LocalRunResult = {
      checkpoints: await checkpoints.readAll(chosen),
      alarms: aws.cloudwatch.results(),
      notifications: aws.queues
        .takeNotifications()
        .filter(({ message }) => !isOfNewAlarm(message))
        .map((one) => ({
          ...one,
          listeners: stack.topicsOfPeople.includes(one.topic) ? 'people' : 'machines',
        })),
      ended,
      stored: await sampleStored({
        streams: chosen,
        records: new DynamoRecords(aws.dynamodb, stack.recordsTable),
        now: Date.now,
      }),
    };
    aws.stopEvents();
    await aws.functions.close();
    await stopped;
    failure.signal.throwIfAborted();
    return result;
  } finally {
    await detach?.();
    await aws.close();
  }
}

/**
 * Every tick has been answered, no function runs, and no message waits that could do anything, twice in a row.
 * A message acts on a running stream only: one that lost its race waits for a lease that is long gone.
 */
async function untilSettled(
  aws: LocalAws,
  ticks: Ticks,
  allRest: () => Promise<boolean>,
  end: AbortSignal,
): Promise<void> {
  let ticking = true;
  const fired = ticks.fire().finally(() => {
    ticking = false;
  });
  const isQuiet = async () =>
    !ticking &&
    aws.functions.inFlight === 0 &&
    aws.eventsAreDelivered &&
    ((await aws.queuesAreEmpty()) || (await allRest()));
  const watch = (async () => {
    let quiet = 0;
    while (!end.aborted) {
      await pause(lookMs, end);
      quiet = (await isQuiet()) ? quiet + 1 : 0;
      if (quiet < 2) continue;
      if (!(await ticks.goOn())) return;
      quiet = 0;
    }
  })();
  await Promise.race([Promise.all([fired, watch]), untilAborted(end)]);
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

/** Nobody who listens to a table or to events has anything left to do: the ones may set off the others. */
async function untilDrained(aws: LocalAws): Promise<void> {
  while (!((await aws.streamsAreDrained()) && aws.eventsAreDelivered)) await pause(lookMs);
}

async function untilDelivered(aws: LocalAws): Promise<void> {
  while (!aws.eventsAreDelivered) await pause(lookMs);
}

async function untilIdle(aws: LocalAws): Promise<void> {
  while (aws.functions.inFlight > 0) await pause(lookMs);
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

/** By the name of a secret. */
function secretsOf({ stack, secrets }: LocalRunOptions) {
  return new Map(
    stack.connections.flatMap(({ name, secretName }) => {
      const fields = secrets.get(name);
      return fields === undefined ? [] : [[secretName, fields] as const];
    }),
  );
}

/** Null where nothing is worth telling. The line of a page is a warning, too, where the page failed: it is told once. */
function eventOf(event: AwsEvent, { topicsOfPeople }: LocalStack): LocalEvent | null {
  if (event.kind === 'notification') {
    const { topic, subject, message } = event.notification;
    const isNews = topicsOfPeople.includes(topic) && !isOfNewAlarm(message);
    return isNews ? { kind: 'message', subject } : null;
  }
  if (event.kind === 'function-failed') {
    const { event: invokedWith, ...failure } = event;
    return { ...failure, stream: streamOfInvocation(invokedWith) };
  }
  if (event.kind !== 'line') return event;
  const { functionName, line } = event;
  const report = reportIn(line.entry);
  if (report !== null) return { kind: 'report', report, at: Date.now() };
  const objects = publishedIn(line.entry);
  if (objects !== null) return { kind: 'published', objects };
  return line.warning === null ? null : { kind: 'log', ...line.warning, functionName };
}
