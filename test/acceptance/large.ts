import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Connector } from '../../lib/connectors/connector.ts';
import type { Records, SeenRows } from '../../lib/sync/ports.ts';
import { Bench } from './bench.ts';
import { Failed, Subject, demand, demandOutcome, isPaged } from './check.ts';
import type { Result } from './run-acceptance.ts';

const entries = 100_000;
/** What may be in use after a page beyond what was before the first one, MB: no more with many pages than with few. */
const maxMb = 16;
const mb = 1024 * 1024;

/** Walks 100,000 rows of a paged stream, and measures what is in use once each page is done. */
export async function* walkLargely(
  connector: Connector,
  stream: string,
): AsyncGenerator<Result, void, undefined> {
  if (!isPaged(new Subject(connector, stream).definition)) return;
  const named = { stream: `${connector.name}/${stream}`, check: '100,000 records in flat memory' };
  const began = performance.now();
  const took = (): number => Math.round(performance.now() - began);
  try {
    const sentence = await walkOne(connector, stream);
    yield { ...named, passed: true, sentence, milliseconds: took() };
  } catch (error) {
    const sentence = error instanceof Error ? error.message : 'it broke';
    if (!(error instanceof Failed)) throw error;
    yield { ...named, passed: false, sentence, milliseconds: took() };
  }
}

async function walkOne(connector: Connector, stream: string): Promise<string> {
  const bench = await Bench.of(connector, stream, { rows: entries, ownFigures: true, oneList: true });
  const { world } = bench;
  const stored = forgetRecords(bench.name, world.records);
  keepSeenRowsOutside(world.seenRows);
  bench.model.forgets = true;
  const collect = garbageCollector();
  const inUse = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  await bench.tick();
  const before = inUse();
  const samples: number[] = [];
  let pages = 1;
  for (;;) {
    const report = await world.deliver();
    world.reports.length = 0;
    world.vendor.requests.splice(0);
    if (report === undefined) {
      const next = Math.min(...world.queue.contents.map(({ visibleAt }) => visibleAt));
      if (!Number.isFinite(next)) break;
      await world.clock.advance(Math.max(0, next - world.clock.now()));
      continue;
    }
    pages += report.requests;
    // A collection takes longer than a page.
    if (pages % 50 === 0 || pages < 20) samples.push((inUse() - before) / mb);
  }
  demandOutcome(await bench.checkpoint(), 'complete');
  demand(bench.model.faults.length === 0, bench.model.faults[0] ?? '');
  demand(stored.count >= entries, `only ${stored.count} records were stored`);
  const peak = Math.max(...samples);
  const half = samples.length >> 1;
  const [early, late] = [mean(samples.slice(0, half)), mean(samples.slice(half))];
  const figures = `${stored.count} records, ${pages} pages, at most ${peak.toFixed(1)} MB beyond the first page`;
  demand(peak <= maxMb, `${figures}: more than ${maxMb} MB`);
  demand(late - early <= 4, `${figures}: ${(late - early).toFixed(1)} MB more in the second half`);
  return `${figures} (first half ${early.toFixed(1)} MB, second half ${late.toFixed(1)} MB on average)`;
}

/** In AWS the records are in a table. Here they are only counted, so that they do not count as memory. */
function forgetRecords(name: string, records: Records): { count: number } {
  const stored = { count: 0 };
  records.upsert = (_stream, rows) => {
    stored.count += rows.length;
    return Promise.resolve({ kind: 'stored', written: rows.length, unchanged: 0 });
  };
  const list = records.list.bind(records);
  // Those of the parents are there.
  records.list = (stream, ...rest) =>
    stream === name ? Promise.resolve({ keys: [], last: null }) : list(stream, ...rest);
  return stored;
}

/** So are the digests of the rows: kept in buffers, which are not on the heap. */
function keepSeenRowsOutside(seenRows: SeenRows): void {
  const pages = new Map<number, Buffer>();
  seenRows.remember = (_stream, _run, page, { digests }) => {
    pages.set(page, Buffer.from(digests.join(' ')));
    return Promise.resolve();
  };
  seenRows.recall = (_stream, _run, count) => {
    const kept = Array.from({ length: count }, (_, page) => pages.get(page));
    if (kept.includes(undefined)) return Promise.resolve('forgotten');
    return Promise.resolve(new Set(kept.flatMap((page) => page?.toString().split(' ') ?? [])));
  };
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
