import type { Synthesized } from './synthesized.ts';

/** List prices of us-east-1, late 2026, in US dollars a month where nothing else is said. docs/cost.md shows the same. */
export const prices = {
  /** For each metric that it looks at: one of metric math has several. */
  alarm: 0.1,
  customMetric: 0.3,
  dashboard: 3,
  secret: 0.4,
  key: 1,
  /** For each million requests. */
  queueRequests: 0.4,
  /** For each GB-second, arm64. */
  gigabyteSecond: 0.0000133334,
  /** For each million. */
  invocations: 0.2,
  readUnits: 0.125,
  /** For each GB that comes in. */
  logs: 0.5,
  /** For each 10,000. */
  secretReads: 0.05,
  /** Of S3, for each 1,000: lists and puts. */
  objectLists: 0.005,
  /** For each million events that are put on a bus. */
  events: 1,
} as const;

const hours = 730;
const roundsOfWatchdog = 12 * hours;
/** By the function of snapshots, where there is a change log. */
const looksForSnapshots = hours;
/** Where events are told of: a run's beginning and its end are two invocations, and the end is two events of three. */
const ofRun = { invocations: 2, events: 3 };
/** Of an event source mapping that is idle: five connections that poll for 20 s each. */
const pollsPerMapping = (5 * 3600 * hours) / 20;
const secondsPerInvocation = 1;
/** Of one that tells of a run in which nothing has changed: it asks for nothing, and puts two events. */
const secondsPerTelling = 0.3;
const memoryGb = 0.5;
/** Of logs: a tick with its metrics, what is told of a run at a time, and a number of the watchdog's with its share of its lines, in KB. */
const kilobytes = { tick: 1.8, telling: 1.8, round: 1, number: 0.25 };

interface Query {
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: object };
}

export interface Cost {
  readonly alarms: number;
  readonly 'metrics of alarms': number;
  readonly 'custom metrics': number;
  readonly dashboard: number;
  readonly secrets: number;
  readonly 'KMS key': number;
  readonly 'polling the queues': number;
  readonly schedules: number;
  readonly invocations: number;
  readonly 'lists of the bucket': number;
  readonly 'telling of runs': number;
  readonly events: number;
  /** Dollars a month. */
  readonly sum: number;
}

/** What a stack costs while nobody has anything to sync: counts of the template, and their sum. */
export function costAtRest(stack: Pick<Synthesized, 'ofType'>, ticksPerMonth: number): Cost {
  const { ofType } = stack;
  const alarms = ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
  const watched = alarms.map(({ Metrics, ...single }) =>
    Metrics === undefined
      ? [single]
      : (Metrics as Query[]).flatMap(({ MetricStat }) =>
          MetricStat === undefined ? [] : [MetricStat.Metric],
        ),
  );
  const own = watched
    .flat()
    .map((metric) => metric as Readonly<Record<string, unknown>>)
    .filter(({ Namespace }) => Namespace === 'Pagekeeper')
    .map(({ MetricName, Dimensions }) => JSON.stringify([MetricName, Dimensions]));
  const count = (type: string): number => ofType(type).length;
  const numbers = new Set(own).size;
  const looks = count('AWS::S3::Bucket') * looksForSnapshots;
  const invocations = roundsOfWatchdog + ticksPerMonth + looks;
  const schedules = count('AWS::Scheduler::Schedule');
  // The others are of the watchdog, and of the snapshots.
  const streams = schedules - 1 - count('AWS::S3::Bucket');
  const secrets = count('AWS::SecretsManager::Secret');
  // Lambda reads the stream of a table for nothing.
  const polling = ofType('AWS::Lambda::EventSourceMapping').filter(
    ([, { Properties }]) => Properties['StartingPosition'] === undefined,
  ).length;
  const runs = ofType('AWS::Lambda::EventSourceMapping', 'Events').length * ticksPerMonth;
  const tellings = runs * ofRun.invocations;
  const events = runs * ofRun.events;
  const logGb =
    ((ticksPerMonth + looks) * kilobytes.tick +
      tellings * kilobytes.telling +
      roundsOfWatchdog * (kilobytes.round + secrets * kilobytes.number)) /
    1e6;
  const sum =
    watched.flat().length * prices.alarm +
    numbers * prices.customMetric +
    count('AWS::CloudWatch::Dashboard') * prices.dashboard +
    secrets * prices.secret +
    count('AWS::KMS::Key') * prices.key +
    (polling * pollsPerMapping * prices.queueRequests) / 1e6 +
    invocations * secondsPerInvocation * memoryGb * prices.gigabyteSecond +
    tellings * secondsPerTelling * memoryGb * prices.gigabyteSecond +
    ((invocations + tellings) * prices.invocations) / 1e6 +
    (events * prices.events) / 1e6 +
    // A checkpoint for each stream, and a breaker, what people were told and a mute for each connection, at each round.
    (roundsOfWatchdog * (streams + 3 * secrets) * prices.readUnits) / 1e6 +
    logGb * prices.logs +
    (looks * prices.objectLists) / 1000 +
    (ticksPerMonth * prices.secretReads) / 1e4;
  return {
    alarms: alarms.length,
    'metrics of alarms': watched.flat().length,
    'custom metrics': numbers,
    dashboard: count('AWS::CloudWatch::Dashboard'),
    secrets,
    'KMS key': count('AWS::KMS::Key'),
    'polling the queues': polling,
    schedules,
    invocations,
    'lists of the bucket': looks,
    'telling of runs': tellings,
    events,
    sum,
  };
}
