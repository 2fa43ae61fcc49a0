import type { Connector, StreamDefinition } from '../../lib/connectors/connector.ts';
import { connectionOf } from '../../lib/connectors/stream-name.ts';
import { mobaro } from '../../lib/connectors/mobaro/mobaro.ts';
import type { PageMessage } from '../../lib/sync/message.ts';
import type { PageRequest } from '../../lib/sync/message.ts';
import type { Clock, Governor } from '../../lib/sync/ports.ts';
import type { PageReport } from '../../lib/sync/report.ts';
import type { Stream } from '../../lib/sync/settings.ts';
import { syncPage } from '../../lib/sync/sync-page.ts';
import type { SyncDependencies } from '../../lib/sync/work.ts';
import { FakeBreakers } from '../support/fakes/fake-breakers.ts';
import { FakeCheckpoints } from '../support/fakes/fake-checkpoints.ts';
import { FakeClock } from '../support/fakes/fake-clock.ts';
import { FakeGovernor } from '../support/fakes/fake-governor.ts';
import { FakeIdBatches } from '../support/fakes/fake-id-batches.ts';
import { FakeOutages } from '../support/fakes/fake-outages.ts';
import { FakeRecords } from '../support/fakes/fake-records.ts';
import { FakeSecrets } from '../support/fakes/fake-secrets.ts';
import { FakeSchemas } from '../support/fakes/fake-schemas.ts';
import { FakeSeenRows } from '../support/fakes/fake-seen-rows.ts';
import { FakeVendor } from '../support/fakes/fake-vendor.ts';
import { streamNamed } from '../support/streams.ts';
import { pageOf } from '../support/sync-world.ts';
import { LimitedVendor, type VendorLimit } from './limited-vendor.ts';

export interface Scenario {
  readonly streams: number;
  /** Among which the streams are divided, all in one limit scope; one if left out. */
  readonly connections?: number;
  readonly vendor: VendorLimit;
  /** The figure that the connector knows, requests a minute; null for a vendor that publishes none. */
  readonly published: number | null;
  /** What else the vendor counts and publishes, beside that. */
  readonly more?: {
    /** Of the whole account, by another span. */
    readonly account?: VendorLimit;
    /** Of each endpoint. */
    readonly endpoint?: VendorLimit;
    readonly published: Pick<Connector, 'limitScope' | 'limits'>;
  };
  /** Requests a minute by clients that are not ours. */
  readonly foreignPerMinute?: number;
  readonly minutes: number;
  readonly seed?: number;
  /** In place of the fake one. */
  readonly governor?: Governor;
}

export interface Story {
  readonly reports: readonly PageReport[];
  /** Requests served of each stream. */
  readonly servedOf: ReadonlyMap<string, number>;
  /** When the vendor was asked, in minutes from the start, and for the list of which path. */
  readonly calls: readonly { readonly at: number; readonly allowed: boolean; readonly path: string }[];
  /** How long each function slept in place, in milliseconds, if it did. */
  readonly slept: readonly number[];
}

const minute = 60_000;
/** As the stack sets it for a connection's page queue. */
const maxConcurrency = 5;

/**
 * Streams without an end under one limit, in virtual time: the real use case, with what AWS does around it. A message
 * takes its time to be delivered, waits in whole seconds, and only so many functions run at once.
 */
