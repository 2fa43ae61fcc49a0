import * as z from 'zod';

import { changeOps, type Change, type ChangeOp } from './change.ts';
import { parseLine } from './line.ts';
import { beginningAt, changesOf, readChangeKey } from './object-key.ts';
import type { LogReader, RunSummaryReader } from './ports.ts';
import { settledAfterMs } from './read-changes.ts';

/** How many lines there are of each kind. */
export type LineCounts = Readonly<Record<Exclude<ChangeOp, 'gap' | 'snapshot'>, number>>;

export const noLines: LineCounts = { created: 0, changed: 0, deleted: 0, restored: 0, erased: 0 };

export function countsOf(changes: readonly Pick<Change, 'op'>[]): LineCounts {
  const counts = { ...noLines };
  for (const { op } of changes) if (op in counts) counts[op as keyof LineCounts] += 1;
  return counts;
}

/** What an object holds of one run. */
interface RunPart {
  readonly counts: LineCounts;
  /** Sequences. */
  readonly first: string;
  readonly last: string;
}

const counts = z.record(z.enum(changeOps).exclude(['gap', 'snapshot']), z.int().nonnegative());
const summaries = z.record(z.string(), z.object({ counts, first: z.string(), last: z.string() }));

/** Of an object's metadata, of which S3 takes 2 KB. */
const maxSummary = 1500;

/** What an object holds of each run, as text, so that nobody has to read it to know; null where that is too long. */
export function summaryOf(changes: readonly Change[]): string | null {
  const text = JSON.stringify(partsOf(changes));
  return text.length <= maxSummary ? text : null;
}

function partsOf(changes: readonly Change[]): Readonly<Record<string, RunPart>> {
  const byRun = Map.groupBy(changes, ({ run }) => run);
  byRun.delete(null);
  return Object.fromEntries(
    [...byRun].map(([run, ofRun]): [string, RunPart] => {
      const sequences = ofRun.map(({ sequence }) => sequence).sort();
      return [
        run ?? '',
        { counts: countsOf(ofRun), first: sequences[0] ?? '', last: sequences.at(-1) ?? '' },
      ];
    }),
  );
}

/** Where the lines of a run are in the log: all that were published at or after `from` and before `to` (epoch milliseconds). */
export interface RunLines {
  readonly from: number;
  readonly to: number;
  readonly counts: LineCounts;
}

/** So many objects are asked for what they hold at a time. */
const atOnce = 16;

export interface RunToFind {
  readonly stream: string;
  readonly run: string;
  /** Epoch milliseconds: no line of it was published before. */
  readonly startedAt: number;
  /** Epoch milliseconds: lines that were published then or later are not looked for. */
  readonly until: number;
}

type RunReader = Pick<LogReader, 'list' | 'read'> & RunSummaryReader;

/**
 * The lines of a run as far as they have been published: each once, however often it was.
 *
 * @param mayGoOn is asked before each step: a long run has many objects
 * @returns null if there are none; `too slow` if it was told to stop
 */
export async function linesOfRun(
  { stream, run, startedAt, until }: RunToFind,
  log: RunReader,
  mayGoOn: () => boolean,
): Promise<RunLines | null | 'too slow'> {
  const keys: string[] = [];
  for await (const key of log.list(changesOf(stream), beginningAt(stream, startedAt - settledAfterMs))) {
    const named = readChangeKey(key);
    if (named !== null && named.publishedAt >= until) break;
    if (named !== null) keys.push(key);
  }
  const found: Found[] = [];
  for (let at = 0; at < keys.length; at += atOnce) {
    if (!mayGoOn()) return 'too slow';
    const parts = await Promise.all(
      keys.slice(at, at + atOnce).map(async (key) => ({ key, part: (await partsIn(key, log))[run] })),
    );
    for (const { key, part } of parts) if (part !== undefined) found.push({ key, part });
  }
  if (found.length === 0) return null;
  const { alone, doubtful } = overlapsIn(found);
  const ops = await differentOps(doubtful, run, log, mayGoOn);
  if (ops === 'too slow') return ops;
  const moments = found.map(({ key }) => readChangeKey(key)?.publishedAt ?? 0);
  const counts = sum([...alone.map(({ part }) => part.counts), countsOf(ops)]);
  return { from: Math.min(...moments), to: Math.max(...moments) + 1, counts };
}

interface Found {
  readonly key: string;
  readonly part: RunPart;
}

async function partsIn(key: string, log: RunReader): Promise<Readonly<Record<string, RunPart | undefined>>> {
  const summary = await log.readSummary(key);
  if (summary !== null) return summaries.parse(JSON.parse(summary));
  return partsOf(((await log.read(key)) ?? []).map(parseLine));
}

/** Lines may be in two objects where their sequences overlap: a batch has come twice, or two shards have it. */
function overlapsIn(found: readonly Found[]): {
  readonly alone: readonly Found[];
  readonly doubtful: readonly Found[];
} {
  const sorted = [...found].sort((a, b) => (a.part.first < b.part.first ? -1 : 1));
  const doubtful = new Set<Found>();
  let furthest: Found | null = null;
  for (const one of sorted) {
    if (furthest !== null && one.part.first <= furthest.part.last) doubtful.add(one).add(furthest);
    if (furthest === null || one.part.last > furthest.part.last) furthest = one;
  }
  return { alone: sorted.filter((one) => !doubtful.has(one)), doubtful: [...doubtful] };
}

async function differentOps(
  doubtful: readonly Found[],
  run: string,
  log: Pick<LogReader, 'read'>,
  mayGoOn: () => boolean,
): Promise<readonly Pick<Change, 'op'>[] | 'too slow'> {
  const ops = new Map<string, Pick<Change, 'op'>>();
  for (const { key } of doubtful) {
    if (!mayGoOn()) return 'too slow';
    for (const line of (await log.read(key)) ?? []) {
      const { run: other, sequence, id, op } = parseLine(line);
      if (other === run) ops.set(`${sequence}/${id}`, { op });
    }
  }
  return [...ops.values()];
}

function sum(all: readonly LineCounts[]): LineCounts {
  const total = { ...noLines };
  for (const one of all) for (const op of Object.keys(noLines) as (keyof LineCounts)[]) total[op] += one[op];
  return total;
}
