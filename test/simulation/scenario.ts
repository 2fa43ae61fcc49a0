import { bob } from '../../lib/connectors/bob/bob.ts';
import type { Changes, Connector, StreamDefinition } from '../../lib/connectors/connector.ts';
import { mobaro } from '../../lib/connectors/mobaro/mobaro.ts';
import { withParams } from '../../lib/connectors/template.ts';
import {
  defaultFreshnessMs,
  defaultPageAfterMinutes,
  type Continuation,
  type Stream,
} from '../../lib/sync/settings.ts';
import { streamNamed } from '../support/streams.ts';
import { Chance } from './chance.ts';
import { withChanges } from './draw-changes.ts';
import { drawFaults } from './draw-faults.ts';
import { withLimits, type LimitsPlan } from './draw-limits.ts';
import { drawOutages } from './draw-outages.ts';
import { drawOddAnswers } from './draw-odd-answers.ts';
import { drawPublishing, type Publishing } from './draw-publishing.ts';
import { drawTelling, type Telling } from './draw-telling.ts';
import type { Fault } from './faults.ts';
import { withManners, type DeadCursorStatus, type Manner } from './manners.ts';

/** What a seed stands for: everything that is decided before the clock starts. Plain data, so that it can be shrunk. */
export interface Scenario {
  readonly seed: number;
  /** When rows come and go: only while no run of their stream is open, or at any time. */
  readonly drift: 'between' | 'within';
  /** How many records the store lists at a time. */
  readonly listLimit: number;
  readonly gapSeconds: number;
  readonly connections: readonly ConnectionPlan[];
  readonly faults: readonly Fault[];
  readonly publishing: Publishing;
  readonly telling: Telling;
}

export interface ConnectionPlan {
  readonly name: string;
  readonly connector: 'mobaro' | 'bob';
  /** Connections in one group share the vendor's limit. */
  readonly group: string;
  /** What the vendor counts; null where it is what the connector says. */
  readonly limits: LimitsPlan | null;
  readonly streams: readonly StreamPlan[];
}

export interface StreamPlan {
  /** `connection/stream` */
  readonly name: string;
  /** Entries at the level at which the vendor pages. */
  readonly rows: number;
  readonly pageSize: number;
  /** What the vendor gives at most, whatever is asked for. */
  readonly cap: number;
  readonly continuation: Continuation;
  readonly attemptCap: number;
  readonly deletionGuard: Stream['settings']['deletionGuard'];
  readonly tombstoneRetentionDays: number;
  /** Where a list may come in batches of its ids, so many at a time: beyond how many rows it does; else null. */
  readonly batchOver: number | null;
  /** Where a list is read by time: how; else null. */
  readonly windows: WindowsPlan | null;
  /** Where what has changed can be walked alone: how; else null. */
  readonly changes: ChangesPlan | null;
  /** How the vendor answers for it. */
  readonly manner: Manner;
  /** Of an answer to a cursor that has expired. */
  readonly deadCursor: DeadCursorStatus;
  /** The vendor says where the list has not changed. */
  readonly conditional?: true;
}

export interface ChangesPlan {
  readonly by: Changes['by'];
  readonly overlapSeconds: number;
  readonly reconcileMs: number;
}

export interface WindowsPlan {
  /** A window is a day long. */
  readonly historyDays: number;
  readonly lookBackHours: number;
  /** Whether the vendor gives what happened at the very bounds, too. */
  readonly bounds: 'counted in' | 'left out';
}

/** Of every function, in milliseconds. */
export const timeOutMs = 30_000;
/** How long before its time-out a function is told to stop. */
export const stopEarlyMs = 1000;
export const vendorTimeOutMs = 20_000;
export const leaseMs = timeOutMs + 10_000;
export const visibilityMs = 6 * timeOutMs;
export const watchPeriodMs = 300_000;

const connectors = { mobaro, bob } satisfies Record<string, Connector>;

