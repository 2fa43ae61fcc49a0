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

/**
 * The lines of a run as far as they have been published: each once, however often it was. Null if there are none.
 * @param startedAt of the run, epoch milliseconds
 */
export async function linesOfRun(
  { stream, run, startedAt }: { readonly stream: string; readonly run: string; readonly startedAt: number },
  log: Pick<LogReader, 'list' | 'read'> & RunSummaryReader,
): Promise<RunLines | null> {
  const keys: string[] = [];
  for await (const key of log.list(changesOf(stream), beginningAt(stream, startedAt - settledAfterMs)))
    if (readChangeKey(key) !== null) keys.push(key);
  const found: { readonly key: string; readonly part: RunPart }[] = [];
  for (let at = 0; at < keys.length; at += atOnce) {
    const parts = await Promise.all(
      keys.slice(at, at + atOnce).map(async (key) => ({ key, part: (await partsIn(key, log))[run] })),
    );
    for (const { key, part } of parts) if (part !== undefined) found.push({ key, part });
  }
  if (found.length === 0) return null;
  const moments = found.map(({ key }) => readChangeKey(key)?.publishedAt ?? 0);
  const counts = overlap(found.map(({ part }) => part))
    ? countsOf(
        await differentLines(
          found.map(({ key }) => key),
          run,
          log,
        ),
      )
    : sum(found.map(({ part }) => part.counts));
  return { from: Math.min(...moments), to: Math.max(...moments) + 1, counts };
}

async function partsIn(
  key: string,
  log: Pick<LogReader, 'read'> & RunSummaryReader,
): Promise<Readonly<Record<string, RunPart | undefined>>> {
  const summary = await log.readSummary(key);
  if (summary !== null) return summaries.parse(JSON.parse(summary));
  return partsOf(((await log.read(key)) ?? []).map(parseLine));
}

/** Some lines may be in two objects: a batch has come twice, or its shard is another one. */
function overlap(parts: readonly RunPart[]): boolean {
  const sorted = [...parts].sort((a, b) => (a.first < b.first ? -1 : 1));
  return sorted.some((part, index) => part.first <= (sorted[index - 1]?.last ?? ''));
}

async function differentLines(
  keys: readonly string[],
  run: string,
  log: Pick<LogReader, 'read'>,
): Promise<readonly Change[]> {
  const lines = new Map<string, Change>();
  for (const key of keys) {
    for (const change of ((await log.read(key)) ?? []).map(parseLine))
      if (change.run === run) lines.set(`${change.sequence}/${change.id}`, change);
  }
  return [...lines.values()];
}

function sum(all: readonly LineCounts[]): LineCounts {
  const total = { ...noLines };
  for (const one of all) for (const op of Object.keys(noLines) as (keyof LineCounts)[]) total[op] += one[op];
  return total;
}
