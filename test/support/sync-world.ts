import { needsTokens, type Connector } from '../../lib/connectors/connector.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { PageRequest } from '../../lib/sync/message.ts';
import type { Fault } from '../../lib/sync/fault.ts';
import { troubleFlags, type Measurements, type Trouble } from '../../lib/sync/troubles.ts';
import { redriveOf } from '../../lib/sync/redrive.ts';
import type { PageReport } from '../../lib/sync/report.ts';
import type { Stream, StreamSettings } from '../../lib/sync/settings.ts';
import { syncPage } from '../../lib/sync/sync-page.ts';
import { watch, type Revival } from '../../lib/sync/watch.ts';
import type { SyncDependencies } from '../../lib/sync/work.ts';
import { FakeBreakers } from './fakes/fake-breakers.ts';
import { FakeCheckpoints } from './fakes/fake-checkpoints.ts';
import { FakeClock } from './fakes/fake-clock.ts';
import { FakeGovernor } from './fakes/fake-governor.ts';
import { FakeIdBatches } from './fakes/fake-id-batches.ts';
import { FakeMutes } from './fakes/fake-mutes.ts';
import { FakeOutages } from './fakes/fake-outages.ts';
import { FakePageQueue } from './fakes/fake-page-queue.ts';
import { FakeRecords } from './fakes/fake-records.ts';
import { FakeSchemas } from './fakes/fake-schemas.ts';
import { FakeSecrets } from './fakes/fake-secrets.ts';
import { FakeSeenRows } from './fakes/fake-seen-rows.ts';
import { FakeTokenStates } from './fakes/fake-token-states.ts';
import { FakeTokenVault } from './fakes/fake-token-vault.ts';
import { FakeVendor, type FakeAnswer, type FakeHandler } from './fakes/fake-vendor.ts';
import { streamNamed } from './streams.ts';

/** What was published last of each connection, in the order of the flags. */
class Gathered implements Measurements {
  readonly last = new Map<string, readonly Trouble[]>();
  readonly #also: Measurements | undefined;
  constructor(also: Measurements | undefined) {
    this.#also = also;
  }
  troubles(connection: string, troubles: ReadonlySet<Trouble>, readAt: number): void {
    this.last.set(
      connection,
      (Object.keys(troubleFlags) as Trouble[]).filter((trouble) => troubles.has(trouble)),
    );
    this.#also?.troubles(connection, troubles, readAt);
  }
}

/** Where access tokens are requested in a world. */
export const tokenUrl = 'https://vendor.example/oauth/token';

export interface WorldOptions {
  readonly connector?: Connector;
  readonly streams?: readonly string[];
  /** In their place, where the settings of a stack have made them. */
  readonly defined?: readonly Stream[];
  readonly settings?: Partial<StreamSettings>;
  readonly secret?: Readonly<Record<string, string>>;
  readonly vendor?: FakeHandler;
  /** Hears what is published, too. */
  readonly measurements?: Measurements;
  /** Keys in one part of a list of records. */
  readonly listLimit?: number;
}

/**
 * One connection in a virtual account: the use case and the watchdog over fakes, under a clock that only the test moves,
 * with what AWS does around them (ticks, deliveries, visibility).
 */
export class SyncWorld {
  readonly clock = new FakeClock();
  readonly checkpoints = new FakeCheckpoints();
  readonly breakers = new FakeBreakers();
  readonly outages = new FakeOutages();
  readonly mutes = new FakeMutes();
  readonly governor = new FakeGovernor();
  readonly records: FakeRecords;
  readonly seenRows = new FakeSeenRows(this.clock);
  readonly schemas = new FakeSchemas();
  readonly idBatches = new FakeIdBatches();
  readonly queue = new FakePageQueue(this.clock);
  readonly secrets: FakeSecrets;
  readonly tokenStates = new FakeTokenStates();
  readonly tokenVault = new FakeTokenVault();
  readonly vendor: FakeVendor;
  readonly measured: Gathered;
  readonly reports: PageReport[] = [];
  /** What was noted for developers. */
  readonly faults: (Fault & { readonly stream: string })[] = [];
  readonly streams: ReadonlyMap<string, Stream>;
  readonly deps: SyncDependencies;
  #ids = 0;

  constructor(options: WorldOptions = {}) {
    this.measured = new Gathered(options.measurements);
    this.records = new FakeRecords(undefined, options.listLimit);
    const names = options.streams ?? ['mobaro/users'];
    const { connector, settings } = options;
    const defined =
      options.defined ??
      names.map((name) =>
        streamNamed(name, { ...(connector && { connector }), ...(settings && { settings }) }),
      );
    this.streams = new Map(defined.map((stream) => [stream.name, stream]));
    this.secrets = new FakeSecrets(
      this.clock,
      options.secret ?? { apiKey: 'made-up', serviceUserId: 'made-up', serviceUserToken: 'made-up' },
    );
    this.vendor = new FakeVendor(this.clock, options.vendor ?? (() => ({ status: 204 })));
    this.deps = {
      streams: this.streams,
      baseUrl: 'https://vendor.example',
      checkpoints: this.checkpoints,
      breakers: this.breakers,
      outages: this.outages,
      governor: this.governor,
      records: this.records,
      seenRows: this.seenRows,
      schemas: this.schemas,
      idBatches: this.idBatches,
      queue: this.queue,
      secrets: this.secrets,
      tokens: [...this.streams.values()].some((stream) => needsTokens(stream.connector))
        ? { url: tokenUrl, states: this.tokenStates, vault: this.tokenVault, memory: { held: null } }
        : null,
      vendor: this.vendor,
      measurements: this.measured,
      faults: { note: (stream, fault) => this.faults.push({ stream, ...fault }) },
      clock: this.clock,
      random: () => 0.5,
      newId: () => `id-${++this.#ids}`,
    };
  }

