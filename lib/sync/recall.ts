import type { Seen } from '../paging/digest.ts';
import { pagesInMemory, type Checkpoint, type Claimed } from './checkpoint.ts';
import type { Recalled } from './ports.ts';
import { leaseMarginSeconds } from './settings.ts';
import type { SyncDependencies, Work } from './work.ts';

/**
 * So long before its time is over a function stops reading, in milliseconds: 8 million digests are sorted in 3 s, a list of records
 * is looked through in a second, and storing what it came to is a few writes.
 */
const reserveMs = 10_000;

export type Recollection =
  | { readonly kind: 'known'; readonly seen: Seen }
  /** In words that say what stands against deleting anything. */
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * All that the run has seen, from page `from` of its memory on. It is never a reason for a run not to come to its end: where it
 * cannot be read it is unknown, and so it is, without reading, in the last of as many tries as are allowed, and in one of as many
 * probes. The tries before may have died of it.
 */
export async function recall(
  claimed: Claimed,
  {
    deps,
    stream,
    signal,
  }: Pick<Work, 'stream' | 'signal'> & { readonly deps: Pick<SyncDependencies, 'seenRows'> },
  from = 0,
): Promise<Recollection> {
  if (claimed.attempt % stream.settings.attemptCap === 0) return unknown('given up');
  const within = { until: stopAt(claimed), signal };
  const recalled = await deps.seenRows.recall(stream.name, claimed.run, pagesInMemory(claimed), within, from);
  return typeof recalled === 'string' ? unknown(recalled) : { kind: 'known', seen: recalled };
}

/** From when on this invocation begins nothing that can wait, epoch milliseconds. */
export function stopAt({ lease }: Checkpoint): number {
  return (lease?.until ?? Infinity) - leaseMarginSeconds * 1000 - reserveMs;
}

function unknown(why: keyof typeof reasons): Recollection {
  return { kind: 'unknown', reason: reasons[why] };
}

const reasons = {
  forgotten: 'what the run has seen has been forgotten',
  'too many': 'the run has seen more rows than fit into memory',
  'too slow': 'what the run has seen takes longer to read than a function has',
  'given up': 'the tries to read what the run has seen have failed',
} satisfies Record<Extract<Recalled, string> | 'given up', string>;
