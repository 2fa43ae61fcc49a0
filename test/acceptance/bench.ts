import {
  pageSizeIn,
  secretFields,
  type Connector,
  type StreamDefinition,
} from '../../lib/connectors/connector.ts';
import { withParams } from '../../lib/connectors/template.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { PageReport } from '../../lib/sync/report.ts';
import type { StreamSettings } from '../../lib/sync/settings.ts';
import { SyncWorld } from '../support/sync-world.ts';
import type { ModelRow } from '../../infra/simulators/model/model-row.ts';
import { ModelVendor, usualBehaviour, type Behaviour } from '../../infra/simulators/model/model-vendor.ts';
import { grantTokens } from './grant-tokens.ts';
import { whyNotSigned, whyNotWithConstants } from '../../infra/simulators/model/why-not-signed.ts';
import { exampleParams } from './params.ts';

const dayMs = 86_400_000;

/** Rows in a page, and ids in a batch, where a check does not need more. */
export const smallPage = 5;

export interface BenchOptions {
  /** Entries at the vendor; a few pages of them unless given. */
  readonly rows?: number;
  readonly behaviour?: Partial<Behaviour>;
  /** The definition's own figures in place of small ones. */
  readonly ownFigures?: boolean;
  /** One parent and one window only, so that all rows are in one list. */
  readonly oneList?: boolean;
  /** Walks what has changed, where the definition can; else each run walks all. */
  readonly inPart?: boolean;
  /** In batches, where the definition has them. */
  readonly batched?: boolean;
  readonly change?: (definition: StreamDefinition) => StreamDefinition;
}

/** One stream of a connector, a model vendor that fits its definition, and a virtual account that syncs it. */
export class Bench {
  readonly name: string;
  readonly definition: StreamDefinition;
  readonly world: SyncWorld;
  readonly model: ModelVendor;
  readonly parents: readonly string[] | null;
  /** Before anything was asked, epoch milliseconds. */
  readonly #start: number;
  #numbers = 0;

  private constructor(connector: Connector, stream: string, options: BenchOptions) {
    const original = connector.streams[stream];
    if (original === undefined) throw new Error(`${connector.title} has no stream ${stream}`);
    const changed = options.change?.(original) ?? original;
    this.definition = options.ownFigures === true ? changed : withSmallFigures(changed);
    this.name = `${connector.name}/${stream}`;
    const params = exampleParams(this.definition);
    this.parents = parentsOf(this.definition, params, options.oneList === true);
    const asked = withParams(this.definition, singleTexts(this.definition, params));
    const secret = Object.fromEntries(secretFields(connector).map((field) => [field, `made-up ${field}`]));
    this.world = new SyncWorld({
      connector: { ...connector, streams: { ...connector.streams, [stream]: asked } },
      streams: [this.name],
      settings: settingsOf(this.definition, this.parents, options),
      secret,
    });
    const { clock, deps } = this.world;
    this.#start = clock.now();
    const { definition, parents } = this;
    this.model = new ModelVendor({
      ...{ definition, baseUrl: deps.baseUrl, clock, params, parents },
      credentials: Object.values(secret),
      whyNotSigned: (request) =>
        whyNotSigned(connector.authentication, secret, request) ??
        whyNotWithConstants(connector, definition, request),
    });
    this.model.behaviour = { ...usualBehaviour, ...options.behaviour };
    const count = options.rows ?? this.usualRows;
    for (let index = 0; index < count; index += 1) {
      this.model.rows.push(this.row(index, this.#timeOf(index, count, options.oneList === true)));
    }
    this.world.vendor.handle(this.model.answer);
  }

  static async of(connector: Connector, stream: string, options: BenchOptions = {}): Promise<Bench> {
    const bench = new Bench(connector, stream, options);
    await bench.#storeParents();
    await grantTokens(connector, bench.world);
    return bench;
  }

  get usualRows(): number {
    return smallPage * 3 + 2;
  }

  /** A row that is nobody's yet. @param key its place among the others */
  row(key: number, at: number): ModelRow {
    const number = this.#numbers++;
    const parent = this.parents === null ? null : (this.parents[number % this.parents.length] ?? null);
    const within = this.parents === null ? number : Math.floor(number / this.parents.length);
    return { number, key, parent, within, at, version: 1, flicker: 1 };
  }

  /** Each in a second of its own, not at the beginning of one; over all that a first run asks for. */
  #timeOf(index: number, count: number, recent: boolean): number {
    const { windows, changes } = this.definition;
    if (changes !== undefined) return this.#start - (count - index) * 60_000 - 1000;
    if (windows === undefined) return this.#start - 1000;
    const margin = windows.format === 'date' ? 2 * dayMs : 60_000;
    const history = windows.historyDays * dayMs - margin - dayMs / 2;
    const span = recent ? Math.min(1, windows.days) * dayMs : history;
    return this.#start - margin - span + Math.floor((span * index) / count) + 500;
  }

  async #storeParents(): Promise<void> {
    const { parents } = this.definition;
    if (parents === undefined || 'param' in parents) return;
    const stream = `${this.name.split('/')[0] ?? ''}/${parents.stream}`;
    const rows = (this.parents ?? []).map((id) => ({ id, json: '{}', hash: id }));
    const { records, clock } = this.world;
    await records.upsert(stream, rows, { at: clock.now(), run: 'run-1' }, new AbortController().signal);
  }