/** By connector: a list of each way of paging and of dividing a run, and what makes it different from the others. */
const simulated = {
  mobaro: ['users', 'timesheets', 'webhooks', 'locations', 'results'],
  bob: ['people', 'employment', 'time-off-changes', 'custom-table'],
} as const;

export function drawScenario(seed: number): Scenario {
  const chance = new Chance('scenario', seed);
  const gapSeconds = chance.pick([600, 900, 1800]);
  const drift = chance.pick(['between', 'within'] as const);
  const plan = (name: string, connector: 'mobaro' | 'bob', most: number, group = name) => ({
    name,
    connector,
    group,
    // Drawn once it is known what else becomes of it.
    limits: null,
    streams: withParents(shuffled<string>(simulated[connector], chance).slice(0, chance.whole(1, most))).map(
      (resource) => drawStream(`${name}/${resource}`, connectors[connector].streams[resource], drift, chance),
    ),
  });
  const connections = chance.pick([
    () => [plan('mobaro', 'mobaro', 4)],
    () => [plan('mobaro', 'mobaro', 2), plan('second', 'mobaro', 2, 'mobaro')],
    () => [plan('bob', 'bob', 3)],
    () => [plan('mobaro', 'mobaro', 2), plan('bob', 'bob', 2)],
  ])();
  addConditional(connections, drift, new Chance('conditional', seed));
  const faults = [
    ...drawFaults(connections, gapSeconds, drift, new Chance('faults', seed)),
    ...drawOutages(connections, gapSeconds, new Chance('outages', seed)),
  ].sort((a, b) => a.at - b.at);
  const plain: Scenario = {
    seed,
    drift,
    listLimit: chance.pick([1, 2, 5, 1000]),
    gapSeconds,
    connections,
    faults,
    publishing: drawPublishing(gapSeconds, new Chance('publishing', seed)),
    telling: drawTelling(connections, faults, new Chance('telling', seed)),
  };
  const mannered = withManners(plain, new Chance('manners', seed));
  const odd = drawOddAnswers(mannered, new Chance('odd answers', seed));
  const limited = withLimits(odd, new Chance('limits', seed));
  return withChanges(limited, new Chance('what is new', seed));
}

/** A list in one answer that says where it has not changed, for some of those who have one: drawn apart, so that all else stays. */
function addConditional(
  connections: readonly (ConnectionPlan & { readonly streams: StreamPlan[] })[],
  drift: Scenario['drift'],
  chance: Chance,
): void {
  const connection = connections.find(({ connector }) => connector === 'bob');
  if (connection === undefined || !chance.happens(0.5)) return;
  const plan = drawStream(`${connection.name}/tasks`, bob.streams['tasks'], drift, chance);
  connection.streams.push({ ...plan, conditional: true });
}

/** Whose rows are asked for has to be known first. */
function withParents(resources: readonly string[]): readonly string[] {
  if (!resources.includes('custom-table')) return resources;
  return ['people', ...resources.filter((resource) => resource !== 'people')];
}

/** Whether its rows are those of another stream's records. */
export function hasParents(stream: string): boolean {
  return stream.endsWith('/custom-table');
}

/** From a vendor that gives one row at a time there is no overlap: while its rows move only its total tells that they do. */
export function minCap(drift: Scenario['drift']): number {
  return drift === 'within' ? 2 : 1;
}

