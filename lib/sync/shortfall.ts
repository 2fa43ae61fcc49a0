import { pagesInMemory, type Checkpoint } from './checkpoint.ts';
import type { Work } from './work.ts';

/** Fewer rows than the vendor ever said there are, and not because a page was short. @returns the reason, or null */
export async function shortfall(
  total: number | null,
  last: readonly string[],
  held: Checkpoint,
  { deps, stream }: Work,
): Promise<string | null> {
  const { run, progress } = held;
  const totals = [progress?.total ?? null, total].filter((one) => one !== null);
  if (totals.length === 0) return null;
  const pages = pagesInMemory(held);
  // Its own page is known without asking.
  const before = pages === 0 ? new Set<string>() : await deps.seenRows.recall(stream.name, run ?? '', pages);
  // What has been forgotten cannot be counted; nothing is deleted then either.
  if (before === null) return null;
  // Not one set of them all: for a long list there is no room for two.
  const seen = before.size + [...new Set(last)].filter((digest) => !before.has(digest)).length;
  const least = Math.min(...totals);
  return seen < least ? `the vendor counts ${least} rows and gave ${seen} different ones` : null;
}