export async function simulate(scenario: Scenario): Promise<Story> {
  const { signal } = new AbortController();
  const random = seeded(scenario.seed ?? 1);
  const clock = new FakeClock();
  const start = clock.now();
  const limited = new LimitedVendor(scenario.vendor, start);
  const { account, endpoint } = scenario.more ?? {};
  const inAccount = account === undefined ? [] : [new LimitedVendor(account, start)];
  const ofEndpoints = new Map<string, LimitedVendor>();
  /** All that count a call of this path. */
  const countersOf = (path: string): readonly LimitedVendor[] => {
    const own = ofEndpoints.get(path) ?? (endpoint === undefined ? [] : new LimitedVendor(endpoint, start));
    if (own instanceof LimitedVendor) ofEndpoints.set(path, own);
    return [limited, inAccount, own].flat();
  };
  const connector = connectorOf(scenario);
  const { connections = 1 } = scenario;
  const names = Object.keys(connector.streams).map((name, index) => `account-${index % connections}/${name}`);
  const streams = new Map<string, Stream>(
    names.map((name) => [
      name,
      streamNamed(name, { connector, group: 'account', settings: { pageSize: 1 } }),
    ]),
  );
  const reports: PageReport[] = [];
  const servedOf = new Map<string, number>();
  const calls: { at: number; allowed: boolean; path: string }[] = [];
  const slept: number[] = [];
  const over = (): boolean => clock.now() >= start + scenario.minutes * minute;
  const between = (low: number, high: number): number => low + (high - low) * random();

  const vendor = new FakeVendor(clock, async ({ url }) => {
    await clock.sleep(between(50, 200), signal);
    const now = clock.now();
    const { pathname, searchParams } = new URL(url);
    const said = countersOf(pathname).map((counter) => counter.ask(now));
    const { allowed, answer } = said.find((one) => !one.allowed) ?? said[0] ?? limited.ask(now);
    calls.push({ at: (now - start) / minute, allowed, path: pathname });
    await clock.sleep(between(50, 250), signal);
    if (!allowed) return answer;
    servedOf.set(pathname, (servedOf.get(pathname) ?? 0) + 1);
    return {
      ...pageOf(1_000_000_000, Number(searchParams.get('Offset')), Number(searchParams.get('Limit'))),
      ...answer,
    };
  });

  const invoke = async (request: PageRequest): Promise<PageReport> => {
    let ms = 0;
    const counting: Clock = {
      now: () => clock.now(),
      sleep: (wait, until) => {
        ms += wait;
        return clock.sleep(wait, until);
      },
    };
    // A signal for each invocation: what listens to it goes with it.
    const connection = connectionOf(request.kind === 'tick' ? request.stream : request.message.stream);
    // A function has the streams of its own connection.
    const own = new Map([...streams].filter(([, stream]) => stream.connection === connection));
    const bound = { ...deps, streams: own, clock: counting };
    const report = await syncPage(request, bound, new AbortController().signal);
    if (ms > 0) slept.push(ms);
    return report;
  };

  let running = 0;
  const waiting: (() => void)[] = [];
  const deliver = async (message: PageMessage, delaySeconds: number): Promise<void> => {
    let delay = delaySeconds;
    for (;;) {
      await clock.sleep(delay * 1000 + between(10, 120), signal);
      if (running >= maxConcurrency)
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      running += 1;
      // Now and then a function starts cold.
      if (random() < 0.01) await clock.sleep(between(500, 1500), signal);
      const report = over() ? null : await invoke({ kind: 'message', message });
      running -= 1;
      waiting.shift()?.();
      if (report === null) return;
      reports.push(report);
      if (report.next !== 'redrive') return;
      delay = report.delaySeconds ?? 0;
    }
  };
  const processes: Promise<void>[] = [];
  const spawn = (process: Promise<void>): void => {
    processes.push(process);
  };

  let ids = 0;
  const deps: SyncDependencies = {
    streams,
    baseUrl: 'https://vendor.example',
    checkpoints: new FakeCheckpoints(),
    breakers: new FakeBreakers(),
    outages: new FakeOutages(),
    governor: scenario.governor ?? new FakeGovernor(),
    records: new FakeRecords(),
    seenRows: new FakeSeenRows(),
    schemas: new FakeSchemas(),
    idBatches: new FakeIdBatches(),
    queue: {
      send: async (message, seconds) => {
        spawn(deliver(message, seconds));
      },
    },
    secrets: new FakeSecrets(clock, { apiKey: 'made-up' }),
    tokens: null,
    vendor,
    measurements: { troubles: () => undefined },
    faults: {
      note: (_, { name, stack }) => {
        throw new Error(`${name}\n${stack.join('\n')}`);
      },
    },
    clock,
    random,
    newId: () => `id-${++ids}`,
  };

  const ticks = async (stream: string): Promise<void> => {
    await clock.sleep(between(0, 5000), signal);
    while (!over()) {
      const report = await invoke({ kind: 'tick', stream, scheduledAt: clock.now() });
      reports.push(report);
      const { run, sequence, delaySeconds } = report;
      if (report.next === 'redrive' && run !== null) {
        await deps.queue.send({ v: 1, stream, run, sequence }, delaySeconds ?? 0);
      }
      await clock.sleep(15 * minute, signal);
    }
  };
  const others = async (perMinute: number): Promise<void> => {
    for (; !over(); limited.ask(clock.now())) {
      await clock.sleep((minute / perMinute) * between(0.5, 1.5), signal);
    }
  };

  for (const name of names) spawn(ticks(name));
  if (scenario.foreignPerMinute !== undefined) spawn(others(scenario.foreignPerMinute));
  const failed = Promise.all(processes);
  await Promise.race([failed, advance(clock, scenario.minutes)]);
  return { reports, servedOf, calls, slept };
}

async function advance(clock: FakeClock, minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 1) await clock.advance(minute);
}

function connectorOf({ streams, published, more }: Scenario): Connector {
  const pattern = mobaro.streams['users'];
  if (pattern === undefined) throw new Error('Mobaro has no users');
  const names = Array.from({ length: streams }, (_, index) => `stream-${index + 1}`);
  return {
    ...mobaro,
    limitsPerMinute: published === null ? {} : { account: published },
    ...more?.published,
    streams: Object.fromEntries(
      names.map((name): [string, StreamDefinition] => [name, { ...pattern, path: `/${name}` }]),
    ),
  };
}

/** mulberry32: small, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