function drawStream(
  name: string,
  definition: StreamDefinition | undefined,
  drift: Scenario['drift'],
  chance: Chance,
): StreamPlan {
  const isWindowed = definition?.windows !== undefined;
  // Few rows are in one window: its pages are small, or it would have one alone.
  const pageSize = chance.pick(isWindowed ? [1, 2] : [1, 2, 3, 4, 5]);
  // One page a tick: a long walk would take days, and the other streams would only repeat themselves.
  const continuation = chance.happens(0.12) ? 'nextTick' : 'queue';
  return {
    name,
    rows: chance.happens(0.05) ? 0 : chance.whole(1, maxRows(pageSize, continuation, isWindowed)),
    pageSize,
    cap: chance.happens(0.3) ? Math.max(minCap(drift), chance.whole(1, pageSize)) : 100,
    continuation,
    attemptCap: chance.whole(3, 6),
    // Small ones, for small streams.
    deletionGuard: { rows: chance.pick([1, 1, 2, 3, 10]), percent: chance.pick([10, 30, 50]) },
    tombstoneRetentionDays: chance.happens(0.5) ? chance.scaled(5, 60) / 1440 : 90,
    batchOver: definition?.batches !== undefined && chance.happens(0.7) ? chance.pick([0, 0, 1, 4]) : null,
    windows: isWindowed ? drawWindows(chance) : null,
    // Drawn once it is known what else becomes of it.
    changes: null,
    manner: { kind: 'plain' },
    deadCursor: 400,
  };
}

function maxRows(pageSize: number, continuation: Continuation, isWindowed: boolean): number {
  if (continuation === 'nextTick') return 4;
  return isWindowed ? 12 : pageSize * 4;
}

function drawWindows(chance: Chance): WindowsPlan {
  return {
    historyDays: chance.whole(2, 4),
    lookBackHours: chance.pick([0, 1, 30]),
    bounds: chance.pick(['counted in', 'left out'] as const),
  };
}

function shuffled<Item>(items: readonly Item[], chance: Chance): Item[] {
  return items
    .map((item) => ({ item, key: chance.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** The stream as the settings would make it. */
export function streamOf(plan: StreamPlan, connection: ConnectionPlan, gapSeconds: number): Stream {
  const connector: Connector = { ...connectors[connection.connector], ...limitsOf(connection) };
  const { pageSize, continuation, attemptCap, deletionGuard, tombstoneRetentionDays, batchOver } = plan;
  const stream = streamNamed(plan.name, {
    connector,
    group: connection.group,
    settings: { continuation, attemptCap, deletionGuard, tombstoneRetentionDays, batchOver },
  });
  const pages = stream.definition.paging.kind !== 'none';
  return {
    ...stream,
    definition: inSmall(stream.definition, plan),
    settings: {
      ...stream.settings,
      pageSize: pages ? pageSize : null,
      reconcileMs: plan.changes?.reconcileMs ?? null,
    },
    gapSeconds,
    freshnessMs: defaultFreshnessMs(gapSeconds),
    pageAfterMs: defaultPageAfterMinutes * 60_000,
    leaseMs,
    visibilityMs,
  };
}

function limitsOf({ limits }: ConnectionPlan): Partial<Connector> {
  if (limits === null) return {};
  const spans = Object.entries(limits.limits);
  return { limitScope: limits.limitScope, limitsPerMinute: {}, limits: Object.fromEntries(spans) };
}

/** With batches and windows for streams of a few rows. */
function inSmall(
  definition: StreamDefinition,
  { pageSize, windows, conditional, changes }: StreamPlan,
): StreamDefinition {
  return {
    ...withParams(definition, definition.params === undefined ? {} : { table: 'made-up' }),
    ...(conditional && { conditional }),
    ...(definition.batches && { batches: { ...definition.batches, size: pageSize } }),
    ...(changes && { changes: changesOf(changes) }),
    ...(definition.windows &&
      windows && {
        windows: {
          ...definition.windows,
          ...{ days: 1, historyDays: windows.historyDays, lookBackHours: windows.lookBackHours },
        },
      }),
  };
}

function changesOf({ by, overlapSeconds }: ChangesPlan): Changes {
  const query: Readonly<Record<string, string>> =
    by === 'filter' ? { changedSince: '{since}' } : { sort: '-changed' };
  return { path: ['changed'], format: 'instant', by, query, overlapSeconds };
}