  /** One invocation of the use case; a short sleep inside of it takes its virtual time. */
  async invoke(request: PageRequest, deps: SyncDependencies = this.deps): Promise<PageReport> {
    const pending = syncPage(request, deps, new AbortController().signal);
    const progress = { done: false };
    const isDone = (): boolean => progress.done;
    const mark = (): void => {
      progress.done = true;
    };
    pending.then(mark, mark);
    for (let turns = 0; !isDone() && turns < 1000; turns += 1) {
      await this.clock.advance(0);
      if (!isDone() && this.clock.sleeping > 0) await this.clock.advance(100);
    }
    const report = await pending;
    this.reports.push(report);
    return report;
  }

  /** A tick, as `scheduled-sync` acts on it. */
  async tick(stream = 'mobaro/users', scheduledAt = this.clock.now()): Promise<PageReport> {
    const report = await this.invoke({ kind: 'tick', stream, scheduledAt });
    if (report.next === 'redrive' && report.run !== null) {
      const { run, sequence, delaySeconds } = report;
      await this.queue.send({ v: 1, stream, run, sequence }, delaySeconds ?? 0);
    }
    return report;
  }

  /** The next visible message, as `queued-sync` acts on it. */
  async deliver(): Promise<PageReport | undefined> {
    const received = this.queue.receive();
    if (received === undefined) return undefined;
    const { message, receiptHandle, receiveCount } = received;
    const report = await this.invoke({ kind: 'message', message });
    if (report.next === 'redrive') {
      const plan = redriveOf(receiveCount, report.delaySeconds ?? 0);
      if (plan.kind === 'defer') {
        await this.queue.defer(receiptHandle, plan.seconds);
        return report;
      }
      await this.queue.send(message, plan.seconds);
    }
    this.queue.delete(receiptHandle);
    return report;
  }

  /** Delivers until the queue is empty, moving time on to the next message; at most for `forMs`. */
  async drain(forMs = 12 * 3600 * 1000): Promise<void> {
    const end = this.clock.now() + forMs;
    for (let steps = 0; steps < 10_000; steps += 1) {
      if ((await this.deliver()) !== undefined) continue;
      const next = Math.min(...this.queue.contents.map(({ visibleAt }) => visibleAt));
      if (!Number.isFinite(next) || next > end) return;
      await this.clock.advance(Math.max(0, next - this.clock.now()));
    }
    throw new Error('The queue never came to rest');
  }

  watch(): Promise<readonly Revival[]> {
    return watch({
      connections: [
        {
          name: [...this.streams.values()][0]?.connection ?? '',
          streams: [...this.streams.values()],
          queue: this.queue,
          secretVersion: () => this.secrets.currentVersion(),
        },
      ],
      checkpoints: this.checkpoints,
      breakers: this.breakers,
      outages: this.outages,
      measurements: this.measured,
      faults: this.deps.faults,
      clock: this.clock,
      newId: this.deps.newId,
    });
  }

  /** What was published last of the connection of a stream; undefined if nothing was. */
  troubles(stream = 'mobaro/users'): readonly Trouble[] | undefined {
    return this.measured.last.get(stream.split('/')[0] ?? '');
  }

  async checkpoint(stream = 'mobaro/users'): Promise<Checkpoint> {
    const found = await this.checkpoints.read(stream);
    if (found === undefined) throw new Error(`${stream} has no checkpoint`);
    return found;
  }

  async storedIds(stream = 'mobaro/users'): Promise<string[]> {
    const ids: string[] = [];
    for await (const { id } of this.records.scan(stream)) ids.push(id);
    return ids;
  }
}

/** A Mobaro that has `total` rows on every path and gives at most `cap` at a time. */
export function mobaroWith(total: number, cap = 20): FakeHandler {
  return ({ url }) => {
    const query = new URL(url).searchParams;
    return pageOf(total, Number(query.get('Offset')), Math.min(cap, Number(query.get('Limit'))));
  };
}

export function pageOf(total: number, offset: number, limit: number): FakeAnswer {
  const length = Math.max(0, Math.min(limit, total - offset));
  const items = Array.from({ length }, (_, index) => ({ id: `row-${offset + index}`, n: offset + index }));
  return { status: 200, body: { items, total, amount: items.length } };
}