  /** A whole run: a tick, and everything that comes of it. */
  async run(): Promise<Checkpoint> {
    await this.tick();
    return this.settle();
  }

  /** The first page of the next run. Some time has passed since the last one. */
  async tick(): Promise<PageReport> {
    await this.world.clock.advance(15 * 60_000);
    return this.world.tick(this.name);
  }

  /** Lets everything come to rest, with the watchdog's help where no message carries the run. */
  async settle(): Promise<Checkpoint> {
    for (let round = 0; round < 5; round += 1) {
      await this.world.drain();
      const { state } = await this.checkpoint();
      if (state !== 'running' && state !== 'parked') break;
      await this.world.clock.advance(15 * 60_000);
      await this.world.watch();
    }
    return this.checkpoint();
  }

  checkpoint(): Promise<Checkpoint> {
    return this.world.checkpoint(this.name);
  }

  /** Live records, and tombstones, by id; each with its JSON. */
  async stored(): Promise<{
    readonly live: ReadonlyMap<string, string>;
    readonly deleted: ReadonlySet<string>;
  }> {
    const live = new Map<string, string>();
    const deleted = new Set<string>();
    for await (const { id, json, deletedAt } of this.world.records.scan(this.name)) {
      if (deletedAt === null) live.set(id, json ?? '');
      else deleted.add(id);
    }
    return { live, deleted };
  }

  /** Whether a run that begins now asks for what happened then. */
  reachesBack(at: number): boolean {
    const { windows } = this.definition;
    if (windows === undefined) return true;
    const margin = windows.format === 'date' ? dayMs : 60 * 60_000;
    return at > this.world.clock.now() - windows.lookBackHours * 3_600_000 + margin;
  }

  /** Records written in all invocations so far. */
  get written(): number {
    return this.world.reports.reduce((sum, { written }) => sum + written, 0);
  }
}

/** Small figures, so that few rows make many pages, windows and batches. */
function withSmallFigures(definition: StreamDefinition): StreamDefinition {
  const { windows, batches } = definition;
  return {
    ...definition,
    ...(windows && { windows: { ...windows, historyDays: Math.min(windows.historyDays, 3 * windows.days) } }),
    ...(batches && { batches: { ...batches, size: Math.min(batches.size, smallPage) } }),
  };
}

function parentsOf(
  { parents }: StreamDefinition,
  params: Readonly<Record<string, readonly string[]>>,
  one: boolean,
): readonly string[] | null {
  if (parents === undefined) return null;
  const all = 'param' in parents ? (params[parents.param] ?? []) : ['7', 'made/up 2-A', 'zeta'];
  return one ? all.slice(0, 1) : all;
}

/** What settings put into the definition itself. */
function singleTexts(
  { params = {} }: StreamDefinition,
  values: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, string>> {
  const single = Object.keys(params).filter((name) => params[name]?.many !== true);
  return Object.fromEntries(single.map((name) => [name, values[name]?.[0] ?? '']));
}

function settingsOf(
  { paging, parents, batches, changes }: StreamDefinition,
  chosen: readonly string[] | null,
  { ownFigures, batched, inPart }: BenchOptions,
): Partial<StreamSettings> {
  return {
    ...(pageSizeIn(paging) !== null && ownFigures !== true && { pageSize: smallPage }),
    ...(parents !== undefined && 'param' in parents && { params: { [parents.param]: chosen ?? [] } }),
    ...(changes !== undefined && inPart !== true && { reconcileMs: 0 }),
    ...(batches !== undefined && { batchOver: batched === true ? 0 : Infinity }),
  };
}
