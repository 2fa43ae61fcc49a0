import { pagesInMemory, type Claimed } from './checkpoint.ts';
import { recall } from './recall.ts';
import type { Work } from './work.ts';

/** Whether a run that has come to its end was given as many rows as there are, for all that the vendor says. */
export type Shortfall =
  | { readonly kind: 'none' }
  /** Fewer than the vendor ever said there are, and not because a page was short. */
  | { readonly kind: 'short'; readonly reason: string }
  /** What it was given cannot be counted: then nothing may be deleted either. */
  | { readonly kind: 'uncounted'; readonly reason: string };

/** @param last digests of the last page's rows, which are in no memory yet */
export async function shortfall(
  total: number | null,
  last: readonly string[],
  claimed: Claimed,
  work: Work,
): Promise<Shortfall> {
  const totals = [claimed.progress.total, total].filter((one) => one !== null);
  if (totals.length === 0) return { kind: 'none' };
  // Its own page is known without reading.
  const before =
    pagesInMemory(claimed) === 0
      ? { kind: 'known' as const, seen: new Set<string>() }
      : await recall(claimed, work);
  if (before.kind === 'unknown') return { kind: 'uncounted', reason: before.reason };
  // Not one set of them all: for a long list there is no room for two.
  const { seen } = before;
  const given = seen.size + [...new Set(last)].filter((digest) => !seen.has(digest)).length;
  const min = Math.min(...totals);
  return given < min
    ? { kind: 'short', reason: `the vendor counts ${min} rows and gave ${given} different ones` }
    : { kind: 'none' };
}
